:INPUT,FORWARD,OUTPUT
-j NFLOG;=;OK
-j NFLOG --nflog-group 0;-j NFLOG;OK
-j NFLOG --nflog-group 1;=;OK
-j NFLOG --nflog-group 0xffff;-j NFLOG --nflog-group 65535;OK
-j NFLOG --nflog-prefix in;=;OK
-j NFLOG --nflog-prefix "in bound: ";=;OK
-j NFLOG --nflog-prefix "q\"\\";=;OK
-j NFLOG --nflog-prefix xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx;=;OK
-j NFLOG --nflog-prefix xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx;=;OK;legacy prints -j NFLOG --nflog-prefix xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx because iptables-legacy cuts the prefix at 63 bytes
-j NFLOG --nflog-prefix xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx;=;OK;legacy prints -j NFLOG --nflog-prefix xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx because iptables-legacy cuts the prefix at 63 bytes
-j NFLOG --nflog-size 0;=;OK
-j NFLOG --nflog-size 4294967295;=;OK
-j NFLOG --nflog-threshold 0;-j NFLOG;OK
-j NFLOG --nflog-threshold 1;=;OK
-j NFLOG --nflog-threshold 65535;=;OK
-j NFLOG --nflog-threshold 3 --nflog-group 2 --nflog-size 7 --nflog-prefix foo;-j NFLOG --nflog-prefix foo --nflog-group 2 --nflog-size 7 --nflog-threshold 3;OK
-j NFLOG --nflog-range 0;-j NFLOG;OK
-j NFLOG --nflog-range 5;-j NFLOG;OK;legacy prints -j NFLOG --nflog-range 5 because iptables-legacy keeps a range that has no effect
-j NFLOG --nflog-range 4294967295 --nflog-group 3;-j NFLOG --nflog-group 3;OK;legacy prints -j NFLOG --nflog-group 3 --nflog-range 4294967295 because iptables-legacy keeps a range that has no effect
-j NFLOG --nflog-range 4294967296;;FAIL
-j NFLOG --nflog-range -1;;FAIL
-j NFLOG --nflog-range 5 --nflog-size 5;;FAIL
-j NFLOG --nflog-size 4294967296;;FAIL
-j NFLOG --nflog-group 65536;;FAIL
-j NFLOG --nflog-group -1;;FAIL
-j NFLOG --nflog-group ulog;;FAIL
-j NFLOG --nflog-threshold 65536;;FAIL
-j NFLOG --nflog-prefix=;;FAIL
-j NFLOG --nflog-prefix;;FAIL
-j NFLOG --nflog-prefix a --nflog-prefix a;;FAIL
-j NFLOG --nflog-group 1 --nflog-group 1;;FAIL
-j NFLOG ! --nflog-group 1;;FAIL
-j NFLOG --nflog 1;;FAIL
-j NFLOG --nflog-prefix xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx;;FAIL;legacy prints -j NFLOG --nflog-prefix xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx because iptables-legacy cuts the prefix at 63 bytes;nft prints -j NFLOG --nflog-prefix xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx because iptables-nft cuts the prefix at 127 bytes
*raw
:PREROUTING,own
-j NFLOG --nflog-group 7;=;OK
*mangle
:POSTROUTING
-j NFLOG --nflog-group 7;=;OK
