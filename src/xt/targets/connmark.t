*mangle
:PREROUTING,INPUT,FORWARD,OUTPUT,POSTROUTING,own
-j CONNMARK --set-xmark 0x1/0xffffffff;=;OK
-j CONNMARK --set-xmark 8;-j CONNMARK --set-xmark 0x8/0xffffffff;OK
-j CONNMARK --set-xmark 0x10/0xf;=;OK
-j CONNMARK --set-mark 0x10/0xf;-j CONNMARK --set-xmark 0x10/0x1f;OK
-j CONNMARK --set-mark 020;-j CONNMARK --set-xmark 0x10/0xffffffff;OK
-j CONNMARK --and-mark 0xffff0000;-j CONNMARK --set-xmark 0x0/0xffff;OK
-j CONNMARK --or-mark 0x80000000;-j CONNMARK --set-xmark 0x80000000/0x80000000;OK
-j CONNMARK --xor-mark 0xff;-j CONNMARK --set-xmark 0xff/0x0;OK
-j CONNMARK --save-mark;-j CONNMARK --save-mark --nfmask 0xffffffff --ctmask 0xffffffff;OK
-j CONNMARK --restore-mark;-j CONNMARK --restore-mark --nfmask 0xffffffff --ctmask 0xffffffff;OK
-j CONNMARK --save-mark --mask 0xff;-j CONNMARK --save-mark --nfmask 0xff --ctmask 0xff;OK
-j CONNMARK --mask 255 --restore-mark;-j CONNMARK --restore-mark --nfmask 0xff --ctmask 0xff;OK
-j CONNMARK --save-mark --nfmask 0xf0;-j CONNMARK --save-mark --nfmask 0xf0 --ctmask 0xffffffff;OK
-j CONNMARK --restore-mark --ctmask 0;-j CONNMARK --restore-mark --nfmask 0xffffffff --ctmask 0x0;OK
-j CONNMARK --restore-mark --nfmask 0x3 --ctmask 0xf0;=;OK
-j CONNMARK --set-xmark 0x1/0xffffffff --left-shift-mark 3;=;OK
-j CONNMARK --save-mark --right-shift-mark 31;-j CONNMARK --save-mark --nfmask 0xffffffff --ctmask 0xffffffff --right-shift-mark 31;OK
-j CONNMARK --left-shift-mark 0x10 --restore-mark --mask 1;-j CONNMARK --restore-mark --nfmask 0x1 --ctmask 0x1 --left-shift-mark 16;OK
-j CONNMARK --save-mark --left-shift-mark 0;-j CONNMARK --save-mark --nfmask 0xffffffff --ctmask 0xffffffff;OK
-j CONNMARK --save-mark --right-shift-mark 0;-j CONNMARK --save-mark --nfmask 0xffffffff --ctmask 0xffffffff;OK
-j CONNMARK --set-mark 1 --mask 3;-j CONNMARK --set-xmark 0x1/0x3;OK
-j CONNMARK --or-mark 4 --ctmask 0xf;-j CONNMARK --set-xmark 0x4/0xf;OK
-j CONNMARK;;FAIL
-j CONNMARK --mask 3;;FAIL
-j CONNMARK --left-shift-mark 3;;FAIL
-j CONNMARK --set-mark 1 --save-mark;;FAIL
-j CONNMARK --save-mark --restore-mark;;FAIL
-j CONNMARK --restore-mark --xor-mark 1;;FAIL
-j CONNMARK --set-mark 1 --set-xmark 1;;FAIL
-j CONNMARK --save-mark --save-mark;;FAIL
-j CONNMARK --restore-mark --ctmask 1 --mask 1;;FAIL
-j CONNMARK --restore-mark --mask 1 --nfmask 1;;FAIL
-j CONNMARK --restore-mark --mask 0x100000000;;FAIL
-j CONNMARK --save-mark --mask 1/2;;FAIL
-j CONNMARK --save-mark --right-shift-mark 33;;FAIL
-j CONNMARK --save-mark --left-shift-mark 32;;FAIL
-j CONNMARK ! --save-mark;;FAIL
-j CONNMARK --save-mark 1;;FAIL
-j CONNMARK --set-mark 1 --nfmask 3;;FAIL;both prints -j CONNMARK --set-xmark 0x1/0xffffffff because it ignores --nfmask unless a mark is copied
-j CONNMARK --mask 3 --set-mark 1;;FAIL;both prints -j CONNMARK --set-xmark 0x1/0xffffffff because it ignores a mask before the value
-j CONNMARK --ctmask 3 --and-mark 1;;FAIL;both prints -j CONNMARK --set-xmark 0x0/0xfffffffe because it ignores a mask before the value
-j CONNMARK --save-mark --left-shift-mark 1 --right-shift-mark 3;;FAIL;both prints -j CONNMARK --save-mark --nfmask 0xffffffff --ctmask 0xffffffff --right-shift-mark 3 because only the last shift counts
*filter
:INPUT,FORWARD
-j CONNMARK --set-xmark 0x1/0xff;=;OK
*raw
:PREROUTING
-j CONNMARK --restore-mark --nfmask 0xff --ctmask 0xff;=;OK
