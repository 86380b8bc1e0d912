:INPUT,FORWARD,OUTPUT
-j ULOG;;FAIL
-j ULOG --ulog-nlgroup 1;;FAIL
-j ULOG --ulog-nlgroup 32 --ulog-prefix "in: " --ulog-cprange 100 --ulog-qthreshold 50;;FAIL
-j ULOG --ulog-nlgroup 33;;FAIL
-j ULOG --ulog-qthreshold 51;;FAIL
