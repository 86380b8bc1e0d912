*filter
:FORWARD,OUTPUT,mss
-p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu;=;OK
:INPUT,FORWARD,OUTPUT
-p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --set-mss 1360;=;OK
:FORWARD
-p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --set-mss 0;=;OK
-p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --set-mss 0x550;-p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --set-mss 1360;OK
-p tcp -j TCPMSS --set-mss 1360;=;OK;legacy FAIL without nftables the kernel demands a match on SYN
-p tcp -m tcp ! --tcp-flags SYN SYN -j TCPMSS --clamp-mss-to-pmtu;=;OK;legacy FAIL without nftables the kernel demands a match on SYN
-p tcp -m tcp --tcp-flags SYN SYN -j TCPMSS;;FAIL
-p tcp -m tcp --tcp-flags SYN SYN -j TCPMSS --set-mss;;FAIL
-p tcp -m tcp --tcp-flags SYN SYN -j TCPMSS --set-mss -1;;FAIL
-p tcp -m tcp --tcp-flags SYN SYN -j TCPMSS --set-mss 1360:1400;;FAIL
-p tcp -m tcp --tcp-flags SYN SYN -j TCPMSS --set-mss 1360 --set-mss 1400;;FAIL
-p tcp -m tcp --tcp-flags SYN SYN -j TCPMSS ! --set-mss 1360;;FAIL
-p tcp -m tcp --tcp-flags SYN SYN -j TCPMSS --clamp-mss-to-pmtu --clamp-mss-to-pmtu;;FAIL
-p tcp -m tcp --tcp-flags SYN SYN -j TCPMSS --set-mss 9 --clamp-mss-to-pmtu;;FAIL;both prints -p tcp -m tcp --tcp-flags SYN SYN -j TCPMSS --clamp-mss-to-pmtu because iptables keeps the last option
-p tcp -m tcp --tcp-flags SYN SYN -j TCPMSS --clamp-mss-to-pmtu --set-mss 9;;FAIL;both prints -p tcp -m tcp --tcp-flags SYN SYN -j TCPMSS --set-mss 9 because iptables keeps the last option
-j TCPMSS --set-mss 1360;;FAIL
-p udp -j TCPMSS --set-mss 1360;;FAIL
! -p tcp -j TCPMSS --set-mss 1360;;FAIL
:INPUT
-p tcp -m tcp --tcp-flags SYN SYN -j TCPMSS --clamp-mss-to-pmtu;;FAIL
*mangle
:POSTROUTING
-p tcp -m tcp --tcp-flags SYN SYN -j TCPMSS --clamp-mss-to-pmtu;=;OK
:PREROUTING,INPUT
-p tcp -m tcp --tcp-flags SYN SYN -j TCPMSS --clamp-mss-to-pmtu;;FAIL
-p tcp -m tcp --tcp-flags SYN SYN -j TCPMSS --set-mss 536;=;OK
%ipv4
-p tcp -m tcp --tcp-flags SYN SYN -j TCPMSS --set-mss 65515;=;OK
-p tcp -m tcp --tcp-flags SYN SYN -j TCPMSS --set-mss 65516;;FAIL
%ipv6
-p tcp -m tcp --tcp-flags SYN SYN -j TCPMSS --set-mss 65495;=;OK
-p tcp -m tcp --tcp-flags SYN SYN -j TCPMSS --set-mss 65496;;FAIL
