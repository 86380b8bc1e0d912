:INPUT,FORWARD,OUTPUT
-m state --state NEW;=;OK
-m state --state RELATED,ESTABLISHED;=;OK
-m state ! --state INVALID;=;OK
-m state --state untracked,New,est;-m state --state NEW,ESTABLISHED,UNTRACKED;OK
-m state ! --state I,N,R,E,U;-m state ! --state INVALID,NEW,RELATED,ESTABLISHED,UNTRACKED;OK
-m state --state NEW,NEW;-m state --state NEW;OK
-m state --state NEW -m state --state NEW;=;OK
-m state --state NEW -m conntrack --ctstate NEW;=;OK
-m state;;FAIL
-m state --state "";;FAIL
-m state --state NEW,;;FAIL
-m state --state ,NEW;;FAIL
-m state --state NEWER;;FAIL
-m state --state SNAT;;FAIL
-m state --state NEW,DNAT;;FAIL
-m state --state NEW --state NEW;;FAIL
-m state --ctstate NEW;;FAIL
-m conntrack --state NEW;;FAIL
*raw
:PREROUTING
-m state --state UNTRACKED;=;OK
