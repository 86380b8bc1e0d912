:INPUT
-m socket;=;OK
-m socket --transparent;=;OK
-m socket --nowildcard;=;OK
-m socket --restore-skmark;=;OK
-m socket --restore-skmark --nowildcard --transparent;-m socket --transparent --nowildcard --restore-skmark;OK
-p udp -m socket --transparent;=;OK
-m socket ! --transparent;;FAIL
-m socket --transparent --transparent;;FAIL
-m socket --transparent 1;;FAIL
-m socket --wildcard;;FAIL
:FORWARD,OUTPUT
-m socket;;FAIL
*mangle
:PREROUTING
-m socket --transparent;=;OK
:POSTROUTING
-m socket;;FAIL
