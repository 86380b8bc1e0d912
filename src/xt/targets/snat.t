*nat
%ipv4
:POSTROUTING,INPUT,lan
-j SNAT --to-source 192.0.2.1;=;OK
-j SNAT --to-source 192.0.2.1-192.0.2.9 --persistent;=;OK
-p tcp -j SNAT --to-source 192.0.2.1:1024-65535;=;OK
:POSTROUTING
-p udp -j SNAT --to-source :500;=;OK
-p udp -j SNAT --to-source 192.0.2.1:isakmp;-p udp -j SNAT --to-source 192.0.2.1:500;OK
-p icmp -j SNAT --to-source 192.0.2.1:1-2;=;OK
-j SNAT --to-source 192.0.2.1 --random;=;OK
-j SNAT --to-source 192.0.2.1 --random-fully;=;OK
-j SNAT --persistent --random-fully --random --to-source 192.0.2.1;-j SNAT --to-source 192.0.2.1 --random --random-fully --persistent;OK
! -p udp -j SNAT --to-source 192.0.2.1:9;=;OK
-j SNAT --to-source 192.0.2.9-192.0.2.1;=;OK
-j SNAT;;FAIL
-j SNAT --persistent;;FAIL
-j SNAT --to-source 192.0.2.1 --to-source 192.0.2.2;;FAIL
-j SNAT ! --to-source 192.0.2.1;;FAIL
-j SNAT --to-source 192.0.2.1 ! --random;;FAIL
-j SNAT --to-source 192.0.2.1:80;;FAIL
-p esp -j SNAT --to-source 192.0.2.1:80;;FAIL
-p tcp -j SNAT --to-source 192.0.2.1:80-70;;FAIL
-p tcp -j SNAT --to-source 192.0.2.1:1000-2000/500;;FAIL;both prints -p tcp -j SNAT --to-source 192.0.2.1:1000-2000/0 because iptables loses the base
-p tcp -j SNAT --to-source 12:80;;FAIL;both prints -p tcp -j SNAT --to-source :80 because iptables ignores two characters before the colon
-j SNAT --to-source 192.0.2.256;;FAIL
-j SNAT --to-source gw.example.net;;FAIL
-j SNAT --to-destination 192.0.2.1;;FAIL
:PREROUTING,OUTPUT
-j SNAT --to-source 192.0.2.1;;FAIL
*mangle
:POSTROUTING
-j SNAT --to-source 192.0.2.1;;FAIL
*nat
%ipv6
-j SNAT --to-source 2001:db8::1-2001:db8::2 --random;=;OK
-p tcp -j SNAT --to-source [2001:db8::1-2001:db8::2]:1024-2048 --random-fully --persistent;=;OK
-p udp -j SNAT --to-source :53;=;OK
-p tcp -j SNAT --to-source [2001:db8::1]:1000-2000/500;;FAIL;both prints -p tcp -j SNAT --to-source [2001:db8::1]:1000-2000/0 because iptables loses the base
-j SNAT --to-source [2001:db8::1]:53;;FAIL
-j SNAT --to-source 192.0.2.1;;FAIL
