:INPUT,FORWARD,OUTPUT
-p ah -m ah;=;OK
-p ah -m ah --ahspi 1;=;OK
-p ah -m ah ! --ahspi 1:5;=;OK
-p ah -m ah --ahspi 5:1;=;OK
-p 51 --ahspi 0x10;-p ah -m ah --ahspi 16;OK
-p ah --ahspi 5:;-p ah -m ah --ahspi 5:4294967295;OK
-p ah -m ah --ahspi 0:;-p ah -m ah;OK
-p ah -m ah ! --ahspi :;;FAIL;both prints -p ah -m ah because they do not list a test of all indexes, negated or not
-p ah -m ah --ahspi 4294967296;;FAIL
-p ah -m ah --ahspi 1:2:3;;FAIL
-p ah -m ah --ahspi 1 --ahspi 2;;FAIL
%ipv4
-p ah -m ah --ahlen 12;;FAIL
-p ah -m ah --ahres;;FAIL
! -p ah -m ah --ahspi 1;;FAIL
-p esp -m ah --ahspi 1;;FAIL
-m ah --ahspi 1;;FAIL
%ipv6
-m ah;=;OK
-m ah --ahspi 1;=;OK
! -p ah -m ah --ahspi 1;=;OK
-p tcp -m ah --ahspi 1;=;OK
-m ah --ahlen 24;=;OK
-m ah ! --ahlen 4294967295;=;OK
-m ah ! --ahlen 0;=;OK
-m ah --ahres --ahlen 0x10 ! --ahspi 5;-m ah ! --ahspi 5 --ahlen 16 --ahres;OK
-m ah --ahlen 0;;FAIL;both prints -m ah because a length of 0 is any length
-m ah --ahlen 4294967296;;FAIL
-m ah --ahlen 1:2;;FAIL
-m ah --ahlen 1 --ahlen 2;;FAIL
-m ah ! --ahres;;FAIL
-m ah --ahres --ahres;;FAIL
