:INPUT,FORWARD,OUTPUT
-p tcp -m ecn --ecn-tcp-cwr;=;OK
-p tcp -m ecn ! --ecn-tcp-cwr;=;OK
-p tcp -m ecn --ecn-tcp-ece;=;OK
-p 6 -m ecn ! --ecn-tcp-cwr --ecn-ip-ect 2 ! --ecn-tcp-ece;-p tcp -m ecn ! --ecn-tcp-ece ! --ecn-tcp-cwr --ecn-ip-ect 2;OK
-m ecn --ecn-ip-ect 0;=;OK
-m ecn ! --ecn-ip-ect 3;=;OK
-m ecn --ecn-ip-ect 0x1;-m ecn --ecn-ip-ect 1;OK
-p udp -m ecn --ecn-ip-ect 1;=;OK
! -p tcp -m ecn --ecn-ip-ect 1;=;OK
-m ecn --ecn-ip-ect 4;;FAIL
-m ecn --ecn-ip-ect -1;;FAIL
-m ecn --ecn-ip-ect ect0;;FAIL
-m ecn --ecn-ip-ect;;FAIL
-m ecn --ecn-ip-ect 1 --ecn-ip-ect 2;;FAIL
-p tcp -m ecn --ecn-tcp-ece --ecn-tcp-ece;;FAIL
-p tcp -m ecn --ecn-tcp-ece=1;;FAIL
-m ecn;;FAIL
-m ecn --ecn-tcp-cwr;;FAIL
-p udp -m ecn --ecn-tcp-ece;;FAIL
! -p tcp -m ecn --ecn-tcp-cwr;;FAIL
