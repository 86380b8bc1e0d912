*mangle
:PREROUTING,INPUT,FORWARD,OUTPUT,POSTROUTING,own
-j MARK --set-xmark 0x1/0xffffffff;=;OK
-j MARK --set-xmark 1;-j MARK --set-xmark 0x1/0xffffffff;OK
-j MARK --set-xmark 0x10/0xf;=;OK
-j MARK --set-xmark 0/0;-j MARK --set-xmark 0x0/0x0;OK
-j MARK --set-xmark 0xffffffff/0;-j MARK --set-xmark 0xffffffff/0x0;OK
-j MARK --set-mark 0x12345678;-j MARK --set-xmark 0x12345678/0xffffffff;OK
-j MARK --set-mark 010;-j MARK --set-xmark 0x8/0xffffffff;OK
-j MARK --set-mark 0x10/0xf;-j MARK --set-xmark 0x10/0x1f;OK
-j MARK --set-mark 0x80000000/0x1;-j MARK --set-xmark 0x80000000/0x80000001;OK
-j MARK --set-mark 1/0;-j MARK --set-xmark 0x1/0x1;OK
-j MARK --and-mark 0xff;-j MARK --set-xmark 0x0/0xffffff00;OK
-j MARK --and-mark 0;-j MARK --set-xmark 0x0/0xffffffff;OK
-j MARK --and-mark 0xffffffff;-j MARK --set-xmark 0x0/0x0;OK
-j MARK --or-mark 0x80000000;-j MARK --set-xmark 0x80000000/0x80000000;OK
-j MARK --or-mark 0;-j MARK --set-xmark 0x0/0x0;OK
-j MARK --xor-mark 4294967295;-j MARK --set-xmark 0xffffffff/0x0;OK
-j MARK --set-m=5/07;-j MARK --set-xmark 0x5/0x7;OK
-j MARK;;FAIL
-j MARK --set-mark;;FAIL
-j MARK --set-mark 0x100000000;;FAIL
-j MARK --set-mark 1/0x100000000;;FAIL
-j MARK --set-mark 1/;;FAIL
-j MARK --set-mark /1;;FAIL
-j MARK --set-mark 0xg;;FAIL
-j MARK --set-mark -1;;FAIL
-j MARK --or-mark 1/2;;FAIL
-j MARK --and-mark 4294967296;;FAIL
-j MARK --set-mark 1 --set-mark 1;;FAIL
-j MARK --set-mark 1 --or-mark 1;;FAIL
-j MARK --set-xmark 1 --set-mark 1;;FAIL
-j MARK --and-mark 1 --xor-mark 1;;FAIL
-j MARK ! --set-mark 1;;FAIL
-j MARK --set 1;;FAIL
*filter
:INPUT,FORWARD
-j MARK --set-xmark 0x1/0xff;=;OK
*raw
:PREROUTING
-j MARK --set-xmark 0x1/0xff;=;OK
*nat
:POSTROUTING
-j MARK --set-xmark 0x1/0xff;=;OK
