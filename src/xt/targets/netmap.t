*nat
%ipv4
:PREROUTING,INPUT,OUTPUT,POSTROUTING,nets
-j NETMAP --to 192.0.2.0/24;=;OK
:PREROUTING
-d 10.0.0.0/16 -j NETMAP --to 172.16.0.0/16;=;OK
-j NETMAP --to 192.0.2.77/24;-j NETMAP --to 192.0.2.0/24;OK
-j NETMAP --to 192.0.2.77;-j NETMAP --to 192.0.2.77/32;OK
-j NETMAP --to 192.0.2.77/255.255.255.240;-j NETMAP --to 192.0.2.64/28;OK
-j NETMAP --to 192.0.2.77/0x18;-j NETMAP --to 192.0.2.0/24;OK
-j NETMAP --to 192.0.2.77/0;-j NETMAP --to 0.0.0.0/0;OK
-j NETMAP --to 10.1/32;-j NETMAP --to 10.0.0.1/32;OK
-j NETMAP;;FAIL
-j NETMAP --to 192.0.2.0/24 --to 192.0.2.0/25;;FAIL
-j NETMAP ! --to 192.0.2.0/24;;FAIL
-j NETMAP --to 192.0.2.0/;;FAIL
-j NETMAP --to 192.0.2.0/x;;FAIL
-j NETMAP --to 192.0.2.0/33;;FAIL;both prints -j NETMAP --to 192.0.2.0/32 because iptables reads 33 as the address 0.0.0.33 and a mask with holes as /32
-j NETMAP --to 192.0.2.0/255.0.255.0;;FAIL;both prints -j NETMAP --to 192.0.2.0/32 because iptables takes a mask with holes for /32
-j NETMAP --to /24;;FAIL
-j NETMAP --to 192.0.2.0-192.0.2.255;;FAIL
-j NETMAP --to net.example.invalid/24;;FAIL
-j NETMAP --to 2001:db8::/64;;FAIL
*filter
:FORWARD
-j NETMAP --to 192.0.2.0/24;;FAIL
*nat
%ipv6
:PREROUTING,INPUT,OUTPUT,POSTROUTING,nets
-j NETMAP --to 2001:db8::/64;=;OK
:POSTROUTING
-j NETMAP --to 2001:DB8::7/64;-j NETMAP --to 2001:db8::/64;OK
-j NETMAP --to 2001:db8::7;-j NETMAP --to 2001:db8::7/128;OK
-j NETMAP --to 2001:db8:1::/ffff:ffff::;-j NETMAP --to 2001:db8::/32;OK
-j NETMAP --to 2001:db8::/ffff:0:ffff::;;FAIL;both prints -j NETMAP --to 2001:db8::/128 because iptables takes a mask with holes for /128
-j NETMAP --to 2001:db8::/129;;FAIL
-j NETMAP --to 192.0.2.0/24;;FAIL
