:INPUT,FORWARD
-j LED --led-trigger-id "web";=;OK;both FAIL this kernel has no xt_LED
-j LED --led-trigger-id web;-j LED --led-trigger-id "web";OK;both FAIL this kernel has no xt_LED
-j LED --led-trigger-id "two words";=;OK;both FAIL this kernel has no xt_LED
-j LED --led-trigger-id "it's";=;OK;both FAIL this kernel has no xt_LED
-j LED --led-trigger-id "a\"b\\c";=;OK;both FAIL this kernel has no xt_LED
-j LED --led-trigger-id xxxxxxxxxxxxxxxx;-j LED --led-trigger-id "xxxxxxxxxxxxxxxx";OK;both FAIL this kernel has no xt_LED
-j LED --led-trigger-id "a" --led-delay 1;=;OK;both FAIL this kernel has no xt_LED
-j LED --led-trigger-id "a" --led-delay 0;-j LED --led-trigger-id "a";OK;both FAIL this kernel has no xt_LED
-j LED --led-trigger-id "a" --led-delay 0x7fffffff;-j LED --led-trigger-id "a" --led-delay 2147483647;OK;both FAIL this kernel has no xt_LED
-j LED --led-trigger-id "a" --led-delay INF;-j LED --led-trigger-id "a" --led-delay inf;OK;both FAIL this kernel has no xt_LED
-j LED --led-trigger-id "a" --led-delay infinite;-j LED --led-trigger-id "a" --led-delay inf;OK;both FAIL this kernel has no xt_LED
-j LED --led-always-blink --led-delay 500 --led-trigger-id a;-j LED --led-trigger-id "a" --led-delay 500 --led-always-blink;OK;both FAIL this kernel has no xt_LED
-j LED;;FAIL
-j LED --led-delay 5;;FAIL
-j LED --led-trigger-id=;;FAIL
-j LED --led-trigger-id xxxxxxxxxxxxxxxxx;;FAIL
-j LED --led-trigger-id a --led-trigger-id b;;FAIL
-j LED --led-trigger-id a --led-delay -1;;FAIL
-j LED --led-trigger-id a --led-delay 2147483648;;FAIL
-j LED --led-trigger-id a --led-delay 5s;;FAIL
-j LED --led-trigger-id a --led-delay information;;FAIL
-j LED --led-trigger-id a --led-always-blink --led-always-blink;;FAIL
-j LED ! --led-trigger-id a;;FAIL
*raw
:PREROUTING
-j LED --led-trigger-id "a";=;OK;both FAIL this kernel has no xt_LED
