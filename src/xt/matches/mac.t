:INPUT,FORWARD,nowhere
-m mac --mac-source 00:1a:2b:3c:4d:5e;=;OK
-m mac ! --mac-source 00:1A:2b:3C:4d:5e;-m mac ! --mac-source 00:1a:2b:3c:4d:5e;OK
-m mac --mac-source 0:1:a:F:ff:00;-m mac --mac-source 00:01:0a:0f:ff:00;OK
-m mac --mac-source ff:ff:ff:ff:ff:ff;=;OK
-m mac --mac-source 0:1:2:3:4;;FAIL
-m mac --mac-source 0:1:2:3:4:5:6;;FAIL
-m mac --mac-source 000:1:2:3:4:5;;FAIL
-m mac --mac-source 00-1a-2b-3c-4d-5e;;FAIL
-m mac --mac-source 001a2b3c4d5e;;FAIL
-m mac --mac-source 0g:1:2:3:4:5;;FAIL
-m mac --mac-source 0:1::3:4:5;;FAIL;both prints -m mac --mac-source 00:01:00:03:04:05 because an empty byte counts as 0
-m mac --mac-source 0:1:2:3:4:;;FAIL;both prints -m mac --mac-source 00:01:02:03:04:00 because an empty byte counts as 0
-m mac --mac-source 0:1:-1:3:4:5;;FAIL;both prints -m mac --mac-source 00:01:ff:03:04:05 because a negative byte is cut to 8 bits
-m mac --mac-source 0:1:2:3:4:5 --mac-source 0:1:2:3:4:6;;FAIL
-m mac;;FAIL
:OUTPUT
-m mac --mac-source 00:1a:2b:3c:4d:5e;;FAIL
*mangle
:POSTROUTING
-m mac --mac-source 00:1a:2b:3c:4d:5e;;FAIL
:PREROUTING
-m mac --mac-source 00:1a:2b:3c:4d:5e;=;OK
*raw
-m mac --mac-source 00:1a:2b:3c:4d:5e;=;OK
