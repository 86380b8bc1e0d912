:INPUT,FORWARD,OUTPUT,user
-m realm --realm 0x1;=;OK
-m realm ! --realm 0x10/0xf0;=;OK
-m realm --realm 010;-m realm --realm 0x8;OK
-m realm --realm 0xffffffff;=;OK
-m realm --realm cosmos;=;OK
-m realm --realm 0;-m realm --realm cosmos;OK
-m realm --realm 0/0xffffffff;-m realm --realm cosmos;OK
-m realm --realm 0/0xff;-m realm --realm 0x0/0xff;OK
-m realm --realm 1/0;-m realm --realm 0x1/0x0;OK
-m realm;;FAIL
-m realm --realm COSMOS;;FAIL
-m realm --realm cosmos/1;;FAIL
-m realm --realm nosuch;;FAIL
-m realm --realm 0x100000000;;FAIL
-m realm --realm 1/0x100000000;;FAIL
-m realm --realm 1/;;FAIL
-m realm --realm 1x;;FAIL
-m realm --realm "";;FAIL
-m realm --realm 1 --realm 2;;FAIL
*mangle
:POSTROUTING
-m realm --realm 0x1;=;OK
:PREROUTING
-m realm --realm 0x1;;FAIL
*raw
:PREROUTING
-m realm --realm 0x1;;FAIL
