:INPUT,FORWARD,own
-m eui64;=;OK
-p tcp -m eui64 -j ACCEPT;=;OK
-m eui64 -m eui64;=;OK
! -m eui64;;FAIL
-m eui64 --mac-source 02:00:00:00:00:01;;FAIL
-m eui64 02:00:00:00:00:01;;FAIL
*raw
:PREROUTING
-m eui64;=;OK
*filter
:OUTPUT
-m eui64;;FAIL
*mangle
:PREROUTING,INPUT,FORWARD
-m eui64;=;OK
:OUTPUT,POSTROUTING
-m eui64;;FAIL
*raw
:OUTPUT
-m eui64;;FAIL
