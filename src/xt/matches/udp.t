:INPUT,FORWARD,OUTPUT
-p udp -m udp;=;OK
-p udp -m udp --sport 53;=;OK
-p udp -m udp ! --sport 53;=;OK
-p udp -m udp --dport 0;=;OK
-p udp -m udp --dport 1024:65535;=;OK
-p udp -m udp ! --dport 1:2;=;OK
-p udp -m udp ! --sport 1 ! --dport 2;=;OK
-p udp --dport domain;-p udp -m udp --dport 53;OK
-p 17 --dport tftp:ntp;-p udp -m udp --dport 69:123;OK
-p udp -m udp --dport 5 --sport 4;-p udp -m udp --sport 4 --dport 5;OK
-p udp -m udp --source-port 1: --destination-port :5;-p udp -m udp --sport 1:65535 --dport 0:5;OK
-p udp -m udp --dport 7:7;-p udp -m udp --dport 7;OK
-p udp -m udp --sport 0:65535;-p udp -m udp;OK
-p udp -m udp --sport : --dport 9;-p udp -m udp --dport 9;OK
# iptables-nft keeps tests of fields, not the matches that they came from.
-p udp -m udp --sport 67 -m udp --dport 68;-p udp -m udp --sport 67 --dport 68;OK;legacy prints -p udp -m udp --sport 67 -m udp --dport 68 because it keeps each match
-p udp -m udp ! --dport 5 -m comment --comment x -m udp --sport 1:2;-p udp -m udp --sport 1:2 ! --dport 5 -m comment --comment x;OK;legacy prints -p udp -m udp ! --dport 5 -m comment --comment x -m udp --sport 1:2 because it keeps each match
-p udp -m udp -m udp --dport 5;=;OK
-p udp -m udp --sport 7 -m udp;=;OK
-p udp -m udp --dport 5 -m udp --dport 5:6;=;OK;nft prints -p udp -m udp --dport 5:6 because of tests of one field it lists the last
-p udp -m udp ! --sport 1 -m udp ! --dport 2;=;OK;nft prints -p udp -m udp ! --sport 1 ! --dport 2 because it keeps no matches, and would read its listing as a test of both ports together
# Names of every transport, decimal numbers only.
-p udp -m udp --dport ssh;-p udp -m udp --dport 22;OK
-p udp -m udp --dport amqp;-p udp -m udp --dport 5672;OK
-p udp -m udp --dport 010;-p udp -m udp --dport 10;OK
-p udp -m udp --dport +5;-p udp -m udp --dport 5;OK
# Ranges that hold no port are kept.
-p udp -m udp --dport 5:4;=;OK
-p udp -m udp ! --sport 65535:0;=;OK
# nftables has no "not in a range that starts at 0".
-p udp -m udp ! --dport 0:5;-p udp -m udp --dport 6:65535;OK;legacy prints -p udp -m udp ! --dport 0:5 because only nft turns the range round
-p udp -m udp ! --sport :65534;-p udp -m udp --sport 65535;OK;legacy prints -p udp -m udp ! --sport 0:65534 because only nft turns the range round
! -p udp -m udp --dport 1;=;OK;legacy FAIL the kernel module takes no negated protocol
! -p udp -m udp;;FAIL
-p udp -m udp ! --dport 0:65535;;FAIL;nft prints -p udp because it drops a test of all ports, negated or not;legacy prints -p udp -m udp because it does not list a test of all ports
-p udp -m udp --dport 65536;;FAIL;both prints -p udp -m udp --dport 0 because only the lowest 16 bits are kept
-p udp -m udp --dport 65537:5;;FAIL;both prints -p udp -m udp --dport 1:5 because only the lowest 16 bits are kept
-p udp -m udp --dport 0x10;;FAIL
-p udp -m udp --dport -1;;FAIL
-p udp -m udp --dport 1-2;;FAIL
-p udp -m udp --dport 1:2:3;;FAIL
-p udp -m udp --dport nosuchservice;;FAIL
-p udp -m udp --dport SSH;;FAIL
-p udp -m udp --dport zip;;FAIL
-p udp -m udp --dport 1 --dport 2;;FAIL
-p udp -m udp --dport 1 --destination-port 2;;FAIL
-p udp -m udp --dport;;FAIL
-p tcp -m udp --dport 1;;FAIL
! -p tcp -m udp --dport 1;;FAIL
-p all -m udp --dport 1;;FAIL
-m udp --dport 1;;FAIL
-m udp;;FAIL
