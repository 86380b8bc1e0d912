*mangle
%ipv4
:PREROUTING,divert
-p tcp -j TPROXY --on-port 3129 --on-ip 127.0.0.1 --tproxy-mark 0x1/0x1;=;OK
-p udp -j TPROXY --on-port 5353;-p udp -j TPROXY --on-port 5353 --on-ip 0.0.0.0 --tproxy-mark 0x0/0x0;OK
:PREROUTING
-p tcp -j TPROXY --tproxy-mark 7 --on-port 0;-p tcp -j TPROXY --on-port 0 --on-ip 0.0.0.0 --tproxy-mark 0x7/0xffffffff;OK
-p tcp -j TPROXY --on-port 65535 --tproxy-mark 0xff/0xf;-p tcp -j TPROXY --on-port 65535 --on-ip 0.0.0.0 --tproxy-mark 0xff/0xf;OK
-p tcp -j TPROXY --on-port 010;-p tcp -j TPROXY --on-port 10 --on-ip 0.0.0.0 --tproxy-mark 0x0/0x0;OK
-p tcp -j TPROXY --on-port ntp;-p tcp -j TPROXY --on-port 123 --on-ip 0.0.0.0 --tproxy-mark 0x0/0x0;OK
-p udp -j TPROXY --on-port http --on-ip 127.1;-p udp -j TPROXY --on-port 80 --on-ip 127.0.0.1 --tproxy-mark 0x0/0x0;OK
-p tcp -j TPROXY;;FAIL
-p tcp -j TPROXY --on-ip 127.0.0.1;;FAIL
-p tcp -j TPROXY --on-port 65536;;FAIL;both prints -p tcp -j TPROXY --on-port 0 --on-ip 0.0.0.0 --tproxy-mark 0x0/0x0 because iptables keeps the low 16 bits
-p tcp -j TPROXY --on-port "";;FAIL;both prints -p tcp -j TPROXY --on-port 0 --on-ip 0.0.0.0 --tproxy-mark 0x0/0x0 because iptables reads an empty port as 0
-p tcp -j TPROXY --on-port 0x50;;FAIL
-p tcp -j TPROXY --on-port -1;;FAIL
-p tcp -j TPROXY --on-port 80:90;;FAIL
-p tcp -j TPROXY --on-port nosuchservice;;FAIL
-p tcp -j TPROXY --on-port 1 --on-port 2;;FAIL
-p tcp -j TPROXY ! --on-port 1;;FAIL
-p tcp -j TPROXY --on-port 1 --on-ip ::1;;FAIL
-p tcp -j TPROXY --on-port 1 --on-ip 127.0.0.1/32;;FAIL
-p tcp -j TPROXY --on-port 1 --on-ip localhost;;FAIL;both prints -p tcp -j TPROXY --on-port 1 --on-ip 127.0.0.1 --tproxy-mark 0x0/0x0 because iptables looks names up
-p tcp -j TPROXY --on-port 1 --tproxy-mark 0x100000000;;FAIL
-p tcp -j TPROXY --on-port 1 --tproxy-mark 1/;;FAIL
-j TPROXY --on-port 1;;FAIL
! -p tcp -j TPROXY --on-port 1;;FAIL
-p sctp -j TPROXY --on-port 1;;FAIL
:INPUT,FORWARD,OUTPUT,POSTROUTING
-p tcp -j TPROXY --on-port 1;;FAIL
*nat
:PREROUTING
-p tcp -j TPROXY --on-port 1;;FAIL
*mangle
%ipv6
-p tcp -j TPROXY --on-port 3129 --on-ip 2001:db8::1 --tproxy-mark 0x1/0x1;=;OK
-p udp -j TPROXY --on-port 53;-p udp -j TPROXY --on-port 53 --on-ip :: --tproxy-mark 0x0/0x0;OK
-p tcp -j TPROXY --on-port 1 --on-ip 192.0.2.1;;FAIL
-p ipv6-icmp -j TPROXY --on-port 1;;FAIL
