:INPUT,FORWARD,OUTPUT
-m mark --mark 0x1;=;OK
-m mark ! --mark 0x1;=;OK
-m mark --mark 1/0xffffffff;-m mark --mark 0x1;OK
-m mark --mark 010/0xff;-m mark --mark 0x8/0xff;OK
-m mark ! --mark 0x10/0xf0;=;OK
-m mark --mark 0x100000000;;FAIL
-m mark --mark 1/x;;FAIL
-m mark --mark -1;;FAIL
-m mark;;FAIL
