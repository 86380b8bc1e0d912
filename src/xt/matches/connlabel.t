:INPUT,FORWARD,OUTPUT
-m connlabel --label "0";=;OK
-m connlabel ! --label "127";=;OK
-m connlabel --label 5 --set;-m connlabel --label "5" --set;OK
-m connlabel --set ! --label 5;-m connlabel ! --label "5" --set;OK
-m connlabel --label 0x10;-m connlabel --label "16";OK
-m connlabel --label 010;-m connlabel --label "8";OK
-m connlabel --label "1" -m connlabel --label "2";=;OK
-m connlabel --label 128;;FAIL
-m connlabel --label 65537;-m connlabel --label "1";FAIL;both OK the number is cut to 16 bits
-m connlabel --label 4294967297;-m connlabel --label "1";FAIL;both OK the number is cut to 16 bits
-m connlabel --label 18446744073709551616;;FAIL
-m connlabel --label -1;;FAIL
-m connlabel --label web;;FAIL
-m connlabel --label 1x;;FAIL
-m connlabel --label "";;FAIL
-m connlabel --label 1 --label 2;;FAIL
-m connlabel --label 1 --set --set;;FAIL
-m connlabel --label 1 ! --set;;FAIL
-m connlabel --set;;FAIL
-m connlabel;;FAIL
*raw
:PREROUTING
-m connlabel --label "1";=;OK
