:OUTPUT
-m owner --uid-owner 0;=;OK
-m owner ! --uid-owner 1000;=;OK
-m owner --uid-owner root;-m owner --uid-owner 0;OK
-m owner --uid-owner www-data;-m owner --uid-owner 33;OK
-m owner --uid-owner 0-65534;=;OK
-m owner --uid-owner 010:0x20;-m owner --uid-owner 8-32;OK
-m owner --uid-owner 7-7;-m owner --uid-owner 7;OK
-m owner --uid-owner 4294967294;=;OK
-m owner --gid-owner 5;=;OK
-m owner ! --gid-owner 100-200;=;OK
-m owner --gid-owner adm;-m owner --gid-owner 4;OK
-m owner --gid-owner 5 --suppl-groups;=;OK
-m owner --socket-exists;=;OK
-m owner ! --socket-exists;=;OK
-m owner --gid-owner 5-7 --suppl-groups ! --uid-owner 1 --socket-exists;-m owner --socket-exists ! --uid-owner 1 --gid-owner 5-7 --suppl-groups;OK
-m owner --uid-owner 4294967295;;FAIL
-m owner --uid-owner 100-99;;FAIL
-m owner --uid-owner 5-;;FAIL
-m owner --uid-owner -5;;FAIL
-m owner --uid-owner 5-6-7;;FAIL
-m owner --uid-owner 5,6;;FAIL
-m owner --uid-owner nosuchuser;;FAIL
-m owner --gid-owner nosuchgroup;;FAIL
-m owner --suppl-groups;;FAIL
-m owner --suppl-groups --gid-owner 5;;FAIL
-m owner --gid-owner 5 ! --suppl-groups;;FAIL
-m owner --uid-owner 1 --uid-owner 2;;FAIL
-m owner --pid-owner 1;;FAIL
-m owner;;FAIL
*mangle
:POSTROUTING
-m owner --uid-owner 0;=;OK
:PREROUTING,INPUT,FORWARD
-m owner --uid-owner 0;;FAIL
