:INPUT,FORWARD,OUTPUT
-m cpu --cpu 0;=;OK
-m cpu ! --cpu 3;=;OK
-m cpu --cpu 4294967295;=;OK
-m cpu --cpu 0x10;-m cpu --cpu 16;OK
-m cpu --cpu 010;-m cpu --cpu 8;OK
-m cpu --cpu 1 -m cpu --cpu 2;=;OK
-m cpu;;FAIL
-m cpu --cpu "";;FAIL
-m cpu --cpu 4294967296;;FAIL
-m cpu --cpu -1;;FAIL
-m cpu --cpu 0:3;;FAIL
-m cpu --cpu first;;FAIL
-m cpu --cpu 1 --cpu 1;;FAIL
*nat
:PREROUTING
-m cpu --cpu 1;=;OK
