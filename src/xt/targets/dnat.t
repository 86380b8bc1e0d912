*nat
%ipv4
:PREROUTING,OUTPUT,web
-j DNAT --to-destination 192.0.2.1;=;OK
-j DNAT --to-destination 192.0.2.1-192.0.2.9;=;OK
-j DNAT --to-destination 192.0.2.9-192.0.2.1;=;OK
-p tcp -j DNAT --to-destination 192.0.2.1:8080;=;OK
-p udp -j DNAT --to-destination :5353;=;OK
:PREROUTING
-j DNAT --to-destination 192.0.2.7-192.0.2.7;-j DNAT --to-destination 192.0.2.7;OK
-j DNAT --to-destination 0.0.0.0;=;OK
-p tcp -j DNAT --to-destination 192.0.2.1-192.0.2.3:1000-1999;=;OK
-p tcp -j DNAT --to-destination 192.0.2.1:1000-2000/500;=;OK
-p tcp -j DNAT --to-destination :1000-2000/65535;=;OK
-p tcp -j DNAT --to-destination 192.0.2.1:1000-2000/smtp;-p tcp -j DNAT --to-destination 192.0.2.1:1000-2000/25;OK
-p sctp -j DNAT --to-destination 192.0.2.1:0;=;OK
-p dccp -j DNAT --to-destination 192.0.2.1:65535;=;OK
-p icmp -j DNAT --to-destination 192.0.2.1:7;=;OK
! -p tcp -j DNAT --to-destination 192.0.2.1:80;=;OK
-p tcp -j DNAT --to-destination 192.0.2.1:https;-p tcp -j DNAT --to-destination 192.0.2.1:443;OK
-p udp -j DNAT --to-destination 192.0.2.1:https;-p udp -j DNAT --to-destination 192.0.2.1:443;OK
-p tcp -j DNAT --to-destination 192.0.2.1:0x50-0120;-p tcp -j DNAT --to-destination 192.0.2.1:80;OK
-p tcp -j DNAT --to-destination 192.0.2.1:90-90;-p tcp -j DNAT --to-destination 192.0.2.1:90;OK
-j DNAT --to-destination 192.0.2.1 --random --persistent;=;OK
-j DNAT --persistent --random --to-destination 192.0.2.1;-j DNAT --to-destination 192.0.2.1 --random --persistent;OK
-j DNAT --persistent --to-dest 192.0.2.1;-j DNAT --to-destination 192.0.2.1 --persistent;OK
-j DNAT --to-destination 192.0.2.1 --random-fully;;FAIL
-j DNAT;;FAIL
-j DNAT --random;;FAIL
-j DNAT --to-destination 192.0.2.1 --to-destination 192.0.2.2;;FAIL
-j DNAT --to-destination 192.0.2.1 --random --random;;FAIL
-j DNAT ! --to-destination 192.0.2.1;;FAIL
-j DNAT --to-destination 192.0.2.1:80;;FAIL
-j DNAT --to-destination 192.0.2.1:80 -p tcp;;FAIL
-p all -j DNAT --to-destination 192.0.2.1:80;;FAIL
-p gre -j DNAT --to-destination 192.0.2.1:80;;FAIL
-p udplite -j DNAT --to-destination 192.0.2.1:80;;FAIL
-j DNAT --to-destination "";;FAIL
-p tcp -j DNAT --to-destination :;;FAIL
-p tcp -j DNAT --to-destination 192.0.2.1:;;FAIL
-p tcp -j DNAT --to-destination 192.0.2.1:65536;;FAIL
-p tcp -j DNAT --to-destination 192.0.2.1:-1;;FAIL
-p tcp -j DNAT --to-destination 192.0.2.1:nosuchservice;;FAIL
-p tcp -j DNAT --to-destination 192.0.2.1:http-90;;FAIL
-p tcp -j DNAT --to-destination 192.0.2.1:70-http;;FAIL
-p tcp -j DNAT --to-destination 192.0.2.1:90-80;;FAIL
-p tcp -j DNAT --to-destination 192.0.2.1:80-90-100;;FAIL
-p tcp -j DNAT --to-destination 192.0.2.1:80:90;;FAIL
-p tcp -j DNAT --to-destination 192.0.2.1:80/70;;FAIL
-p tcp -j DNAT --to-destination 192.0.2.1:80-90/0;;FAIL
-p tcp -j DNAT --to-destination 192.0.2.1:80-90/;;FAIL
-p tcp -j DNAT --to-destination 192.0.2.1:80-90/65536;;FAIL
-p tcp -j DNAT --to-destination 192.0.2.1:80-90/7x;;FAIL;both prints -p tcp -j DNAT --to-destination 192.0.2.1:80-90/7 because iptables ignores what follows the base
-p tcp -j DNAT --to-destination 192.0.2.1:80-80/70;;FAIL;both prints -p tcp -j DNAT --to-destination 192.0.2.1:80/70 because iptables lists a shifted single port in a way that it cannot read
-p tcp -j DNAT --to-destination 10:80;;FAIL;both prints -p tcp -j DNAT --to-destination :80 because iptables ignores two characters before the colon
-j DNAT --to-destination 192.0.2.1-;;FAIL
-j DNAT --to-destination -192.0.2.1;;FAIL
-j DNAT --to-destination 192.0.2.1-192.0.2.2-192.0.2.3;;FAIL
-j DNAT --to-destination 192.0.2.1/24;;FAIL
-j DNAT --to-destination 192.0.02.1;;FAIL
-j DNAT --to-destination 192.0.2;;FAIL
-j DNAT --to-destination web.example.net;;FAIL
-j DNAT --to-destination 2001:db8::1;;FAIL
-p tcp -j DNAT --to-destination [192.0.2.1]:80;;FAIL
:INPUT,POSTROUTING
-j DNAT --to-destination 192.0.2.1;;FAIL
*mangle
:PREROUTING
-j DNAT --to-destination 192.0.2.1;;FAIL
*nat
%ipv6
-j DNAT --to-destination 2001:db8::1;=;OK
-j DNAT --to-destination 2001:DB8::1-2001:db8:0::9;-j DNAT --to-destination 2001:db8::1-2001:db8::9;OK
-j DNAT --to-destination [2001:db8::1-2001:db8::9];-j DNAT --to-destination 2001:db8::1-2001:db8::9;OK
-j DNAT --to-destination ::;=;OK
-j DNAT --to-destination ::ffff:192.0.2.1;=;OK
-j DNAT --to-destination 2001:db8::1:80;=;OK
-p tcp -j DNAT --to-destination [2001:db8::1]:80;=;OK
-p tcp -j DNAT --to-destination [2001:db8::1-2001:db8::9]:1000-2000/500;=;OK
-p tcp -j DNAT --to-destination :80;=;OK
-p tcp -j DNAT --to-destination []:80;-p tcp -j DNAT --to-destination :80;OK
-p icmp -j DNAT --to-destination [2001:db8::1]:80;=;OK
-p ipv6-icmp -j DNAT --to-destination [2001:db8::1]:80;;FAIL
-j DNAT --to-destination [2001:db8::1]:80;;FAIL
-j DNAT --to-destination [];;FAIL
-j DNAT --to-destination [2001:db8::1;;FAIL
-p tcp -j DNAT --to-destination 2001:db8::1]:80;;FAIL
-p tcp -j DNAT --to-destination [2001:db8::1]-[2001:db8::9]:80;;FAIL
-p tcp -j DNAT --to-destination [2001:db8::1]:;;FAIL
-p tcp -j DNAT --to-destination fe80:80;;FAIL
-p tcp -j DNAT --to-destination fe:80;;FAIL;both prints -p tcp -j DNAT --to-destination :80 because iptables ignores two characters before the colon
-p tcp -j DNAT --to-destination x[2001:db8::1]:80;;FAIL;both prints -p tcp -j DNAT --to-destination [2001:db8::1]:80 because iptables ignores what stands before the bracket
-p tcp -j DNAT --to-destination [2001:db8::1]x:80;;FAIL;both prints -p tcp -j DNAT --to-destination [2001:db8::1]:80 because iptables ignores what stands between bracket and colon
-j DNAT --to-destination [2001:db8::1]x;;FAIL;both prints -j DNAT --to-destination 2001:db8::1 because iptables ignores what stands behind the bracket
-j DNAT --to-destination fe80::1%lo;;FAIL
-j DNAT --to-destination 192.0.2.1;;FAIL
-p tcp -j DNAT --to-destination 192.0.2.1:80;;FAIL
