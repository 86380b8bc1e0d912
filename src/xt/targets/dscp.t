*mangle
:PREROUTING,INPUT,FORWARD,OUTPUT,POSTROUTING,own
-j DSCP --set-dscp 0x00;=;OK
-j DSCP --set-dscp 63;-j DSCP --set-dscp 0x3f;OK
-j DSCP --set-dscp 012;-j DSCP --set-dscp 0x0a;OK
-j DSCP --set-dscp-class EF;-j DSCP --set-dscp 0x2e;OK
-j DSCP --set-dscp-class be;-j DSCP --set-dscp 0x00;OK
-j DSCP --set-dscp-class CS7;-j DSCP --set-dscp 0x38;OK
-j DSCP --set-dscp-class cs1;-j DSCP --set-dscp 0x08;OK
-j DSCP --set-dscp-class AF11;-j DSCP --set-dscp 0x0a;OK
-j DSCP --set-dscp-class af43;-j DSCP --set-dscp 0x26;OK
-j DSCP --set-dscp-c=Af22;-j DSCP --set-dscp 0x14;OK
-j DSCP;;FAIL
-j DSCP --set-dscp 64;;FAIL
-j DSCP --set-dscp -1;;FAIL
-j DSCP --set-dscp 0x1g;;FAIL
-j DSCP --set-dscp EF;;FAIL
-j DSCP --set-dscp-class 46;;FAIL
-j DSCP --set-dscp-class CS8;;FAIL
-j DSCP --set-dscp-class AF14;;FAIL
-j DSCP --set-dscp-class AF1;;FAIL
-j DSCP --set-dscp 1 --set-dscp 1;;FAIL
-j DSCP --set-dscp 1 --set-dscp-class EF;;FAIL
-j DSCP ! --set-dscp 1;;FAIL
-j DSCP --set-dscp-class EFG;;FAIL;both prints -j DSCP --set-dscp 0x2e because it ignores what follows the name
-j DSCP --set-dscp-class cs10;;FAIL;both prints -j DSCP --set-dscp 0x08 because it ignores what follows the name
*filter
:INPUT,FORWARD,OUTPUT
-j DSCP --set-dscp 0x01;;FAIL
*raw
:PREROUTING
-j DSCP --set-dscp 0x01;;FAIL
