*mangle
:PREROUTING,INPUT,FORWARD,OUTPUT,POSTROUTING,own
-j CHECKSUM --checksum-fill;=;OK
-p udp -j CHECKSUM --checksum-fill;=;OK
-p tcp -j CHECKSUM --checksum;-p tcp -j CHECKSUM --checksum-fill;OK
-j CHECKSUM;;FAIL
-j CHECKSUM --checksum-fill --checksum-fill;;FAIL
-j CHECKSUM ! --checksum-fill;;FAIL
-j CHECKSUM --checksum-fill 1;;FAIL
-j CHECKSUM --checksum-fill=1;;FAIL
*filter
:INPUT,FORWARD
-j CHECKSUM --checksum-fill;;FAIL
*raw
:OUTPUT
-j CHECKSUM --checksum-fill;;FAIL
