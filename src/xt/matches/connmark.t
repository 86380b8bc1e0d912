:INPUT,FORWARD,OUTPUT
-m connmark --mark 0x1;=;OK
-m connmark ! --mark 0x1;=;OK
-m connmark --mark 4294967295;-m connmark --mark 0xffffffff;OK
-m connmark --mark 0;-m connmark --mark 0x0;OK
-m connmark --mark 010/0xff;-m connmark --mark 0x8/0xff;OK
-m connmark ! --mark 0x10/0xf0;=;OK
-m connmark --mark 0x3/0x1;=;OK
-m connmark --mark 0x1/0x0;=;OK
-m connmark --mark 1/0xffffffff;-m connmark --mark 0x1;OK
-m connmark --mark 0x1 -m connmark ! --mark 0x2 -m mark --mark 0x3;=;OK
-m connmark;;FAIL
-m connmark --mark "";;FAIL
-m connmark --mark 0x100000000;;FAIL
-m connmark --mark 1/0x100000000;;FAIL
-m connmark --mark 1/;;FAIL
-m connmark --mark /1;;FAIL
-m connmark --mark web;;FAIL
-m connmark --mark -1;;FAIL
-m connmark --mark 1 --mark 2;;FAIL
*raw
:PREROUTING
-m connmark --mark 0x1;=;OK
