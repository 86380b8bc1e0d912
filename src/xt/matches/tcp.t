:INPUT,FORWARD,OUTPUT
-p tcp -m tcp;=;OK
-p tcp -m tcp --dport 22;=;OK
-p tcp -m tcp --sport 0;=;OK
-p tcp -m tcp ! --sport 1024:65535 --dport 80;=;OK
-p tcp -m tcp ! --sport 1 ! --dport 2;=;OK
-p tcp --dport ssh;-p tcp -m tcp --dport 22;OK
-p 6 --sport http:https;-p tcp -m tcp --sport 80:443;OK
-p tcp -m tcp --destination-port 8: --source-port :5;-p tcp -m tcp --sport 0:5 --dport 8:65535;OK
-p tcp -m tcp --dport 010 --sport 0x10;-p tcp -m tcp --sport 16 --dport 8;OK
-p tcp -m tcp --dport 9:9;-p tcp -m tcp --dport 9;OK
-p tcp -m tcp --dport : --sport 0:65535;-p tcp -m tcp;OK
-p tcp -m tcp --syn;-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN;OK
-p tcp -m tcp ! --syn --dport 25;-p tcp -m tcp --dport 25 ! --tcp-flags FIN,SYN,RST,ACK SYN;OK
-p tcp -m tcp --tcp-flags FIN,SYN,RST,PSH,ACK,URG NONE;=;OK
-p tcp -m tcp --tcp-flags ALL ALL;-p tcp -m tcp --tcp-flags FIN,SYN,RST,PSH,ACK,URG FIN,SYN,RST,PSH,ACK,URG;OK
-p tcp -m tcp --tcp-flags urg,Ack,syn,ACK none;-p tcp -m tcp --tcp-flags SYN,ACK,URG NONE;OK
-p tcp -m tcp --tcp-flags ,SYN,,FIN, FIN;-p tcp -m tcp --tcp-flags FIN,SYN FIN;OK
-p tcp -m tcp ! --tcp-flags SYN,RST ACK;=;OK
-p tcp -m tcp --tcp-flags NONE NONE;-p tcp -m tcp;OK
-p tcp -m tcp --tcp-flags=PSH "PSH" --tcp-option 8 ! --sport 7;-p tcp -m tcp ! --sport 7 --tcp-option 8 --tcp-flags PSH PSH;OK
-p tcp -m tcp --tcp-option 1;=;OK
-p tcp -m tcp ! --tcp-option 255;=;OK
-p tcp -m tcp --tcp-option 0x10;-p tcp -m tcp --tcp-option 16;OK
# nftables has no "not in a range that starts at 0"; the kernel module, which --tcp-option needs, has.
-p tcp -m tcp ! --dport 0:1023;-p tcp -m tcp --dport 1024:65535;OK;legacy prints -p tcp -m tcp ! --dport 0:1023 because only nft turns the range round
-p tcp -m tcp ! --dport 0:1023 --tcp-option 2;=;OK
# iptables-nft keeps tests of fields, not the matches that they came from; with --tcp-option it keeps the match.
-p tcp -m tcp --syn -m tcp --dport 68;-p tcp -m tcp --dport 68 --tcp-flags FIN,SYN,RST,ACK SYN;OK;legacy prints -p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -m tcp --dport 68 because it keeps each match
-p tcp -m tcp --sport 7 -m tcp --dport 68 -m tcp ! --tcp-flags ACK ACK;-p tcp -m tcp --sport 7 --dport 68 ! --tcp-flags ACK ACK;OK;legacy prints -p tcp -m tcp --sport 7 -m tcp --dport 68 -m tcp ! --tcp-flags ACK ACK because it keeps each match
-p tcp -m tcp --tcp-option 5 -m tcp --dport 68;=;OK
-p tcp -m tcp --sport 6 -m tcp --tcp-option 5 -m tcp --dport 68;-p tcp -m tcp --sport 6 --dport 68 -m tcp --tcp-option 5;OK;legacy prints -p tcp -m tcp --sport 6 -m tcp --tcp-option 5 -m tcp --dport 68 because it keeps each match
-p tcp -m tcp --tcp-flags SYN SYN -m tcp --tcp-flags ACK NONE;=;OK;nft prints -p tcp -m tcp --tcp-flags ACK NONE because of tests of one field it lists the last
! -p tcp -m tcp --dport 1;=;OK;legacy FAIL the kernel module takes no negated protocol
! -p tcp -m tcp --syn;! -p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN;OK;legacy FAIL the kernel module takes no negated protocol
! -p tcp -m tcp --tcp-option 2;;FAIL
! -p tcp -m tcp;;FAIL
-p tcp -m tcp ! --sport 0:65535 --dport 5;;FAIL;both prints -p tcp -m tcp --dport 5 because they drop a test of all ports, negated or not
-p tcp -m tcp --tcp-flags NONE SYN --dport 5;;FAIL;both prints -p tcp -m tcp --dport 5 because they drop flags under an empty mask
-p tcp -m tcp ! --tcp-flags NONE NONE;;FAIL;nft prints -p tcp because it drops flags under an empty mask;legacy prints -p tcp -m tcp ! --tcp-flags NONE NONE because it keeps a test that never holds
-p tcp -m tcp ! --tcp-flags NONE ACK;;FAIL;nft prints -p tcp because it drops flags under an empty mask;legacy prints -p tcp -m tcp ! --tcp-flags NONE ACK because it keeps a test that always holds
-p tcp -m tcp --dport 5:4;;FAIL
-p tcp -m tcp --dport 65536;;FAIL
-p tcp -m tcp --dport -1;;FAIL
-p tcp -m tcp --dport 1:2:3;;FAIL
-p tcp -m tcp --dport 1-2;;FAIL
-p tcp -m tcp --dport 22,80;;FAIL
-p tcp -m tcp --dport tftp;;FAIL
-p tcp -m tcp --dport HTTP;;FAIL
-p tcp -m tcp --dport 1 --destination-port 2;;FAIL
-p tcp -m tcp --tcp-flags SYN;;FAIL
-p tcp -m tcp --tcp-flags SYN --dport 1;;FAIL
-p tcp -m tcp --tcp-flags SYN ! --dport 1;;FAIL
-p tcp -m tcp --tcp-flags SYN,ECE SYN;;FAIL
-p tcp -m tcp --tcp-flags SYN 0x02;;FAIL
-p tcp -m tcp --tcp-flags "SYN, ACK" SYN;;FAIL
-p tcp -m tcp --tcp-flags SYN,ACK "SYN ACK";;FAIL
-p tcp -m tcp --tcp-flags SYN SYN --syn;;FAIL
-p tcp -m tcp --tcp-flags "SYN ACK";;FAIL
-p tcp -m tcp --tcp-flags "SYN, ACK" SYN;;FAIL
-p tcp -m tcp --tcp-flags SYN,ACK "SYN ACK";;FAIL
-p tcp -m tcp --syn --syn;;FAIL
-p tcp -m tcp --tcp-option 0;;FAIL
-p tcp -m tcp --tcp-option 256;;FAIL
-p tcp -m tcp --tcp-option 2 --tcp-option 3;;FAIL
-p udp -m tcp --syn;;FAIL
-p all -m tcp --dport 1;;FAIL
-m tcp;;FAIL
