*mangle
:PREROUTING,INPUT,FORWARD,OUTPUT,POSTROUTING,own
-j TTL --ttl-set 0;=;OK
-j TTL --ttl-set 255;=;OK
-j TTL --ttl-set 0x40;-j TTL --ttl-set 64;OK
-j TTL --ttl-dec 1;=;OK
-j TTL --ttl-dec 0377;-j TTL --ttl-dec 255;OK
-j TTL --ttl-inc 1;=;OK
-j TTL --ttl-i=255;-j TTL --ttl-inc 255;OK
-p icmp -j TTL --ttl-inc 2;=;OK
-j TTL;;FAIL
-j TTL --ttl-set;;FAIL
-j TTL --ttl-set 256;;FAIL
-j TTL --ttl-set -1;;FAIL
-j TTL --ttl-set 1x;;FAIL
-j TTL --ttl-dec 0;;FAIL
-j TTL --ttl-inc 0;;FAIL
-j TTL --ttl-inc 256;;FAIL
-j TTL --ttl-set 1 --ttl-set 1;;FAIL
-j TTL --ttl-set 1 --ttl-dec 1;;FAIL
-j TTL --ttl-inc 1 --ttl-dec 1;;FAIL
-j TTL ! --ttl-set 1;;FAIL
-j TTL --ttl 1;;FAIL
*filter
:INPUT,FORWARD
-j TTL --ttl-set 1;;FAIL
*raw
:PREROUTING
-j TTL --ttl-set 1;;FAIL
*nat
:POSTROUTING
-j TTL --ttl-set 1;;FAIL
