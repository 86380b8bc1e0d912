*mangle
%ipv4
:PREROUTING,INPUT,FORWARD,OUTPUT,POSTROUTING,copy
-j TEE --gateway 192.0.2.1;=;OK
:PREROUTING
-p tcp -j TEE --gateway 192.0.2.1 --oif eth0;=;OK
-j TEE --oif abcdefghijklmno --gateway 192.0.2.1;-j TEE --gateway 192.0.2.1 --oif abcdefghijklmno;OK
-j TEE --gateway 192.0.2.1 --oif eth+;=;OK
-j TEE --gateway 192.1;-j TEE --gateway 192.0.0.1;OK
-j TEE;;FAIL
-j TEE --oif eth0;;FAIL
-j TEE --gateway;;FAIL
-j TEE --gateway 0.0.0.0;;FAIL
-j TEE --gateway 192.0.2.1/32;;FAIL
-j TEE --gateway 192.0.2.256;;FAIL
-j TEE --gateway 2001:db8::1;;FAIL
-j TEE --gateway localhost;;FAIL;both prints -j TEE --gateway 127.0.0.1 because iptables looks names up
-j TEE ! --gateway 192.0.2.1;;FAIL
-j TEE --gateway 192.0.2.1 --gateway 192.0.2.2;;FAIL
-j TEE --gateway 192.0.2.1 --oif abcdefghijklmnop;;FAIL;both prints -j TEE --gateway 192.0.2.1 --oif abcdefghijklmno because iptables cuts the name to 15 bytes
-j TEE --gateway 192.0.2.1 --oif "";;FAIL;both prints -j TEE --gateway 192.0.2.1 because iptables forgets an empty name
-j TEE --gateway 192.0.2.1 --oif "a b";;FAIL;both prints -j TEE --gateway 192.0.2.1 --oif a b because iptables-save does not quote the name
*filter
:INPUT
-j TEE --gateway 192.0.2.1;=;OK
*nat
:POSTROUTING
-j TEE --gateway 192.0.2.1;=;OK
*raw
:OUTPUT
-j TEE --gateway 192.0.2.1;=;OK
*mangle
%ipv6
:FORWARD
-j TEE --gateway 2001:DB8::0:1 --oif eth1;-j TEE --gateway 2001:db8::1 --oif eth1;OK
-j TEE --gateway fe80::1;=;OK
-j TEE --gateway ::;;FAIL
-j TEE --gateway fe80::1%lo;;FAIL;both prints -j TEE --gateway fe80::1 because iptables forgets the scope
-j TEE --gateway 192.0.2.1;;FAIL
