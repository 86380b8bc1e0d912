:FORWARD,own
-m devgroup --src-group 1;-m devgroup --src-group 0x1;OK
-m devgroup ! --src-group 0x1f;=;OK
-m devgroup --dst-group 4294967295;-m devgroup --dst-group 0xffffffff;OK
-m devgroup --dst-group 010 ! --src-group 7;-m devgroup ! --src-group 0x7 --dst-group 0x8;OK
-m devgroup --src-group 0x10/0xf0;=;OK
-m devgroup ! --dst-group 5/3;-m devgroup ! --dst-group 0x5/0x3;OK
-m devgroup --src-group 5/0xffffffff;-m devgroup --src-group 0x5;OK
-m devgroup --src-group 0;-m devgroup --src-group default;OK
-m devgroup ! --src-group default;=;OK
-m devgroup --src-group 0/0xff;-m devgroup --src-group 0x0/0xff;OK
-m devgroup;;FAIL
-m devgroup --src-group;;FAIL
-m devgroup --src-group "";;FAIL
-m devgroup --src-group lan;;FAIL
-m devgroup --src-group Default;;FAIL
-m devgroup --src-group default/0xff;;FAIL
-m devgroup --src-group 4294967296;;FAIL
-m devgroup --src-group -1;;FAIL
-m devgroup --src-group 1/;;FAIL
-m devgroup --src-group 1/x;;FAIL
-m devgroup --src-group 1,2;;FAIL
-m devgroup --src-group 1 --src-group 2;;FAIL
:INPUT
-m devgroup --src-group 0x1;=;OK
-m devgroup --dst-group 0x1;;FAIL
-m devgroup --src-group 0x1 --dst-group 0x1;;FAIL
:OUTPUT
-m devgroup --dst-group 0x1;=;OK
-m devgroup --src-group 0x1;;FAIL
*mangle
:PREROUTING
-m devgroup --src-group 0x1;=;OK
-m devgroup --dst-group 0x1;;FAIL
:POSTROUTING
-m devgroup --dst-group 0x1;=;OK
-m devgroup --src-group 0x1;;FAIL
