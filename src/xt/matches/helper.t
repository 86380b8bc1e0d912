:INPUT,FORWARD,OUTPUT
-m helper --helper ftp;=;OK
-m helper ! --helper ftp-2121;=;OK
-m helper --helper "";=;OK
-m helper ! --helper "";=;OK
-m helper --helper "ftp";-m helper --helper ftp;OK
-m helper --helper "two words";=;OK
-m helper --helper a.b;-m helper --helper "a.b";OK
-m helper --helper aaaaaaaaaabbbbbbbbbbccccccccc;=;OK
-m helper --helper ftp -m helper ! --helper sip;=;OK
-m helper --helper aaaaaaaaaabbbbbbbbbbcccccccccd;-m helper --helper aaaaaaaaaabbbbbbbbbbccccccccc;FAIL;both OK the name is cut to 29 bytes
-m helper;;FAIL
-m helper --helper;;FAIL
-m helper --helper ftp --helper sip;;FAIL
-m helper --helper ftp sip;;FAIL
*raw
:PREROUTING
-m helper --helper ftp;=;OK
