*mangle
:POSTROUTING,INPUT,pfx
-j SNPT --src-pfx fd00:1::/64 --dst-pfx 2001:db8:1::/64;=;OK
:POSTROUTING
-s fd00::/8 -j SNPT --src-pfx fd00:1:2::/48 --dst-pfx 2001:db8::/32;=;OK
-j SNPT --dst-pfx 2001:DB8::/48 --src-pfx fd00::/060;-j SNPT --src-pfx fd00::/48 --dst-pfx 2001:db8::/48;OK
-j SNPT --src-pfx fd00::/ffff:ffff:: --dst-pfx ::/64;-j SNPT --src-pfx fd00::/32 --dst-pfx ::/64;OK
-j SNPT --src-pfx 8000::/1 --dst-pfx ::/3;=;OK
-j SNPT;;FAIL
-j SNPT --src-pfx fd00::/64;;FAIL
-j SNPT --dst-pfx fd00::/64;;FAIL
-j SNPT --src-pfx fd00::/65 --dst-pfx 2001:db8::/64;;FAIL
-j SNPT --src-pfx fd00:: --dst-pfx 2001:db8::/64;;FAIL
-j SNPT --src-pfx fd00::1/64 --dst-pfx 2001:db8::/64;;FAIL
-j SNPT --src-pfx fd00::/64 --dst-pfx 2001:db8:0:1::/63;;FAIL
-j SNPT --src-pfx fd00::/0 --dst-pfx 2001:db8::/64;;FAIL
-j SNPT --src-pfx fd00::/ffff:0:ffff:: --dst-pfx 2001:db8::/64;;FAIL
-j SNPT --src-pfx fd00::/129 --dst-pfx 2001:db8::/64;;FAIL
-j SNPT --src-pfx 10.0.0.0/8 --dst-pfx 2001:db8::/64;;FAIL
-j SNPT ! --src-pfx fd00::/64 --dst-pfx 2001:db8::/64;;FAIL
-j SNPT --src-pfx fd00::/64 --src-pfx fd01::/64 --dst-pfx 2001:db8::/64;;FAIL
-j SNPT --src-pfx ::/0 --dst-pfx 2001:db8::/64;;FAIL;both prints -j SNPT --dst-pfx 2001:db8::/64 because iptables-save leaves ::/0 out
:PREROUTING,FORWARD,OUTPUT
-j SNPT --src-pfx fd00::/64 --dst-pfx 2001:db8::/64;;FAIL
*nat
:POSTROUTING
-j SNPT --src-pfx fd00::/64 --dst-pfx 2001:db8::/64;;FAIL
