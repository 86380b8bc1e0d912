:INPUT,FORWARD,OUTPUT
-m length --length 1500;=;OK
-m length --length 0;=;OK
-m length ! --length 40:1500;=;OK
-m length --length 0:65535;=;OK
-m length ! --length 0:65535;=;OK
-m length --length 5:4;=;OK
-m length --length :5;-m length --length 0:5;OK
-m length --length 0x5:;-m length --length 5:65535;OK
-m length --length :;-m length --length 0:65535;OK
-m length ! --length 010:8;-m length ! --length 8;OK
-p tcp -m length --length 60;=;OK
-m length --length "";;FAIL;both prints -m length --length 0 because an empty text counts as 0
-m length --length 65536;;FAIL
-m length --length 1:65536;;FAIL
-m length --length -1;;FAIL
-m length --length 1-2;;FAIL
-m length --length 1:2:3;;FAIL
-m length --length x;;FAIL
-m length --length 1 --length 2;;FAIL
-m length;;FAIL
*nat
:PREROUTING,POSTROUTING
-m length --length 1:2;=;OK
