:INPUT,FORWARD
-p tcp -m osf --genre Linux;=;OK
-p tcp -m osf ! --genre Windows;=;OK
-p tcp -m osf --genre Linux --ttl 0;=;OK
-p tcp -m osf --genre Linux --ttl 2 --log 0;=;OK
-p tcp -m osf --log 2 --genre Linux --ttl 1;-p tcp -m osf --genre Linux --ttl 1 --log 2;OK
-p tcp -m osf --genre 1234567890123456789012345678901;=;OK
-p tcp -m osf --genre 12345678901234567890123456789012;;FAIL;both prints -p tcp -m osf --genre 1234567890123456789012345678901 because the name is cut off
-p tcp -m osf --genre "Mac OS";;FAIL;both prints -p tcp -m osf --genre Mac OS because names are listed without quotes
-p tcp -m osf --genre Linux --ttl 3;;FAIL
-p tcp -m osf --genre Linux --log 3;;FAIL
-p tcp -m osf --genre Linux --log all;;FAIL
-p tcp -m osf --genre Linux --genre BSD;;FAIL
-p tcp -m osf --ttl 1;;FAIL
-p tcp -m osf;;FAIL
-m osf --genre Linux;;FAIL
-p udp -m osf --genre Linux;;FAIL
! -p tcp -m osf --genre Linux;;FAIL
:OUTPUT
-p tcp -m osf --genre Linux;;FAIL
*mangle
:PREROUTING
-p tcp -m osf --genre Linux;=;OK
