:INPUT,FORWARD,OUTPUT
-j LOG;=;OK
-j LOG --log-prefix drop;=;OK
-j LOG --log-prefix "IN drop: ";=;OK
-j LOG --log-prefix "plain_word-1";-j LOG --log-prefix plain_word-1;OK
-j LOG --log-prefix "a\"b";=;OK
-j LOG --log-prefix it's;-j LOG --log-prefix "it\'s";OK
-j LOG --log-prefix "back\\slash";=;OK
-j LOG --log-prefix ä;-j LOG --log-prefix "ä";OK
-j LOG --log-prefix xxxxxxxxxxxxxxxxxxxxxxxxxxxxx;=;OK
-j LOG --log-prefix --;-j LOG --log-prefix --;OK
-j LOG --log-level 0;=;OK
-j LOG --log-level 4;-j LOG;OK
-j LOG --log-level warning;-j LOG;OK
-j LOG --log-level emerg;-j LOG --log-level 0;OK
-j LOG --log-level panic;-j LOG --log-level 0;OK
-j LOG --log-level alert;-j LOG --log-level 1;OK
-j LOG --log-level crit;-j LOG --log-level 2;OK
-j LOG --log-level error;-j LOG --log-level 3;OK
-j LOG --log-level notice;-j LOG --log-level 5;OK
-j LOG --log-level info;-j LOG --log-level 6;OK
-j LOG --log-level debug;-j LOG --log-level 7;OK
-j LOG --log-level 0x7;-j LOG --log-level 7;OK
-j LOG --log-tcp-sequence --log-tcp-options --log-ip-options --log-uid --log-macdecode;=;OK
-j LOG --log-macdecode --log-uid --log-level 3 --log-prefix q;-j LOG --log-prefix q --log-level 3 --log-uid --log-macdecode;OK
-j LOG --log-i;-j LOG --log-ip-options;OK
-j LOG --log-prefix;;FAIL
-j LOG --log-prefix=;;FAIL
-j LOG --log-prefix "";;FAIL
-j LOG --log-prefix a b;;FAIL
-j LOG --log-level 8;;FAIL
-j LOG --log-level -1;;FAIL
-j LOG --log-level warn;;FAIL
-j LOG --log-level err;;FAIL
-j LOG --log-level DEBUG;;FAIL
-j LOG --log-level "";;FAIL
-j LOG --log-level 1 --log-level 1;;FAIL
-j LOG --log-uid --log-uid;;FAIL
-j LOG --log-prefix a --log-prefix b;;FAIL
-j LOG ! --log-uid;;FAIL
-j LOG --log-tcp;;FAIL
-j LOG --log-uid 0;;FAIL
-j LOG --log-prefix xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx;-j LOG --log-prefix xxxxxxxxxxxxxxxxxxxxxxxxxxxxx;OK
-j LOG --log-prefix xxxxxxxxxxxxxxxääääääää;-j LOG --log-prefix "xxxxxxxxxxxxxxxäääääää";OK
*raw
:PREROUTING
-j LOG --log-level 1;=;OK
*nat
:POSTROUTING,own
-j LOG --log-uid;=;OK
