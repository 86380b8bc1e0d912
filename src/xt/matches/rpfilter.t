*mangle
:PREROUTING,own
-m rpfilter;=;OK
-m rpfilter --loose;=;OK
-m rpfilter --validmark;=;OK
-m rpfilter --accept-local;=;OK
-m rpfilter --invert;=;OK
-m rpfilter --invert --accept-local --validmark --loose;-m rpfilter --loose --validmark --accept-local --invert;OK
-m rpfilter --inv;-m rpfilter --invert;OK
-m rpfilter ! --loose;;FAIL
-m rpfilter ! --invert;;FAIL
-m rpfilter --loose --loose;;FAIL
-m rpfilter --loose=yes;;FAIL
-m rpfilter --strict;;FAIL
! -m rpfilter;;FAIL
:INPUT,FORWARD,OUTPUT,POSTROUTING
-m rpfilter --invert;;FAIL
*raw
:PREROUTING,own
-m rpfilter --invert;=;OK
:OUTPUT
-m rpfilter;;FAIL
*filter
:INPUT,FORWARD,own
-m rpfilter;;FAIL
*nat
:PREROUTING
-m rpfilter;;FAIL
*security
:own
-m rpfilter;;FAIL
