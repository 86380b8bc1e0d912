:INPUT,FORWARD,OUTPUT
-m quota --quota 1000;=;OK
-m quota ! --quota 1000;=;OK
-m quota --quota 0;=;OK
-m quota --quota 18446744073709551615;=;OK
-m quota --quota 9007199254740993;=;OK
-m quota --quota 0x10;-m quota --quota 16;OK
-m quota --quota 010;-m quota --quota 8;OK
-m quota --quota 5 -m quota ! --quota 3;=;OK
-m quota;;FAIL
-m quota --quota "";;FAIL
-m quota --quota 18446744073709551616;;FAIL
-m quota --quota 1k;;FAIL
-m quota --quota 1.5;;FAIL
-m quota --quota -1;;FAIL
-m quota --quota 1 --quota 2;;FAIL
*raw
:PREROUTING
-m quota --quota 1;=;OK
