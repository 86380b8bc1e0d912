:INPUT,FORWARD,OUTPUT
-p udp -m udp --sport 53;=;OK
-p udp -m udp ! --sport 53;=;OK
-p udp -m udp --dport 1024:65535;=;OK
-p udp -m udp ! --dport 1:2;=;OK
-p udp --dport domain;-p udp -m udp --dport 53;OK
-p udp -m udp --source-port 1: --destination-port :5;-p udp -m udp --sport 1:65535 --dport 0:5;OK
-p udp -m udp --sport 0:65535;-p udp -m udp;OK
-p udp -m udp --dport 5:4;;FAIL
-p udp -m udp --dport 65536;;FAIL
-p udp -m udp --dport nosuchservice;;FAIL
-p udp -m udp --dport 1 --dport 2;;FAIL
-p udp -m udp --dport;;FAIL
-p tcp -m udp --dport 1;;FAIL
! -p udp -m udp --dport 1;;FAIL
-m udp --dport 1;;FAIL
