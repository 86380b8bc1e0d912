*filter
:INPUT,FORWARD,syn
-p tcp -j SYNPROXY --sack-perm --timestamp --wscale 7 --mss 1460;=;OK
-p tcp -j SYNPROXY;=;OK
:INPUT
-p tcp -j SYNPROXY --ecn --mss 1 --wscale 0 --timestamp --sack-perm;-p tcp -j SYNPROXY --sack-perm --timestamp --wscale 0 --mss 1 --ecn;OK
-p tcp -j SYNPROXY --wscale 255 --mss 65535;=;OK
-p tcp -j SYNPROXY --mss 0x5b4 --wscale 017;-p tcp -j SYNPROXY --wscale 15 --mss 1460;OK
-p tcp -j SYNPROXY --mss 0;=;OK
-p tcp -j SYNPROXY --wscale 256;;FAIL;both prints -p tcp -j SYNPROXY --wscale 0 because iptables keeps the low 8 bits
-p tcp -j SYNPROXY --mss 65536;;FAIL;both prints -p tcp -j SYNPROXY --mss 0 because iptables keeps the low 16 bits
-p tcp -j SYNPROXY --mss 4294967296;;FAIL
-p tcp -j SYNPROXY --mss -1;;FAIL
-p tcp -j SYNPROXY --wscale x;;FAIL
-p tcp -j SYNPROXY --mss;;FAIL
-p tcp -j SYNPROXY --timestamps;;FAIL
-p tcp -j SYNPROXY --ecn --ecn;;FAIL
-p tcp -j SYNPROXY ! --sack-perm;;FAIL
-p tcp -j SYNPROXY --mss 1 --mss 2;;FAIL
-j SYNPROXY;;FAIL
-p udp -j SYNPROXY;;FAIL
! -p tcp -j SYNPROXY;;FAIL
:OUTPUT
-p tcp -j SYNPROXY;;FAIL
*mangle
:INPUT,FORWARD
-p tcp -j SYNPROXY --mss 1300;=;OK
:PREROUTING,OUTPUT,POSTROUTING
-p tcp -j SYNPROXY --mss 1300;;FAIL
*raw
:PREROUTING
-p tcp -j SYNPROXY;;FAIL
