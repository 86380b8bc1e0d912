*mangle
:PREROUTING,INPUT,FORWARD,OUTPUT,POSTROUTING,own
-j TOS --set-tos 0x10/0xff;=;OK
-j TOS --set-tos 16;-j TOS --set-tos 0x10/0xff;OK
-j TOS --set-tos 0xff/0x00;=;OK
-j TOS --set-tos 010/077;-j TOS --set-tos 0x08/0x3f;OK
-j TOS --set-tos 255/255;-j TOS --set-tos 0xff/0xff;OK
-j TOS --set-tos Minimize-Delay;-j TOS --set-tos 0x10/0x3f;OK
-j TOS --set-tos maximize-throughput;-j TOS --set-tos 0x08/0x3f;OK
-j TOS --set-tos Maximize-Reliability;-j TOS --set-tos 0x04/0x3f;OK
-j TOS --set-tos MINIMIZE-COST;-j TOS --set-tos 0x02/0x3f;OK
-j TOS --set-tos Normal-Service;-j TOS --set-tos 0x00/0x3f;OK
-j TOS --and-tos 0x10;-j TOS --set-tos 0x00/0xef;OK
-j TOS --and-tos 0xff;-j TOS --set-tos 0x00/0x00;OK
-j TOS --or-tos 3;-j TOS --set-tos 0x03/0x03;OK
-j TOS --xor-tos 255;-j TOS --set-tos 0xff/0x00;OK
-j TOS;;FAIL
-j TOS --set-tos;;FAIL
-j TOS --set-tos 256;;FAIL
-j TOS --set-tos 1/256;;FAIL
-j TOS --set-tos 1/;;FAIL
-j TOS --set-tos /1;;FAIL
-j TOS --set-tos 16x;;FAIL
-j TOS --set-tos Minimize-Delay/0xff;;FAIL
-j TOS --set-tos Minimize;;FAIL
-j TOS --or-tos 256;;FAIL
-j TOS --or-tos 1/1;;FAIL
-j TOS --xor-tos Normal-Service;;FAIL
-j TOS --set-tos 1 --set-tos 1;;FAIL
-j TOS --set-tos 1 --or-tos 1;;FAIL
-j TOS --and-tos 1 --xor-tos 1;;FAIL
-j TOS ! --set-tos 1;;FAIL
*filter
:INPUT,FORWARD
-j TOS --set-tos 0x10/0xff;;FAIL
*raw
:PREROUTING
-j TOS --set-tos 0x10/0xff;;FAIL
