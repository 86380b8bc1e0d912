:INPUT,FORWARD,OUTPUT,own
-m pkttype --pkt-type unicast;=;OK
-m pkttype --pkt-type broadcast;=;OK
-m pkttype --pkt-type multicast;=;OK
-m pkttype --pkt-type otherhost;=;OK
-m pkttype ! --pkt-type unicast;=;OK
-m pkttype --pkt-type host;-m pkttype --pkt-type unicast;OK
-m pkttype ! --pkt-type BCAST;-m pkttype ! --pkt-type broadcast;OK
-m pkttype --pkt-type mcast;-m pkttype --pkt-type multicast;OK
-m pkttype --pkt-type OtherHost;-m pkttype --pkt-type otherhost;OK
-m pkttype;;FAIL
-m pkttype --pkt-type;;FAIL
-m pkttype --pkt-type "";;FAIL
-m pkttype --pkt-type outgoing;;FAIL
-m pkttype --pkt-type multi;;FAIL
-m pkttype --pkt-type 1;;FAIL
-m pkttype --pkt-type unicast,broadcast;;FAIL
-m pkttype --pkt-type unicast --pkt-type broadcast;;FAIL
*raw
:PREROUTING
-m pkttype --pkt-type broadcast;=;OK
