:INPUT,FORWARD,OUTPUT
%ipv4
-m connlimit --connlimit-above 3;-m connlimit --connlimit-above 3 --connlimit-mask 32 --connlimit-saddr;OK
-m connlimit ! --connlimit-above 3 --connlimit-mask 24;-m connlimit --connlimit-upto 3 --connlimit-mask 24 --connlimit-saddr;OK
%ipv6
-m connlimit --connlimit-upto 3;-m connlimit --connlimit-upto 3 --connlimit-mask 128 --connlimit-saddr;OK
-m connlimit ! --connlimit-upto 3 --connlimit-mask 64 --connlimit-daddr;-m connlimit --connlimit-above 3 --connlimit-mask 64 --connlimit-daddr;OK
%
:INPUT
-m connlimit --connlimit-above 4294967295 --connlimit-mask 0 --connlimit-saddr;=;OK
-m connlimit --connlimit-upto 0 --connlimit-mask 32 --connlimit-daddr;=;OK
-m connlimit --connlimit-above 0x10 --connlimit-mask 010;-m connlimit --connlimit-above 16 --connlimit-mask 8 --connlimit-saddr;OK
-m connlimit;;FAIL
-m connlimit --connlimit-mask 24;;FAIL
-m connlimit --connlimit-daddr;;FAIL
-m connlimit --connlimit-above 3 --connlimit-upto 3;;FAIL
-m connlimit --connlimit-above 3 --connlimit-saddr --connlimit-daddr;;FAIL
-m connlimit --connlimit-above 3 ! --connlimit-daddr;;FAIL
-m connlimit --connlimit-above 3 ! --connlimit-mask 24;;FAIL
-m connlimit --connlimit-above 3 --connlimit-above 4;;FAIL
-m connlimit --connlimit-above 3 --connlimit-mask 24 --connlimit-mask 24;;FAIL
-m connlimit --connlimit-above 4294967296;;FAIL
-m connlimit --connlimit-above -1;;FAIL
-m connlimit --connlimit-above many;;FAIL
-m connlimit --connlimit-above "";;FAIL
-m connlimit --connlimit-above 3 --connlimit-mask "";;FAIL
-m connlimit --connlimit-above 3 --connlimit-mask wide;;FAIL
%ipv4
-m connlimit --connlimit-above 3 --connlimit-mask 255.255.0.0;-m connlimit --connlimit-above 3 --connlimit-mask 16 --connlimit-saddr;OK
-m connlimit --connlimit-above 3 --connlimit-mask 255.0.255.0;-m connlimit --connlimit-above 3 --connlimit-mask 32 --connlimit-saddr;FAIL;both OK a mask with holes is taken for /32
-m connlimit --connlimit-above 3 --connlimit-mask 33;-m connlimit --connlimit-above 3 --connlimit-mask 32 --connlimit-saddr;FAIL;both OK 33 is read as the mask 0.0.0.33 and taken for /32
-m connlimit --connlimit-above 3 --connlimit-mask ffff::;;FAIL
%ipv6
-m connlimit --connlimit-above 3 --connlimit-mask ffff:ffff:ffff:8000::;-m connlimit --connlimit-above 3 --connlimit-mask 49 --connlimit-saddr;OK
-m connlimit --connlimit-above 3 --connlimit-mask ffff::ffff;-m connlimit --connlimit-above 3 --connlimit-mask 128 --connlimit-saddr;FAIL;both OK a mask with holes is taken for /128
-m connlimit --connlimit-above 3 --connlimit-mask 129;;FAIL
-m connlimit --connlimit-above 3 --connlimit-mask 255.255.255.0;;FAIL
