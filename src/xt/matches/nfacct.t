@nfacct add web
@nfacct add web.in
@nfacct add aaaaaaaaaabbbbbbbbbbccccccccccd
:INPUT,FORWARD,OUTPUT
-m nfacct --nfacct-name  web;=;OK
-m nfacct --nfacct-name web;-m nfacct --nfacct-name  web;OK
-m nfacct --nfacct-name web.in;-m nfacct --nfacct-name  "web.in";OK
-m nfacct --nfacct-name  aaaaaaaaaabbbbbbbbbbccccccccccd;=;OK
-m nfacct --nfacct-name  web -m nfacct --nfacct-name  web;=;OK
-m nfacct --nfacct-name  "no such";=;OK;both FAIL the accounting object does not exist
-m nfacct --nfacct-name aaaaaaaaaabbbbbbbbbbccccccccccde;-m nfacct --nfacct-name  aaaaaaaaaabbbbbbbbbbccccccccccd;FAIL;both OK the name is cut to 31 bytes
-m nfacct --nfacct-name "";;FAIL
-m nfacct ! --nfacct-name web;;FAIL
-m nfacct --nfacct-name web --nfacct-name web;;FAIL
-m nfacct --nfacct-name;;FAIL
-m nfacct;;FAIL
*raw
:PREROUTING
-m nfacct --nfacct-name  web;=;OK
