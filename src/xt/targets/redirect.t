*nat
:PREROUTING,OUTPUT,proxy
-j REDIRECT;=;OK
-p tcp -j REDIRECT --to-ports 3128;=;OK
-p tcp -m tcp --dport 80 -j REDIRECT --to-ports 8080-8089 --random;=;OK
:PREROUTING
-j REDIRECT --random;=;OK
-p tcp -j REDIRECT --random --to-ports 7;-p tcp -j REDIRECT --to-ports 7 --random;OK
-p tcp -j REDIRECT --to-ports webcache;-p tcp -j REDIRECT --to-ports 8080;OK
-p udp -j REDIRECT --to-port 010;-p udp -j REDIRECT --to-ports 8;OK
-p udp -j REDIRECT --to-ports 80-+90;-p udp -j REDIRECT --to-ports 80-90;OK
-p tcp -j REDIRECT --to-ports 0-65535;=;OK
! -p tcp -j REDIRECT --to-ports 80;=;OK
-j REDIRECT --to-ports 80;;FAIL
-p all -j REDIRECT --to-ports 80;;FAIL
-p ah -j REDIRECT --to-ports 80;;FAIL
-p tcp -j REDIRECT --to-ports 80-;;FAIL
-p tcp -j REDIRECT --to-ports 80,90;;FAIL
-p tcp -j REDIRECT --to-ports 80:90;;FAIL
-p tcp -j REDIRECT --to-ports 90-80;;FAIL
-p tcp -j REDIRECT --to-ports 0-65536;;FAIL
-p tcp -j REDIRECT --to-ports http-https;;FAIL
-p tcp -j REDIRECT --to-ports 80-90/100;;FAIL
-p tcp -j REDIRECT --to-ports 1 --to-ports 2;;FAIL
-p tcp -j REDIRECT ! --to-ports 1;;FAIL
-j REDIRECT --random-fully;;FAIL
-j REDIRECT --persistent;;FAIL
:POSTROUTING,INPUT
-j REDIRECT;;FAIL
*mangle
:PREROUTING
-j REDIRECT;;FAIL
