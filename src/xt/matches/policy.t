:INPUT,FORWARD,own
-m policy --dir in --pol none;=;OK
-m policy --dir in --pol ipsec;=;OK
-m policy --dir in;-m policy --dir in --pol ipsec;OK
-m policy --pol none --dir in;-m policy --dir in --pol none;OK
-m policy --dir in --pol ipsec --reqid 0;=;OK
-m policy --dir in --pol ipsec ! --reqid 0x10;-m policy --dir in --pol ipsec ! --reqid 16;OK
-m policy --dir in --pol ipsec --spi 4294967295;-m policy --dir in --pol ipsec --spi 0xffffffff;OK
-m policy --dir in --pol ipsec ! --spi 010;-m policy --dir in --pol ipsec ! --spi 0x8;OK
-m policy --dir in --pol ipsec --proto esp;=;OK
-m policy --dir in --pol ipsec ! --proto 51;-m policy --dir in --pol ipsec ! --proto ah;OK
-m policy --dir in --pol ipsec --proto IPCOMP;-m policy --dir in --pol ipsec --proto ipcomp;OK
-m policy --dir in --pol ipsec --mode tunnel;=;OK
-m policy --dir in --pol ipsec ! --mode transport;=;OK
-m policy --dir in --pol ipsec --strict --mode transport;=;OK
-m policy --dir in --reqid 1 --strict --next --reqid 2;-m policy --dir in --pol ipsec --strict --reqid 1 --next --reqid 2;OK
-m policy --dir in --pol ipsec --strict --reqid 1 --next --spi 0x5 --reqid 2;-m policy --dir in --pol ipsec --strict --reqid 1 --next --reqid 2 --spi 0x5;OK
-m policy --dir in --pol ipsec --strict --reqid 1 --spi 0x5 --next --reqid 2;=;OK
-m policy --dir in --pol ipsec --strict --proto ah --next ! --spi 0x7 --next --mode transport --next --reqid 9;=;OK
-m policy;;FAIL
-m policy --pol ipsec;;FAIL
-m policy --dir IN;;FAIL
-m policy --dir forward;;FAIL
! -m policy --dir in;;FAIL
-m policy ! --dir in;;FAIL
-m policy --dir in --dir in;;FAIL
-m policy --dir in --pol esp;;FAIL
-m policy --dir in --pol none --strict;;FAIL
-m policy --dir in --pol none --strict --next;;FAIL
-m policy --dir in --pol ipsec --strict;;FAIL
-m policy --dir in --pol ipsec --reqid 4294967296;;FAIL
-m policy --dir in --pol ipsec --reqid 1 --reqid 2;;FAIL
-m policy --dir in --pol ipsec --spi abc;;FAIL
-m policy --dir in --pol ipsec --proto tcp;;FAIL
-m policy --dir in --pol ipsec --proto Esp;;FAIL
-m policy --dir in --pol ipsec --mode beet;;FAIL
-m policy --dir in --pol ipsec --reqid 1 --next --reqid 2;;FAIL
-m policy --dir in --pol ipsec --strict --next --reqid 2;;FAIL
-m policy --dir in --pol ipsec --strict --reqid 2 --next;;FAIL
-m policy --dir in --pol ipsec --strict --reqid 1 --next --next --reqid 2;;FAIL
-m policy --dir in --pol ipsec --strict --reqid 1 --next --reqid 2 --reqid 3;;FAIL
-m policy --dir in --pol ipsec --strict --reqid 1 --next --reqid 2 --next --reqid 3 --next --reqid 4 --next --reqid 5;;FAIL
-m policy --dir in --pol ipsec --strict ! --next;;FAIL
-m policy --dir in --pol none --reqid 1;;FAIL;both prints -m policy --dir in --pol none because it drops the elements of no policy
%ipv4
-m policy --dir in --pol ipsec --mode tunnel --tunnel-src 192.0.2.1 --tunnel-dst 198.51.100.0/24;-m policy --dir in --pol ipsec --mode tunnel --tunnel-dst 198.51.100.0/24 --tunnel-src 192.0.2.1;OK
-m policy --dir in --pol ipsec ! --mode transport ! --tunnel-src 192.0.2.1/255.255.255.0;-m policy --dir in --pol ipsec ! --mode transport ! --tunnel-src 192.0.2.1/24;OK
-m policy --dir in --pol ipsec --mode tunnel --tunnel-dst 192.0.2.1/32 --tunnel-src 192.0.2.1/0;-m policy --dir in --pol ipsec --mode tunnel --tunnel-dst 192.0.2.1 --tunnel-src 192.0.2.1/0;OK
-m policy --dir in --pol ipsec --strict --mode tunnel --tunnel-src 192.0.2.1 --next --mode tunnel --tunnel-src 192.0.2.2;=;OK
-m policy --dir in --pol ipsec --tunnel-src 192.0.2.1;;FAIL
-m policy --dir in --pol ipsec --mode transport --tunnel-src 192.0.2.1;;FAIL
-m policy --dir in --pol ipsec ! --mode tunnel --tunnel-dst 192.0.2.1;;FAIL
-m policy --dir in --pol ipsec --strict --mode tunnel --next --reqid 1 --tunnel-dst 192.0.2.1;;FAIL
-m policy --dir in --pol ipsec --mode tunnel --tunnel-src 2001:db8::1;;FAIL
-m policy --dir in --pol ipsec --mode tunnel --tunnel-src gateway.invalid;;FAIL
-m policy --dir in --pol ipsec --mode tunnel --tunnel-src 192.0.2.1/;;FAIL
-m policy --dir in --pol ipsec --mode tunnel --tunnel-src 192.0.2.1/255.0.255.0;;FAIL;both prints -m policy --dir in --pol ipsec --mode tunnel --tunnel-src 192.0.2.1 because it takes a mask with holes for all ones
%ipv6
-m policy --dir in --pol ipsec --mode tunnel --tunnel-src 2001:db8::1/64 --tunnel-dst 2001:db8::2;-m policy --dir in --pol ipsec --mode tunnel --tunnel-dst 2001:db8::2 --tunnel-src 2001:db8::1/64;OK
-m policy --dir in --pol ipsec --mode tunnel --tunnel-src 2001:db8::1/ffff:ffff::;-m policy --dir in --pol ipsec --mode tunnel --tunnel-src 2001:db8::1/32;OK
-m policy --dir in --pol ipsec --mode tunnel --tunnel-src 192.0.2.1;;FAIL
-m policy --dir in --pol ipsec --mode tunnel --tunnel-src 2001:db8::1/129;;FAIL
-m policy --dir in --pol ipsec --mode tunnel --tunnel-src fe80::1%lo;;FAIL;both prints -m policy --dir in --pol ipsec --mode tunnel --tunnel-src fe80::1 because it drops the scope of an address
%
:INPUT
-m policy --dir out --pol ipsec;;FAIL
:FORWARD
-m policy --dir out --pol none;=;OK
:OUTPUT
-m policy --dir out --pol none;=;OK
-m policy --dir in --pol none;;FAIL
*mangle
:PREROUTING
-m policy --dir in --pol ipsec;=;OK
-m policy --dir out --pol ipsec;;FAIL
:POSTROUTING
-m policy --dir out --pol ipsec;=;OK
-m policy --dir in --pol ipsec;;FAIL
