:INPUT,FORWARD,OUTPUT
-m conntrack --ctstate NEW;=;OK
-m conntrack --ctstate RELATED,ESTABLISHED;=;OK
-m conntrack ! --ctstate INVALID;=;OK
-m conntrack --ctstate ESTABLISHED,RELATED,DNAT,SNAT,UNTRACKED,INVALID,NEW;-m conntrack --ctstate INVALID,NEW,RELATED,ESTABLISHED,UNTRACKED,SNAT,DNAT;OK
-m conntrack --ctstate est,reL,N;-m conntrack --ctstate NEW,RELATED,ESTABLISHED;OK
-m conntrack ! --ctstate NEW,NEW;-m conntrack ! --ctstate NEW;OK
-m conntrack --ctstate NEW -m conntrack --ctstate SNAT;=;OK
-m conntrack --ctstate ,NEW;;FAIL
-m conntrack --ctstate NEW,;;FAIL
-m conntrack --ctstate NEW,,INVALID;;FAIL
-m conntrack --ctstate "";;FAIL
-m conntrack --ctstate NEWER;;FAIL
-m conntrack --ctstate NONE;;FAIL
-m conntrack --ctstate "NEW, RELATED";;FAIL
-m conntrack --ctstate NEW --ctstate RELATED;;FAIL
-m conntrack;;FAIL
:INPUT
# protocol
-m conntrack --ctproto tcp;-m conntrack --ctproto 6;OK
-m conntrack ! --ctproto UDP;-m conntrack ! --ctproto 17;OK
-m conntrack --ctproto 0x84;-m conntrack --ctproto 132;OK
-m conntrack --ctproto icmpv6;-m conntrack --ctproto 58;OK
-m conntrack --ctproto all;-m conntrack --ctproto 0;OK
-m conntrack ! --ctproto 0;=;OK
-m conntrack --ctproto 255;=;OK
-m conntrack --ctproto 256;;FAIL
-m conntrack --ctproto Tcp;;FAIL
-m conntrack --ctproto nosuch;;FAIL
-m conntrack --ctproto mptcp;-m conntrack --ctproto 6;FAIL;both OK number 262 is cut to 8 bits, which is tcp
-m conntrack --ctproto 0 ! --ctstatus ASSURED;=;OK
-m conntrack ! --ctstatus ASSURED --ctproto 0;;FAIL
# addresses
%ipv4
-m conntrack --ctorigsrc 192.0.2.1;=;OK
-m conntrack ! --ctorigdst 192.0.2.1/24;=;OK
-m conntrack --ctreplsrc 192.0.2.1/32;-m conntrack --ctreplsrc 192.0.2.1;OK
-m conntrack --ctrepldst 192.0.2.1/0;=;OK
-m conntrack --ctorigsrc 192.0.2.1/255.255.128.0;-m conntrack --ctorigsrc 192.0.2.1/17;OK
-m conntrack --ctorigsrc 10.1;-m conntrack --ctorigsrc 10.0.0.1;OK
-m conntrack --ctorigsrc 010.0x10.256;-m conntrack --ctorigsrc 8.16.1.0;OK
-m conntrack --ctorigsrc 192.0.2.1/255.0.255.0;-m conntrack --ctorigsrc 192.0.2.1;FAIL;both OK a mask with holes is taken for /32
-m conntrack --ctorigsrc 192.0.2.1/33;-m conntrack --ctorigsrc 192.0.2.1;FAIL;both OK 33 is read as the mask 0.0.0.33 and taken for /32
-m conntrack --ctorigsrc 192.0.2.1/;;FAIL
-m conntrack --ctorigsrc 192.0.2.256;;FAIL
-m conntrack --ctorigsrc 192.0.2.1,192.0.2.2;;FAIL
-m conntrack --ctorigsrc "";;FAIL
-m conntrack --ctorigsrc 2001:db8::1;;FAIL
-m conntrack --ctorigsrc localhost;-m conntrack --ctorigsrc 127.0.0.1;FAIL;both OK the name is resolved when the rules are loaded
%ipv6
-m conntrack --ctorigsrc 2001:db8::1 ! --ctorigdst 2001:db8::2/64;=;OK
-m conntrack --ctreplsrc 2001:DB8::1/128 --ctrepldst ::1/0;-m conntrack --ctreplsrc 2001:db8::1 --ctrepldst ::1/0;OK
-m conntrack --ctorigsrc 2001:db8::1/ffff:ffff::;-m conntrack --ctorigsrc 2001:db8::1/32;OK
-m conntrack --ctorigsrc 2001:db8::1/ffff::ffff;-m conntrack --ctorigsrc 2001:db8::1;FAIL;both OK a mask with holes is taken for /128
-m conntrack --ctorigsrc fe80::1%lo;-m conntrack --ctorigsrc fe80::1;FAIL;both OK the interface after % is dropped
-m conntrack --ctorigsrc 2001:db8::1/129;;FAIL
-m conntrack --ctorigsrc 192.0.2.1;;FAIL
%
# ports
-m conntrack --ctorigsrcport 1024:65535 ! --ctorigdstport 53;=;OK
-m conntrack --ctreplsrcport :2 --ctrepldstport 3:;-m conntrack --ctreplsrcport 0:2 --ctrepldstport 3:65535;OK
-m conntrack --ctorigsrcport domain:http;-m conntrack --ctorigsrcport 53:80;OK
-m conntrack --ctorigdstport ntp;-m conntrack --ctorigdstport 123;OK
-m conntrack --ctorigdstport 010;-m conntrack --ctorigdstport 10;OK
-m conntrack --ctorigdstport 2:1;=;OK
-m conntrack --ctorigdstport :;-m conntrack --ctorigdstport 0:65535;OK
-m conntrack --ctorigdstport 2:0;-m conntrack --ctorigdstport 2;FAIL;both OK a range that ends at 0 is listed as its first port alone
-m conntrack --ctorigdstport 65536;-m conntrack --ctorigdstport 0;FAIL;both OK the port is cut to 16 bits
-m conntrack --ctorigdstport "";-m conntrack --ctorigdstport 0;FAIL;both OK an empty port is read as 0
-m conntrack --ctorigdstport 0x50;;FAIL
-m conntrack --ctorigdstport 1:2:3;;FAIL
-m conntrack --ctorigdstport 1,2;;FAIL
-m conntrack --ctorigdstport nosuchservice;;FAIL
-m conntrack --ctorigdstport -1;;FAIL
# status, lifetime, direction
-m conntrack --ctstatus EXPECTED,SEEN_REPLY,ASSURED,CONFIRMED;=;OK
-m conntrack ! --ctstatus CONFIRMED,a;-m conntrack ! --ctstatus ASSURED,CONFIRMED;OK
-m conntrack --ctstatus NONE;=;OK
-m conntrack ! --ctstatus none;-m conntrack ! --ctstatus NONE;OK
-m conntrack --ctstatus NONE,EXPECTED;-m conntrack --ctstatus EXPECTED;OK
-m conntrack --ctstatus SNAT;;FAIL
-m conntrack --ctstatus EXPECTED,;;FAIL
-m conntrack --ctexpire 0;=;OK
-m conntrack ! --ctexpire 5:4294967295;=;OK
-m conntrack --ctexpire 5:;-m conntrack --ctexpire 5:4294967295;OK
-m conntrack --ctexpire 0x10:010;-m conntrack --ctexpire 16:8;OK
-m conntrack --ctexpire 7:7;-m conntrack --ctexpire 7;OK
-m conntrack --ctexpire "";-m conntrack --ctexpire 0;FAIL;both OK an empty time is read as 0
-m conntrack --ctexpire 4294967296;;FAIL
-m conntrack --ctexpire 1:2:3;;FAIL
-m conntrack --ctexpire 10s;;FAIL
-m conntrack --ctdir ORIGINAL;=;OK
-m conntrack --ctdir reply;-m conntrack --ctdir REPLY;OK
-m conntrack ! --ctdir REPLY;;FAIL
-m conntrack --ctdir REP;;FAIL
-m conntrack --ctdir "";;FAIL
-m conntrack --ctdir REPLY --ctdir REPLY;;FAIL
# everything at once, in any order
%ipv4
-m conntrack --ctdir REPLY ! --ctexpire 1:2 ! --ctstatus NONE ! --ctrepldstport 4 ! --ctreplsrcport 3 ! --ctorigdstport 2 ! --ctorigsrcport 1 ! --ctrepldst 192.0.2.4 ! --ctreplsrc 192.0.2.3 ! --ctorigdst 192.0.2.2 ! --ctorigsrc 192.0.2.1 ! --ctproto 6 ! --ctstate NEW;-m conntrack ! --ctstate NEW ! --ctproto 6 ! --ctorigsrc 192.0.2.1 ! --ctorigdst 192.0.2.2 ! --ctreplsrc 192.0.2.3 ! --ctrepldst 192.0.2.4 ! --ctorigsrcport 1 ! --ctorigdstport 2 ! --ctreplsrcport 3 ! --ctrepldstport 4 ! --ctstatus NONE ! --ctexpire 1:2 --ctdir REPLY;OK
%
*raw
:PREROUTING,OUTPUT
-m conntrack --ctstate UNTRACKED;=;OK
*nat
:PREROUTING,POSTROUTING
-m conntrack --ctstate DNAT --ctstatus ASSURED;=;OK
