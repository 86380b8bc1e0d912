*nat
:POSTROUTING,out
-j MASQUERADE;=;OK
-o eth0 -j MASQUERADE --random;=;OK
-j MASQUERADE --random-fully;=;OK
-p tcp -j MASQUERADE --to-ports 1024-65535;=;OK
:POSTROUTING
-p tcp -j MASQUERADE --random-fully --random --to-ports 80;-p tcp -j MASQUERADE --to-ports 80 --random --random-fully;OK
-p udp -j MASQUERADE --to-ports ntp;-p udp -j MASQUERADE --to-ports 123;OK
-p sctp -j MASQUERADE --to-ports 0;=;OK
-p dccp -j MASQUERADE --to-ports 7-7;-p dccp -j MASQUERADE --to-ports 7;OK
-p icmp -j MASQUERADE --to-ports 0x10-0x20;-p icmp -j MASQUERADE --to-ports 16-32;OK
! -p tcp -j MASQUERADE --to-ports 80;=;OK
-j MASQUERADE --persistent;;FAIL
-j MASQUERADE --to-ports 80;;FAIL
-p gre -j MASQUERADE --to-ports 80;;FAIL
-p tcp -j MASQUERADE --to-ports;;FAIL
-p tcp -j MASQUERADE --to-ports "";;FAIL
-p tcp -j MASQUERADE --to-ports :80;;FAIL
-p tcp -j MASQUERADE --to-ports 80:90;;FAIL
-p tcp -j MASQUERADE --to-ports 90-80;;FAIL
-p tcp -j MASQUERADE --to-ports 65536;;FAIL
-p tcp -j MASQUERADE --to-ports 80-90/100;;FAIL;both prints -p tcp -j MASQUERADE --to-ports 80-90/0 because iptables loses the base
-p tcp -j MASQUERADE --to-ports 80 --to-ports 90;;FAIL
-p tcp -j MASQUERADE ! --to-ports 80;;FAIL
-j MASQUERADE ! --random;;FAIL
-j MASQUERADE --to-source 192.0.2.1;;FAIL
:PREROUTING,INPUT,OUTPUT
-j MASQUERADE;;FAIL
*filter
:FORWARD
-j MASQUERADE;;FAIL
