:INPUT,FORWARD,OUTPUT,own
-j AUDIT --type accept;=;OK
-j AUDIT --type drop;=;OK
-j AUDIT --type reject;=;OK
-j AUDIT --type DROP;-j AUDIT --type drop;OK
-j AUDIT --type Reject;-j AUDIT --type reject;OK
-j AUDIT --ty=accept;-j AUDIT --type accept;OK
-j AUDIT;;FAIL
-j AUDIT --type;;FAIL
-j AUDIT --type log;;FAIL
-j AUDIT --type acc;;FAIL
-j AUDIT --type 0;;FAIL
-j AUDIT --type "accept ";;FAIL
-j AUDIT --type accept --type accept;;FAIL
-j AUDIT ! --type accept;;FAIL
*raw
:PREROUTING
-j AUDIT --type drop;=;OK
*nat
:POSTROUTING
-j AUDIT --type accept;=;OK
