:INPUT,FORWARD,OUTPUT
-m ttl --ttl-eq 64;=;OK
-m ttl ! --ttl-eq 0;=;OK
-m ttl --ttl 64;-m ttl --ttl-eq 64;OK
-m ttl ! --ttl 0x40;-m ttl ! --ttl-eq 64;OK
-m ttl --ttl-lt 5;=;OK
-m ttl --ttl-lt 0;=;OK
-m ttl --ttl-gt 255;=;OK
-m ttl --ttl-gt 010;-m ttl --ttl-gt 8;OK
-p tcp -m ttl --ttl-eq 255 -m ttl --ttl-gt 3;=;OK
*mangle
:PREROUTING,POSTROUTING
-m ttl --ttl-eq 1;=;OK
-m ttl;;FAIL
-m ttl --ttl-eq 256;;FAIL
-m ttl --ttl-lt -1;;FAIL
-m ttl --ttl-gt x;;FAIL
-m ttl --ttl-eq 1:2;;FAIL
-m ttl ! --ttl-lt 5;;FAIL
-m ttl ! --ttl-gt 5;;FAIL
-m ttl --ttl-eq 5 --ttl 6;;FAIL
-m ttl --ttl-eq 5 --ttl-lt 6;;FAIL
-m ttl --ttl-lt 5 --ttl-gt 6;;FAIL
-m ttl --ttl-eq 5 --ttl-gt 4;;FAIL
-m ttl --ttl-inc 1;;FAIL
