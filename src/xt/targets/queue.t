:INPUT,FORWARD,OUTPUT
-j QUEUE;;FAIL;legacy prints -j QUEUE because iptables-nft knows no target QUEUE and iptables-legacy does
-p tcp -j QUEUE;;FAIL;legacy prints -p tcp -j QUEUE because iptables-nft knows no target QUEUE and iptables-legacy does
-j QUEUE --queue-num 1;;FAIL
! -j QUEUE;;FAIL
