*mangle
:PREROUTING,OUTPUT,pfx
-j DNPT --src-pfx fd00:1::/64 --dst-pfx 2001:db8:1::/64;=;OK
:PREROUTING
-s fd00::/8 -j DNPT --src-pfx fd00:1:2::/48 --dst-pfx 2001:db8::/32;=;OK
-j DNPT --dst-pfx 2001:DB8::/48 --src-pfx fd00::/060;-j DNPT --src-pfx fd00::/48 --dst-pfx 2001:db8::/48;OK
-j DNPT --src-pfx fd00::/ffff:ffff:: --dst-pfx ::/64;-j DNPT --src-pfx fd00::/32 --dst-pfx ::/64;OK
-j DNPT --src-pfx 8000::/1 --dst-pfx ::/3;=;OK
-j DNPT;;FAIL
-j DNPT --src-pfx fd00::/64;;FAIL
-j DNPT --dst-pfx fd00::/64;;FAIL
-j DNPT --src-pfx fd00::/65 --dst-pfx 2001:db8::/64;;FAIL
-j DNPT --src-pfx fd00:: --dst-pfx 2001:db8::/64;;FAIL
-j DNPT --src-pfx fd00::1/64 --dst-pfx 2001:db8::/64;;FAIL
-j DNPT --src-pfx fd00::/64 --dst-pfx 2001:db8:0:1::/63;;FAIL
-j DNPT --src-pfx fd00::/0 --dst-pfx 2001:db8::/64;;FAIL
-j DNPT --src-pfx fd00::/ffff:0:ffff:: --dst-pfx 2001:db8::/64;;FAIL
-j DNPT --src-pfx fd00::/129 --dst-pfx 2001:db8::/64;;FAIL
-j DNPT --src-pfx 10.0.0.0/8 --dst-pfx 2001:db8::/64;;FAIL
-j DNPT ! --src-pfx fd00::/64 --dst-pfx 2001:db8::/64;;FAIL
-j DNPT --src-pfx fd00::/64 --src-pfx fd01::/64 --dst-pfx 2001:db8::/64;;FAIL
-j DNPT --src-pfx ::/0 --dst-pfx 2001:db8::/64;;FAIL;both prints -j DNPT --dst-pfx 2001:db8::/64 because iptables-save leaves ::/0 out
:INPUT,FORWARD,POSTROUTING
-j DNPT --src-pfx fd00::/64 --dst-pfx 2001:db8::/64;;FAIL
*nat
:PREROUTING
-j DNPT --src-pfx fd00::/64 --dst-pfx 2001:db8::/64;;FAIL
