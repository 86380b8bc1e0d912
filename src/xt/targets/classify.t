*mangle
:FORWARD,OUTPUT,POSTROUTING
-j CLASSIFY --set-class 1:1;-j CLASSIFY --set-class 0001:0001;OK
-j CLASSIFY --set-class 0000:ffff;=;OK
-j CLASSIFY --set-class FfFf:0;-j CLASSIFY --set-class ffff:0000;OK
-j CLASSIFY --set-class 0:0;-j CLASSIFY --set-class 0000:0000;OK
-j CLASSIFY --set-class 10:10;-j CLASSIFY --set-class 0010:0010;OK
-j CLASSIFY --set-class 0x1a:0X2b;-j CLASSIFY --set-class 001a:002b;OK
-j CLASSIFY --set-class 000012:0000034;-j CLASSIFY --set-class 0012:0034;OK
-j CLASSIFY;;FAIL
-j CLASSIFY --set-class;;FAIL
-j CLASSIFY --set-class 1;;FAIL
-j CLASSIFY --set-class 1:;;FAIL
-j CLASSIFY --set-class :1;;FAIL
-j CLASSIFY --set-class root;;FAIL
-j CLASSIFY --set-class 1/1;;FAIL
-j CLASSIFY --set-class 1:1 --set-class 1:2;;FAIL
-j CLASSIFY ! --set-class 1:1;;FAIL
-j CLASSIFY --set-class 10000:1;;FAIL;both prints -j CLASSIFY --set-class 0000:0001 because it keeps 16 bits of each number
-j CLASSIFY --set-class 1:12345;;FAIL;both prints -j CLASSIFY --set-class 0001:2345 because it keeps 16 bits of each number
-j CLASSIFY --set-class -1:1;;FAIL;both prints -j CLASSIFY --set-class ffff:0001 because it reads negative numbers
-j CLASSIFY --set-class 1:1g;;FAIL;both prints -j CLASSIFY --set-class 0001:0001 because it ignores what follows the numbers
-j CLASSIFY --set-class 1:2:3;;FAIL;both prints -j CLASSIFY --set-class 0001:0002 because it ignores what follows the numbers
:PREROUTING,INPUT
-j CLASSIFY --set-class 1:1;;FAIL
*filter
:FORWARD,OUTPUT
-j CLASSIFY --set-class 1:10;-j CLASSIFY --set-class 0001:0010;OK
:INPUT
-j CLASSIFY --set-class 1:10;;FAIL
*raw
:PREROUTING
-j CLASSIFY --set-class 1:10;;FAIL
:OUTPUT
-j CLASSIFY --set-class 1:10;-j CLASSIFY --set-class 0001:0010;OK
*nat
:POSTROUTING,OUTPUT
-j CLASSIFY --set-class 1:10;-j CLASSIFY --set-class 0001:0010;OK
