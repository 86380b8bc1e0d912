*raw
:PREROUTING,OUTPUT,own
-j TRACE;=;OK
-p tcp -j TRACE;=;OK
-j TRACE --all;;FAIL
-j TRACE 1;;FAIL
! -j TRACE;;FAIL
*filter
:INPUT,FORWARD
-j TRACE;=;OK;legacy FAIL iptables-legacy takes TRACE only in table raw
*mangle
:POSTROUTING
-j TRACE;=;OK;legacy FAIL iptables-legacy takes TRACE only in table raw
