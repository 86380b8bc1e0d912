:INPUT,FORWARD,OUTPUT
-m connbytes --connbytes 1 --connbytes-mode bytes --connbytes-dir both;=;OK
-m connbytes --connbytes 10000:100000 --connbytes-dir original --connbytes-mode packets;-m connbytes --connbytes 10000:100000 --connbytes-mode packets --connbytes-dir original;OK
-m connbytes ! --connbytes 5:9 --connbytes-mode avgpkt --connbytes-dir reply;=;OK
-m connbytes ! --connbytes 5 --connbytes-mode avgpkt --connbytes-dir reply;=;OK
:INPUT
-m connbytes --connbytes 5: --connbytes-mode bytes --connbytes-dir both;-m connbytes --connbytes 5 --connbytes-mode bytes --connbytes-dir both;OK
-m connbytes --connbytes :9 --connbytes-mode bytes --connbytes-dir both;-m connbytes --connbytes 0:9 --connbytes-mode bytes --connbytes-dir both;OK
-m connbytes --connbytes 0 --connbytes-mode bytes --connbytes-dir both;=;OK
-m connbytes ! --connbytes : --connbytes-mode bytes --connbytes-dir both;-m connbytes ! --connbytes 0 --connbytes-mode bytes --connbytes-dir both;OK
-m connbytes --connbytes 7:7 --connbytes-mode bytes --connbytes-dir both;=;OK
-m connbytes --connbytes 010:0x10 --connbytes-mode bytes --connbytes-dir both;-m connbytes --connbytes 8:16 --connbytes-mode bytes --connbytes-dir both;OK
-m connbytes --connbytes 18446744073709551614:18446744073709551615 --connbytes-mode bytes --connbytes-dir both;-m connbytes --connbytes 18446744073709551614 --connbytes-mode bytes --connbytes-dir both;OK
-m connbytes --connbytes 9007199254740993:9007199254740995 --connbytes-mode bytes --connbytes-dir both;=;OK
-m connbytes ! --connbytes 5:5 --connbytes-mode bytes --connbytes-dir both;-m connbytes --connbytes 5:5 --connbytes-mode bytes --connbytes-dir both;FAIL;both OK the negation of a single count is dropped
-m connbytes ! --connbytes 18446744073709551615 --connbytes-mode bytes --connbytes-dir both;-m connbytes --connbytes 18446744073709551615 --connbytes-mode bytes --connbytes-dir both;FAIL;both OK the negation of a single count is dropped
-m connbytes --connbytes 0:0 --connbytes-mode bytes --connbytes-dir both;-m connbytes --connbytes 0 --connbytes-mode bytes --connbytes-dir both;FAIL;both OK the range is listed as 0, which means any count
-m connbytes --connbytes "" --connbytes-mode bytes --connbytes-dir both;-m connbytes --connbytes 0 --connbytes-mode bytes --connbytes-dir both;FAIL;both OK an empty range is read as any count
-m connbytes --connbytes 9:5 --connbytes-mode bytes --connbytes-dir both;;FAIL
-m connbytes ! --connbytes 9:5 --connbytes-mode bytes --connbytes-dir both;;FAIL
-m connbytes --connbytes 18446744073709551616 --connbytes-mode bytes --connbytes-dir both;;FAIL
-m connbytes --connbytes 0:-1 --connbytes-mode bytes --connbytes-dir both;;FAIL
-m connbytes --connbytes 1:x --connbytes-mode bytes --connbytes-dir both;;FAIL
-m connbytes --connbytes 0:18446744073709551616 --connbytes-mode bytes --connbytes-dir both;;FAIL
-m connbytes --connbytes 1:2:3 --connbytes-mode bytes --connbytes-dir both;;FAIL
-m connbytes --connbytes 1k --connbytes-mode bytes --connbytes-dir both;;FAIL
-m connbytes --connbytes -1 --connbytes-mode bytes --connbytes-dir both;;FAIL
-m connbytes --connbytes 1 --connbytes-mode packet --connbytes-dir both;;FAIL
-m connbytes --connbytes 1 --connbytes-mode Bytes --connbytes-dir both;;FAIL
-m connbytes --connbytes 1 --connbytes-mode bytes --connbytes-dir any;;FAIL
-m connbytes --connbytes 1 --connbytes-mode bytes --connbytes-dir ORIGINAL;;FAIL
-m connbytes --connbytes 1 --connbytes-mode bytes ! --connbytes-dir both;;FAIL
-m connbytes --connbytes 1 --connbytes 2 --connbytes-mode bytes --connbytes-dir both;;FAIL
-m connbytes --connbytes 1 --connbytes-mode bytes;;FAIL
-m connbytes --connbytes 1 --connbytes-dir both;;FAIL
-m connbytes --connbytes-mode bytes --connbytes-dir both;;FAIL
-m connbytes;;FAIL
*mangle
:PREROUTING,POSTROUTING
-m connbytes --connbytes 1 --connbytes-mode bytes --connbytes-dir both;=;OK
