:INPUT,FORWARD,OUTPUT
-m hl --hl-eq 64;=;OK
-m hl ! --hl-eq 0;=;OK
-m hl --hl 64;-m hl --hl-eq 64;OK
-m hl ! --hl 0x40;-m hl ! --hl-eq 64;OK
-m hl --hl-lt 5;=;OK
-m hl --hl-lt 0;=;OK
-m hl --hl-gt 255;=;OK
-m hl --hl-gt 010;-m hl --hl-gt 8;OK
-p tcp -m hl --hl-eq 255 -m hl --hl-gt 3;=;OK
*mangle
:PREROUTING,POSTROUTING
-m hl --hl-eq 1;=;OK
-m hl;;FAIL
-m hl --hl-eq 256;;FAIL
-m hl --hl-lt -1;;FAIL
-m hl --hl-gt x;;FAIL
-m hl --hl-eq 1:2;;FAIL
-m hl ! --hl-lt 5;;FAIL
-m hl ! --hl-gt 5;;FAIL
-m hl --hl-eq 5 --hl 6;;FAIL
-m hl --hl-eq 5 --hl-lt 6;;FAIL
-m hl --hl-lt 5 --hl-gt 6;;FAIL
-m hl --hl-eq 5 --hl-gt 4;;FAIL
-m hl --hl-inc 1;;FAIL
