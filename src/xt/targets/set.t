@ipset create hosts hash:ip
@ipset create hosts6 hash:ip family inet6
@ipset create marks hash:ip skbinfo
@ipset create marks6 hash:ip family inet6 skbinfo
@ipset create xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx hash:ip
:INPUT,FORWARD,OUTPUT,own
%ipv6
-j SET --add-set hosts6 src;=;OK
-j SET --add-set hosts6 src,dst --exist --timeout 60;=;OK
%ipv4
-j SET --add-set hosts src;=;OK
-j SET --add-set hosts dst,src;=;OK
-j SET --add-set hosts src,dst,src,dst,src,dst;=;OK
-j SET --add-set=hosts src;-j SET --add-set hosts src;OK
-j SET --ad hosts src;-j SET --add-set hosts src;OK
-j SET --add-set xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx src;=;OK
-j SET --del-set hosts dst;=;OK
-j SET --add-set hosts src --exist;=;OK
-j SET --exist --exist --add-set hosts src;-j SET --add-set hosts src --exist;OK
-j SET --add-set hosts src --timeout 0;=;OK
-j SET --add-set hosts src --timeout 0xfffffffe;-j SET --add-set hosts src --timeout 4294967294;OK
-j SET --add-set hosts src --timeout 5 --timeout 6;-j SET --add-set hosts src --timeout 6;OK
-j SET --timeout 10 --del-set marks dst --exist --add-set hosts src;-j SET --add-set hosts src --exist --timeout 10 --del-set marks dst;OK
-j SET;;FAIL
-j SET --exist;;FAIL
-j SET --map-mark;;FAIL
-j SET --add-set;;FAIL
-j SET --add-set hosts;;FAIL
-j SET --add-set hosts --exist;;FAIL
-j SET --add-set hosts ! src;;FAIL
-j SET --add-set hosts both;;FAIL
-j SET --add-set hosts SRC;;FAIL
-j SET --add-set hosts src,;;FAIL
-j SET --add-set hosts "";;FAIL
-j SET --add-set "" src;;FAIL
-j SET --add-set hosts src dst;;FAIL
-j SET --add-set hosts src,dst,src,dst,src,dst,src;;FAIL
-j SET --add-set yxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx src;;FAIL
-j SET --add-set hosts src --add-set marks src;;FAIL
-j SET --del-set hosts src --exist;;FAIL
-j SET --del-set hosts src --timeout 5;;FAIL
-j SET --add-set hosts src --timeout 4294967295;;FAIL
-j SET --add-set hosts src --timeout 5s;;FAIL
-j SET --add-set hosts src --map-mark;;FAIL
-j SET --add-set hosts source;;FAIL
-j SET --add-set hosts srcs;;FAIL;both prints -j SET --add-set hosts src because it ignores what follows src
-j SET ! --add-set hosts src;;FAIL;both prints -j SET --add-set hosts src because it ignores the negation
-j SET --map-set marks src --map-mark;;FAIL
*raw
:PREROUTING
-j SET --add-set hosts src;=;OK
-j SET --add-set "hosts src";;FAIL
*mangle
:PREROUTING,INPUT,FORWARD,OUTPUT,POSTROUTING,own
-j SET --map-set marks src --map-mark;=;OK
-j SET --map-mark --map-set marks src --map-mark --del-set hosts src;-j SET --del-set hosts src --map-set marks src --map-mark;OK
-j SET --map-set marks src;;FAIL
:FORWARD,OUTPUT,POSTROUTING
-j SET --map-set marks src --map-queue --map-prio;-j SET --map-set marks src --map-prio --map-queue;OK
%ipv6
-j SET --map-set marks6 dst --map-mark --map-prio --map-queue;=;OK
%ipv4
:PREROUTING,INPUT
-j SET --map-set marks src --map-prio;;FAIL
-j SET --map-set marks src --map-mark --map-queue;;FAIL
