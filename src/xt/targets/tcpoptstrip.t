*mangle
:PREROUTING,INPUT,FORWARD,OUTPUT,POSTROUTING
-p tcp -j TCPOPTSTRIP;=;OK
-p tcp -j TCPOPTSTRIP --strip-options 2;=;OK
-p tcp -j TCPOPTSTRIP --strip-options wscale,mss,sack-permitted,sack,timestamp,md5;-p tcp -j TCPOPTSTRIP --strip-options 2,3,4,5,8,19;OK
-p tcp -j TCPOPTSTRIP --strip-options 255,0x1e,010;-p tcp -j TCPOPTSTRIP --strip-options 8,30,255;OK
-p tcp -j TCPOPTSTRIP --strip=mss,9;-p tcp -j TCPOPTSTRIP --strip-options 2,9;OK
-p tcp -j TCPOPTSTRIP --strip-options;;FAIL
-p tcp -j TCPOPTSTRIP --strip-options=;;FAIL
-p tcp -j TCPOPTSTRIP --strip-options 0;;FAIL
-p tcp -j TCPOPTSTRIP --strip-options 1;;FAIL
-p tcp -j TCPOPTSTRIP --strip-options 256;;FAIL
-p tcp -j TCPOPTSTRIP --strip-options MSS;;FAIL
-p tcp -j TCPOPTSTRIP --strip-options mss,;;FAIL
-p tcp -j TCPOPTSTRIP --strip-options ,mss;;FAIL
-p tcp -j TCPOPTSTRIP --strip-options mss,2;;FAIL
-p tcp -j TCPOPTSTRIP --strip-options 7,7;;FAIL
-p tcp -j TCPOPTSTRIP --strip-options 3-5;;FAIL
-p tcp -j TCPOPTSTRIP --strip-options mss --strip-options sack;;FAIL
-p tcp -j TCPOPTSTRIP ! --strip-options mss;;FAIL
-j TCPOPTSTRIP --strip-options mss;;FAIL
-p udp -j TCPOPTSTRIP --strip-options mss;;FAIL
! -p tcp -j TCPOPTSTRIP --strip-options mss;;FAIL
*filter
:INPUT,FORWARD
-p tcp -j TCPOPTSTRIP --strip-options 2;;FAIL
