*filter
%ipv4
:INPUT,FORWARD,OUTPUT,no
-j REJECT;-j REJECT --reject-with icmp-port-unreachable;OK
-j REJECT --reject-with icmp-admin-prohibited;=;OK
-p tcp -j REJECT --reject-with tcp-reset;=;OK
:INPUT
-j REJECT --reject-with icmp-net-unreachable;=;OK
-j REJECT --reject-with icmp-host-unreachable;=;OK
-j REJECT --reject-with icmp-proto-unreachable;=;OK
-j REJECT --reject-with icmp-port-unreachable;=;OK
-j REJECT --reject-with icmp-net-prohibited;=;OK
-j REJECT --reject-with icmp-host-prohibited;=;OK
-j REJECT --reject-with net-unreach;-j REJECT --reject-with icmp-net-unreachable;OK
-j REJECT --reject-with host-unreach;-j REJECT --reject-with icmp-host-unreachable;OK
-j REJECT --reject-with proto-unreach;-j REJECT --reject-with icmp-proto-unreachable;OK
-j REJECT --reject-with port-unreach;-j REJECT --reject-with icmp-port-unreachable;OK
-j REJECT --reject-with net-prohib;-j REJECT --reject-with icmp-net-prohibited;OK
-j REJECT --reject-with host-prohib;-j REJECT --reject-with icmp-host-prohibited;OK
-j REJECT --reject-with ADMIN-prohib;-j REJECT --reject-with icmp-admin-prohibited;OK
-p tcp -j REJECT --reject-with tcp-rst;-p tcp -j REJECT --reject-with tcp-reset;OK
-p tcp -j REJECT --reject-with t;-p tcp -j REJECT --reject-with tcp-reset;OK
-j REJECT --reject-with icmp-po;-j REJECT --reject-with icmp-port-unreachable;OK
-j REJECT --reject-with a;-j REJECT --reject-with icmp-admin-prohibited;OK
-j REJECT --reject-with icmp-host;;FAIL;both prints -j REJECT --reject-with icmp-host-unreachable because iptables takes the first type that begins so
-j REJECT --reject-with p;;FAIL;both prints -j REJECT --reject-with icmp-proto-unreachable because iptables takes the first type that begins so
-j REJECT --reject-with "";;FAIL;both prints -j REJECT --reject-with icmp-net-unreachable because iptables takes the first type for an empty one
-j REJECT --reject-with echo-reply;;FAIL
-j REJECT --reject-with icmp-port-unreachables;;FAIL
-j REJECT --reject-with unreach;;FAIL
-j REJECT --reject-with 3;;FAIL
-j REJECT --reject-with;;FAIL
-j REJECT --reject-with icmp6-no-route;;FAIL
-j REJECT ! --reject-with tcp-reset;;FAIL
-p tcp -j REJECT --reject-with tcp-reset --reject-with tcp-reset;;FAIL
-j REJECT --reject-with tcp-reset;;FAIL
-p udp -j REJECT --reject-with tcp-reset;;FAIL
! -p tcp -j REJECT --reject-with tcp-reset;;FAIL
*mangle
:INPUT,FORWARD,OUTPUT
-j REJECT;;FAIL
*security
:INPUT
-j REJECT;;FAIL
*nat
:PREROUTING
-j REJECT;;FAIL
*filter
%ipv6
:INPUT,FORWARD,OUTPUT,no
-j REJECT;-j REJECT --reject-with icmp6-port-unreachable;OK
-p tcp -j REJECT --reject-with tcp-reset;=;OK
:INPUT
-j REJECT --reject-with icmp6-no-route;=;OK
-j REJECT --reject-with icmp6-adm-prohibited;=;OK
-j REJECT --reject-with icmp6-addr-unreachable;=;OK
-j REJECT --reject-with icmp6-port-unreachable;=;OK
-j REJECT --reject-with icmp6-policy-fail;=;OK
-j REJECT --reject-with icmp6-reject-route;=;OK
-j REJECT --reject-with no-route;-j REJECT --reject-with icmp6-no-route;OK
-j REJECT --reject-with adm-prohibited;-j REJECT --reject-with icmp6-adm-prohibited;OK
-j REJECT --reject-with addr-unreach;-j REJECT --reject-with icmp6-addr-unreachable;OK
-j REJECT --reject-with port-unreach;-j REJECT --reject-with icmp6-port-unreachable;OK
-j REJECT --reject-with Policy-Fail;-j REJECT --reject-with icmp6-policy-fail;OK
-j REJECT --reject-with reject-route;-j REJECT --reject-with icmp6-reject-route;OK
-j REJECT --reject-with icmp6-n;-j REJECT --reject-with icmp6-no-route;OK
-j REJECT --reject-with icmp6-a;;FAIL;both prints -j REJECT --reject-with icmp6-adm-prohibited because iptables takes the first type that begins so
-j REJECT --reject-with icmp6-not-neighbor;;FAIL
-p tcp -j REJECT --reject-with tcp-rst;;FAIL
-j REJECT --reject-with tcp-reset;;FAIL
-j REJECT --reject-with icmp-port-unreachable;;FAIL
