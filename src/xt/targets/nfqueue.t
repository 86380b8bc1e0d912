:INPUT,FORWARD,OUTPUT
-j NFQUEUE;-j NFQUEUE --queue-num 0;OK
-j NFQUEUE --queue-num 0;=;OK
-j NFQUEUE --queue-num 65535;=;OK
-j NFQUEUE --queue-num 0x10;-j NFQUEUE --queue-num 16;OK
-j NFQUEUE --queue-balance 0:1;=;OK
-j NFQUEUE --queue-balance 0:65534;=;OK
-j NFQUEUE --queue-balance 1:65535;=;OK
-j NFQUEUE --queue-balance 0x1:010;-j NFQUEUE --queue-balance 1:8;OK
-j NFQUEUE --queue-balance 5:;-j NFQUEUE --queue-balance 5:65535;OK
-j NFQUEUE --queue-balance :5;-j NFQUEUE --queue-balance 0:5;OK
-j NFQUEUE --queue-bypass;-j NFQUEUE --queue-num 0 --queue-bypass;OK
-j NFQUEUE --queue-num 7 --queue-bypass;=;OK
-j NFQUEUE --queue-cpu-fanout --queue-bypass --queue-balance 1:2;-j NFQUEUE --queue-balance 1:2 --queue-bypass --queue-cpu-fanout;OK
-j NFQUEUE --queue-num 65536;;FAIL
-j NFQUEUE --queue-num -1;;FAIL
-j NFQUEUE --queue-num 1:2;;FAIL
-j NFQUEUE --queue-num;;FAIL
-j NFQUEUE --queue-balance 5;;FAIL
-j NFQUEUE --queue-balance 5:5;;FAIL
-j NFQUEUE --queue-balance 5:4;;FAIL
-j NFQUEUE --queue-balance 1:2:3;;FAIL
-j NFQUEUE --queue-balance 1-2;;FAIL
-j NFQUEUE --queue-balance 1:65536;;FAIL
-j NFQUEUE --queue-balance 0:65535;;FAIL
-j NFQUEUE --queue-balance :;;FAIL
-j NFQUEUE --queue-balance=;;FAIL
-j NFQUEUE --queue-num 1 --queue-balance 1:2;;FAIL
-j NFQUEUE --queue-cpu-fanout;;FAIL
-j NFQUEUE --queue-num 1 --queue-cpu-fanout;;FAIL
-j NFQUEUE --queue-bypass --queue-bypass;;FAIL
-j NFQUEUE --queue-num 1 --queue-num 1;;FAIL
-j NFQUEUE ! --queue-num 1;;FAIL
*raw
:PREROUTING,own
-j NFQUEUE --queue-num 2;=;OK
*mangle
:POSTROUTING
-j NFQUEUE --queue-num 2;=;OK
