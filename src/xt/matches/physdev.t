:INPUT,FORWARD,own
-m physdev --physdev-in eth0;=;OK
-m physdev ! --physdev-in br-lan+;=;OK
-m physdev --physdev-out tap0;=;OK
-m physdev ! --physdev-out +;=;OK
-m physdev --physdev-is-in;=;OK
-m physdev ! --physdev-is-out;=;OK
-m physdev --physdev-is-bridged;=;OK
-m physdev ! --physdev-is-bridged ! --physdev-is-in;-m physdev ! --physdev-is-in ! --physdev-is-bridged;OK
-m physdev --physdev-is-bridged --physdev-out b --physdev-is-out --physdev-in a --physdev-is-in;-m physdev --physdev-is-in --physdev-in a --physdev-is-out --physdev-out b --physdev-is-bridged;OK
-m physdev --physdev-in abcdefghijklmno;=;OK
-m physdev --physdev-in a/b;=;OK
-m physdev --physdev-in abcdefghijklmnop;;FAIL
-m physdev;;FAIL
-m physdev --physdev-in;;FAIL
-m physdev --physdev-in a --physdev-in b;;FAIL
-m physdev --physdev-is-in --physdev-is-in;;FAIL
-m physdev --physdev-is-in eth0;;FAIL
-m physdev --physdev-in "";;FAIL;both prints -m physdev --physdev-in  because it lists the empty name as nothing, so that the listing cannot be loaded
-m physdev --physdev-in "a b";;FAIL;both prints -m physdev --physdev-in a b because it lists a name with a blank unquoted, so that the listing cannot be loaded
:OUTPUT
-m physdev --physdev-in eth0;=;OK
-m physdev --physdev-is-in;=;OK
-m physdev --physdev-out eth0 --physdev-is-bridged;=;OK
-m physdev --physdev-is-out --physdev-is-bridged;=;OK
-m physdev --physdev-out eth0;;FAIL
-m physdev ! --physdev-out eth0;;FAIL
-m physdev --physdev-is-out;;FAIL
-m physdev ! --physdev-is-out ! --physdev-is-bridged;;FAIL
*mangle
:PREROUTING,POSTROUTING
-m physdev --physdev-out eth0;=;OK
-m physdev --physdev-is-out ! --physdev-is-bridged;=;OK
:OUTPUT
-m physdev --physdev-out eth0;;FAIL
