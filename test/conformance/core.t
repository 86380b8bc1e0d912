# iptables' own options, and how words become options.
:FORWARD
-s 192.0.2.1/32;=;OK
-s 192.0.2.1;-s 192.0.2.1/32;OK
-s 192.0.2.77/24;-s 192.0.2.0/24;OK
! -s 192.0.2.0/24;=;OK
-d 10/8;-d 10.0.0.0/8;OK
-d 10.1;-d 10.1.0.0/32;OK
-s 010.0x1.1.1;-s 8.1.1.1/32;OK
-s 192.0.2.1/255.255.255.0;-s 192.0.2.0/24;OK
-s 192.0.2.1/255.0.255.0;-s 192.0.2.0/255.0.255.0;OK
-s any/0;;OK
-s 0.0.0.0/0 -d 0/0 -j ACCEPT;-j ACCEPT;OK
-s 192.0.2.1,198.51.100.0/24 -d 203.0.113.1,203.0.113.2;-s 192.0.2.1/32 -d 203.0.113.1/32 | -s 192.0.2.1/32 -d 203.0.113.2/32 | -s 198.51.100.0/24 -d 203.0.113.1/32 | -s 198.51.100.0/24 -d 203.0.113.2/32;OK
--source 192.0.2.1 --dst 192.0.2.2;-s 192.0.2.1/32 -d 192.0.2.2/32;OK
--sour 192.0.2.1 --jum ACCEPT;-s 192.0.2.1/32 -j ACCEPT;OK
-i eth0 -o eth1;=;OK
! -i eth0 ! -o ppp+;=;OK
-i +;;OK
-i abcdefghijklmno;=;OK
-p tcp;=;OK
-p TCP;-p tcp;OK
-p 6;-p tcp;OK
-p 0x6;-p tcp;OK
! -p tcp;=;OK
-p all;;OK
-p ip;;OK
-p 0;;OK
-p 255;=;OK
-p 41;-p ipv6;OK
-p ospf;=;OK
-p 89;-p ospf;OK
-p mh;-p mobility-header;OK
-p ipv6-mh;-p mobility-header;OK
-p icmpv6;-p ipv6-icmp;OK
-p esp;=;OK
-p gre;=;OK
-f;=;OK
! -f;=;OK
-p tcp --dport 22;-p tcp -m tcp --dport 22;OK
-p tcp --dport=22;-p tcp -m tcp --dport 22;OK
-p 17 --dport 53;-p udp -m udp --dport 53;OK
-p tcp --destination-p 22;-p tcp -m tcp --dport 22;OK
-mtcp -p tcp --dport 22;-p tcp -m tcp --dport 22;OK
-m comment --comment "a b" -m comment --comment "c";-m comment --comment "a b" -m comment --comment c;OK
-m mark --mark 1 -m mark --mark 2;-m mark --mark 0x1 -m mark --mark 0x2;OK
-m mark --mark 1 -m connmark --mark 2 -m connmark --mark 3;-m mark --mark 0x1 -m connmark --mark 0x2 -m connmark --mark 0x3;OK
-m comment --comment "say \"hi\"";=;OK
-m comment --comment "";=;OK
-m comment --comment "-j DROP" -j ACCEPT;=;OK
-c 5 10 -j ACCEPT;-j ACCEPT;OK
--set-counters 5,10 -j ACCEPT;-j ACCEPT;OK
-4 -j ACCEPT;-j ACCEPT;OK
-s 2001:db8::1 -d 2001:db8::2 -6 -j ACCEPT;;OK
-p tcp --dport 443 -s 2001:db8::/32 --ipv6 -j ACCEPT;;OK
-s 2001:db8::1 -4 -j ACCEPT;;FAIL
-s 2001:db8::1 -m comment --comment -6;;FAIL
-s 2001:db8::1 -i a -i b -6;;FAIL
-v -j ACCEPT;-j ACCEPT;OK
-j ACCEPT -s 192.0.2.1;-s 192.0.2.1/32 -j ACCEPT;OK
-m connmark --mark 1 -m mark --mark 2 -m connmark --mark 3;;FAIL
! -s 0.0.0.0/0;;FAIL;legacy prints ! -s 0.0.0.0/0 because it loads a rule that can never match
-s 192.0.2.256;;FAIL
-s 192.0.2.1/33;;FAIL
-s 192.0.2.1/;;FAIL
-s 1.2.3.4.5;;FAIL
-s 192.0.2.1,;;FAIL
-s "";;FAIL
-s ! 192.0.2.1;;FAIL
! -s 192.0.2.1,192.0.2.2;;FAIL
-s 192.0.2.1 -s 192.0.2.2;;FAIL
-s2001:db8::1;;FAIL
-s 2001:db8::1;;FAIL
-s192.0.2.1;;FAIL
--source=192.0.2.1;;FAIL
--s 192.0.2.1;;FAIL
-s nosuch.invalid;;FAIL
-p nosuch;;FAIL
-p 256;;FAIL
! -p all;;FAIL
-p tcp -p udp;;FAIL
-i abcdefghijklmnop;;FAIL
-i "";;FAIL
-j;;FAIL
-j NOSUCH;;FAIL
-j ACCEPT -j DROP;;FAIL
-j ACCEPT -g own;;FAIL
! -j ACCEPT;;FAIL
! -m mark --mark 1;;FAIL
! ! -p tcp;;FAIL
-p tcp !;;FAIL
-g ACCEPT;;FAIL
-g nowhere;;FAIL
--dport 22;;FAIL
--dport 22 -p tcp;;FAIL
-p gre --dport 22;;FAIL
-m nosuch --option;;FAIL
-m comment --comment "a"b;;FAIL
-m comment --comment a b;;FAIL
-n -j ACCEPT;;FAIL
-x -j ACCEPT;;FAIL
-t nat -j ACCEPT;;FAIL
-w -j ACCEPT;;FAIL
-j ACCEPT --;-j ACCEPT;OK
-j ACCEPT -- more;;FAIL
-j ACCEPT stray;;FAIL
-c 5 -j ACCEPT;;FAIL
--nosuch;;FAIL
:INPUT
-i lo -j ACCEPT;=;OK
-o lo -j ACCEPT;;FAIL
:OUTPUT
-o lo -j ACCEPT;=;OK
-i lo -j ACCEPT;;FAIL
*nat
:POSTROUTING
-i eth0;;FAIL
-j DROP;;FAIL
:PREROUTING
-o eth0;;FAIL
*filter
:own
-i eth0 -o eth1 -j ACCEPT;=;OK
-j own;=;OK
%ipv6
:FORWARD
-s 2001:db8::1;-s 2001:db8::1/128;OK
-s 2001:DB8:0:0:0:0:0:5/64;-s 2001:db8::/64;OK
-s ::ffff:192.0.2.1;-s ::ffff:192.0.2.1/128;OK
-s ::/0 -j ACCEPT;-j ACCEPT;OK
-s 2001:db8::1/ffff:ffff::;-s 2001:db8::/32;OK
-s 2001:db8::1/ffff:0:ffff::;-s 2001::/ffff:0:ffff::;OK
-p ipv6-icmp --icmpv6-type 135;-p ipv6-icmp -m icmp6 --icmpv6-type 135;OK
-s 2001:db8::1,2001:db8::2;-s 2001:db8::1/128 | -s 2001:db8::2/128;OK
-s 192.0.2.1;;FAIL
-s 2001:db8::1/129;;FAIL
-s 2001:db8::1::2;;FAIL
-s 2001:db8::1%eth0;;FAIL
-f;;FAIL
