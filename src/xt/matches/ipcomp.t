:INPUT,FORWARD,OUTPUT
-p ipcomp -m ipcomp --ipcompspi 1;=;OK
-p ipcomp -m ipcomp ! --ipcompspi 1:5;=;OK
-p ipcomp -m ipcomp --ipcompspi 9:5 --compres;=;OK
-p 108 --ipcompspi 0x12:;-p ipcomp -m ipcomp --ipcompspi 18:4294967295;OK
-p ipcomp -m ipcomp;-p ipcomp -m ipcomp --ipcompspi 0;OK
-p ipcomp -m ipcomp --compres;-p ipcomp -m ipcomp --ipcompspi 0 --compres;OK
-p ipcomp -m ipcomp --ipcompspi 0:4294967295;;FAIL;both prints -p ipcomp -m ipcomp because they do not list a test of all indexes
-p ipcomp -m ipcomp ! --ipcompspi :;;FAIL;both prints -p ipcomp -m ipcomp because they do not list a test of all indexes, negated or not
-p ipcomp -m ipcomp --ipcompspi 4294967296;;FAIL
-p ipcomp -m ipcomp --ipcompspi x;;FAIL
-p ipcomp -m ipcomp --ipcompspi 1 --ipcompspi 2;;FAIL
-p ipcomp -m ipcomp ! --compres;;FAIL
! -p ipcomp -m ipcomp --ipcompspi 1;;FAIL
-p tcp -m ipcomp --ipcompspi 1;;FAIL
-m ipcomp --ipcompspi 1;;FAIL
