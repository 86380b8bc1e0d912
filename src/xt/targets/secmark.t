*mangle
:PREROUTING,INPUT,FORWARD,OUTPUT,POSTROUTING
-j SECMARK --selctx system_u:object_r:http_packet_t:s0;=;OK;both FAIL this kernel runs without SELinux
-j SECMARK --sel=u:r:t:s0-s0:c0.c1023;-j SECMARK --selctx u:r:t:s0-s0:c0.c1023;OK;both FAIL this kernel runs without SELinux
-j SECMARK --selctx xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx;=;OK;both FAIL this kernel runs without SELinux
-j SECMARK;;FAIL
-j SECMARK --selctx;;FAIL
-j SECMARK --selctx=;;FAIL
-j SECMARK --selctx "a b";;FAIL
-j SECMARK --selctx xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx;;FAIL
-j SECMARK --selctx a:b:c --selctx a:b:c;;FAIL
-j SECMARK ! --selctx a:b:c;;FAIL
*security
:INPUT,FORWARD,OUTPUT
-j SECMARK --selctx system_u:object_r:http_packet_t:s0;=;OK;both FAIL this kernel runs without SELinux
*filter
:INPUT
-j SECMARK --selctx system_u:object_r:http_packet_t:s0;;FAIL
*raw
:PREROUTING
-j SECMARK --selctx system_u:object_r:http_packet_t:s0;;FAIL
