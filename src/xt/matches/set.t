@ipset create pos4 hash:ip family inet
@ipset create pos6 hash:ip family inet6
@ipset create post4 hash:ip,port,net family inet counters
@ipset create postlist list:set
@ipset create abcdefghijklmnopqrstuvwxyz-1234 bitmap:port range 1-9
:INPUT,FORWARD,OUTPUT
-m set --match-set postlist src;=;OK
-m set ! --match-set postlist dst;=;OK
-m set --set postlist src;-m set --match-set postlist src;OK
-m set --match-set postlist src,dst,src,dst,src,dst;=;OK
-m set --match-set abcdefghijklmnopqrstuvwxyz-1234 dst;=;OK
-m set --match-set postlist src --return-nomatch;=;OK
-m set --match-set postlist src ! --update-counters ! --update-subcounters;=;OK
-m set --match-set postlist src --update-counters --update-subcounters;-m set --match-set postlist src;OK
-m set --match-set postlist src --packets-eq 0 --bytes-eq 18446744073709551615;=;OK
-m set --match-set postlist src ! --packets-eq 5 ! --bytes-eq 0x10;-m set --match-set postlist src ! --packets-eq 5 ! --bytes-eq 16;OK
-m set --match-set postlist src --packets-lt 5 --bytes-gt 6;=;OK
-m set --bytes-lt 010 --packets-gt 5 ! --update-counters --return-nomatch ! --match-set postlist dst,src;-m set ! --match-set postlist dst,src --return-nomatch ! --update-counters --packets-gt 5 --bytes-lt 8;OK
%ipv4
-m set --match-set pos4 src;=;OK
-m set ! --match-set post4 dst,dst,src;=;OK
%ipv6
-m set --match-set pos6 src;=;OK
%
-m set;;FAIL
-m set --return-nomatch;;FAIL
-m set --match-set postlist;;FAIL
-m set --match-set postlist -j ACCEPT;;FAIL
-m set --match-set postlist both;;FAIL
-m set --match-set postlist src,;;FAIL
-m set --match-set postlist source;;FAIL
-m set --match-set postlist srcip;;FAIL;both prints -m set --match-set postlist src because anything that begins with src is src
-m set --match-set postlist src,dst,src,dst,src,dst,src;;FAIL
-m set --match-set abcdefghijklmnopqrstuvwxyz-12345 src;;FAIL
-m set --match-set postlist src --match-set postlist dst;;FAIL
-m set --match-set postlist src ! --return-nomatch;;FAIL
-m set --match-set postlist src ! --update-counters ! --update-counters;;FAIL;both prints -m set --match-set postlist src ! --update-counters because a repeated flag counts once
-m set --match-set postlist src --packets-eq 1 --packets-lt 2;;FAIL
-m set --match-set postlist src --bytes-gt 1 --bytes-lt 2;;FAIL
-m set --match-set postlist src ! --packets-lt 1;;FAIL
-m set --match-set postlist src ! --bytes-gt 1;;FAIL
-m set --match-set postlist src --packets-eq 18446744073709551616;;FAIL
-m set --match-set postlist src --bytes-eq x;;FAIL
-m set --match-set "hosts src";;FAIL
