:INPUT,FORWARD,OUTPUT
-p tcp -m tcpmss --mss 1400;=;OK
-p tcp -m tcpmss ! --mss 0:1400;=;OK
-p tcp -m tcpmss --mss :;-p tcp -m tcpmss --mss 0:65535;OK
-p tcp -m tcpmss --mss 1400:;-p tcp -m tcpmss --mss 1400:65535;OK
-p tcp -m tcpmss --mss :0x578;-p tcp -m tcpmss --mss 0:1400;OK
-p 6 -m tcpmss --mss 7:7 --syn;-p tcp -m tcpmss --mss 7 -m tcp --tcp-flags FIN,SYN,RST,ACK SYN;OK
-p tcp -m tcpmss --mss 1400:1;;FAIL
-p tcp -m tcpmss --mss 65536;;FAIL
-p tcp -m tcpmss --mss 1:2:3;;FAIL
-p tcp -m tcpmss --mss 1400-1500;;FAIL
-p tcp -m tcpmss --mss x;;FAIL
-p tcp -m tcpmss --mss 1 --mss 2;;FAIL
-p tcp -m tcpmss;;FAIL
! -p tcp -m tcpmss --mss 1;;FAIL
-p udp -m tcpmss --mss 1;;FAIL
-m tcpmss --mss 1;;FAIL
