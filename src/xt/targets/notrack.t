*raw
:PREROUTING,OUTPUT,quiet
-j NOTRACK;=;OK
-p tcp -m tcp --dport 80 -j NOTRACK;=;OK
-p udp -m mark --mark 0x1 -j NOTRACK;=;OK
! -p tcp -j NOTRACK;=;OK
-j NOTRACK --notrack;;FAIL
-j NOTRACK --zone 1;;FAIL
! -j NOTRACK;;FAIL
-j NOTRACK -j NOTRACK;;FAIL
-j NOTRACK stray;;FAIL
*filter
:INPUT,FORWARD,OUTPUT
-j NOTRACK;;FAIL
*mangle
:PREROUTING,POSTROUTING
-j NOTRACK;;FAIL
*nat
:PREROUTING
-j NOTRACK;;FAIL
