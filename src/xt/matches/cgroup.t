*filter
:INPUT,OUTPUT,user
-m cgroup --cgroup 1;=;OK
-m cgroup ! --cgroup 0;=;OK
-m cgroup --cgroup 0x100001;-m cgroup --cgroup 1048577;OK
-m cgroup --cgroup 010;-m cgroup --cgroup 8;OK
-m cgroup --cgroup 4294967295;=;OK
-m cgroup --path "/";=;OK
-m cgroup ! --path "/";=;OK
-m cgroup --path "";=;OK
-m cgroup --path system.slice;-m cgroup --path "system.slice";OK;both FAIL the control group does not exist here
-m cgroup --path two\ words;;FAIL
-m cgroup --path "two words";=;OK;both FAIL the control group does not exist here
-m cgroup --path /aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa;-m cgroup --path "/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";OK;both FAIL the control group does not exist here
-m cgroup --path ////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////;-m cgroup --path "///////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////";FAIL;both OK the path is cut to 511 bytes
-m cgroup;;FAIL
-m cgroup --path / --cgroup 1;;FAIL
-m cgroup --path / --path /;;FAIL
-m cgroup --cgroup 1 --cgroup 1;;FAIL
-m cgroup --cgroup 4294967296;;FAIL
-m cgroup --cgroup -1;;FAIL
-m cgroup --cgroup 1:1;;FAIL
-m cgroup --cgroup web;;FAIL
-m cgroup --cgroup "";;FAIL
*mangle
:POSTROUTING
-m cgroup --cgroup 1;=;OK
:PREROUTING,FORWARD
-m cgroup --cgroup 1;;FAIL
*raw
:PREROUTING
-m cgroup --path /;;FAIL
