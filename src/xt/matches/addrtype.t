:INPUT,FORWARD,OUTPUT,own
-m addrtype --src-type UNICAST;=;OK
-m addrtype ! --src-type LOCAL --dst-type MULTICAST;=;OK
-m addrtype ! --dst-type local,Anycast,unicast;-m addrtype ! --dst-type UNICAST,LOCAL,ANYCAST;OK
-m addrtype --dst-type UNSPEC,UNREACHABLE;=;OK
-m addrtype --dst-type LOCAL,LOCAL;-m addrtype --dst-type LOCAL;OK
-m addrtype --dst-type L,mul;-m addrtype --dst-type LOCAL,MULTICAST;OK
-m addrtype --dst-type LOCAL --src-type UNICAST;-m addrtype --src-type UNICAST --dst-type LOCAL;OK
-m addrtype;;FAIL
-m addrtype --src-type "";;FAIL
-m addrtype --src-type LOCAL,;;FAIL
-m addrtype --src-type ,LOCAL;;FAIL
-m addrtype --src-type LOCALS;;FAIL
-m addrtype --src-type 2;;FAIL
-m addrtype --src-type LOCAL --src-type UNICAST;;FAIL
-m addrtype --src-type LOCAL ! --limit-iface-in;;FAIL
-m addrtype --src-type LOCAL --limit-iface-in --limit-iface-out;;FAIL
-m addrtype --src-type UN;;FAIL;both prints -m addrtype --src-type UNSPEC because of types that begin alike it takes the first of its list
:FORWARD,own
-m addrtype --src-type UNICAST --limit-iface-in;=;OK
-m addrtype --limit-iface-out ! --src-type UNICAST;-m addrtype ! --src-type UNICAST --limit-iface-out;OK
-m addrtype --limit-iface-in;;FAIL
:INPUT
-m addrtype --dst-type LOCAL --limit-iface-in;=;OK
-m addrtype --dst-type LOCAL --limit-iface-out;;FAIL
:OUTPUT
-m addrtype --src-type LOCAL --limit-iface-out;=;OK
-m addrtype --src-type LOCAL --limit-iface-in;;FAIL
*mangle
:PREROUTING
-m addrtype --dst-type LOCAL --limit-iface-in;=;OK
-m addrtype --dst-type LOCAL --limit-iface-out;;FAIL
:POSTROUTING
-m addrtype --src-type LOCAL --limit-iface-out;=;OK
-m addrtype --src-type LOCAL --limit-iface-in;;FAIL
%ipv4
*filter
:INPUT
-m addrtype --dst-type UNSPEC,UNICAST,LOCAL,BROADCAST,ANYCAST,MULTICAST,BLACKHOLE,UNREACHABLE,PROHIBIT,THROW,NAT,XRESOLVE;=;OK
-m addrtype --dst-type unr,bro,pro;-m addrtype --dst-type BROADCAST,UNREACHABLE,PROHIBIT;OK
-m addrtype --dst-type b;;FAIL;both prints -m addrtype --dst-type BROADCAST because of types that begin alike it takes the first of its list
%ipv6
-m addrtype --src-type BROADCAST;;FAIL
-m addrtype ! --dst-type LOCAL,BLACKHOLE;;FAIL
-m addrtype --dst-type PROHIBIT;;FAIL
-m addrtype --dst-type THROW;;FAIL
-m addrtype --dst-type NAT;;FAIL
-m addrtype --src-type UNICAST --dst-type XRESOLVE;;FAIL
