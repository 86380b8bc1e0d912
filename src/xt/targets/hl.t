*mangle
:PREROUTING,INPUT,FORWARD,OUTPUT,POSTROUTING,own
-j HL --hl-set 0;=;OK
-j HL --hl-set 255;=;OK
-j HL --hl-set 0xff;-j HL --hl-set 255;OK
-j HL --hl-dec 1;=;OK
-j HL --hl-dec 0377;-j HL --hl-dec 255;OK
-j HL --hl-inc 1;=;OK
-j HL --hl-i=254;-j HL --hl-inc 254;OK
-p udp -j HL --hl-inc 2;=;OK
-j HL;;FAIL
-j HL --hl-set;;FAIL
-j HL --hl-set 256;;FAIL
-j HL --hl-set +;;FAIL
-j HL --hl-set 1x;;FAIL
-j HL --hl-dec 0;;FAIL
-j HL --hl-inc 0;;FAIL
-j HL --hl-inc 256;;FAIL
-j HL --hl-set 1 --hl-set 1;;FAIL
-j HL --hl-set 1 --hl-dec 1;;FAIL
-j HL --hl-inc 1 --hl-dec 1;;FAIL
-j HL ! --hl-set 1;;FAIL
-j HL --hl 1;;FAIL
*filter
:INPUT,FORWARD
-j HL --hl-set 1;;FAIL
*raw
:PREROUTING
-j HL --hl-set 1;;FAIL
*nat
:POSTROUTING
-j HL --hl-set 1;;FAIL
