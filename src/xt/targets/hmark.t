*mangle
:PREROUTING,FORWARD,OUTPUT
%ipv4
-j HMARK --hmark-tuple src --hmark-mod 7 --hmark-rnd 1;-j HMARK --hmark-src-prefix 32 --hmark-rnd 0x00000001 --hmark-mod 7;OK
-j HMARK --hmark-tuple src,dst,sport,dport,proto --hmark-mod 7 --hmark-rnd 1 --hmark-offset 100;-j HMARK --hmark-src-prefix 32 --hmark-dst-prefix 32 --hmark-sport-mask 0xffff --hmark-dport-mask 0xffff --hmark-proto-mask 0xffff --hmark-rnd 0x00000001 --hmark-mod 7 --hmark-offset 100;OK
-j HMARK --hmark-src-prefix 24 --hmark-dst-prefix 0 --hmark-mod 7 --hmark-rnd 1;-j HMARK --hmark-src-prefix 24 --hmark-dst-prefix 0 --hmark-rnd 0x00000001 --hmark-mod 7;OK
-j HMARK --hmark-src-prefix 255.255.255.0 --hmark-mod 7 --hmark-rnd 1;-j HMARK --hmark-src-prefix 24 --hmark-rnd 0x00000001 --hmark-mod 7;OK
-j HMARK --hmark-src-prefix 24 --hmark-tuple dst --hmark-mod 7 --hmark-rnd 1;-j HMARK --hmark-src-prefix 24 --hmark-dst-prefix 32 --hmark-rnd 0x00000001 --hmark-mod 7;OK
-j HMARK --hmark-src-prefix 255.255.0.255 --hmark-mod 7 --hmark-rnd 1;;FAIL;both prints -j HMARK --hmark-src-prefix 32 --hmark-rnd 0x00000001 --hmark-mod 7 because it makes /32 of a mask with holes
-j HMARK --hmark-src-prefix 33 --hmark-mod 7 --hmark-rnd 1;;FAIL;both prints -j HMARK --hmark-src-prefix 32 --hmark-rnd 0x00000001 --hmark-mod 7 because it reads 33 as an address
-j HMARK --hmark-src-prefix 24 --hmark-tuple src --hmark-mod 7 --hmark-rnd 1;;FAIL;both prints -j HMARK --hmark-src-prefix 32 --hmark-rnd 0x00000001 --hmark-mod 7 because the tuple overrides a prefix before it
%ipv6
-j HMARK --hmark-tuple src,dst --hmark-mod 7 --hmark-rnd 1;-j HMARK --hmark-src-prefix 128 --hmark-dst-prefix 128 --hmark-rnd 0x00000001 --hmark-mod 7;OK
-j HMARK --hmark-src-prefix 63 --hmark-dst-prefix 65 --hmark-mod 7 --hmark-rnd 1;-j HMARK --hmark-src-prefix 63 --hmark-dst-prefix 65 --hmark-rnd 0x00000001 --hmark-mod 7;OK
-j HMARK --hmark-src-prefix ffff:: --hmark-mod 7 --hmark-rnd 1;-j HMARK --hmark-src-prefix 16 --hmark-rnd 0x00000001 --hmark-mod 7;OK
-j HMARK --hmark-src-prefix 129 --hmark-mod 7 --hmark-rnd 1;;FAIL
-j HMARK --hmark-src-prefix ffff::1 --hmark-mod 7 --hmark-rnd 1;;FAIL;both prints -j HMARK --hmark-src-prefix 128 --hmark-rnd 0x00000001 --hmark-mod 7 because it makes /128 of a mask with holes
%
-j HMARK --hmark-tuple ct --hmark-mod 7 --hmark-rnd 1;-j HMARK --hmark-rnd 0x00000001 --hmark-mod 7 --hmark-tuple ct;OK
-j HMARK --hmark-tuple ct,sport --hmark-mod 4294967295 --hmark-rnd 0xffffffff --hmark-offset 0;-j HMARK --hmark-sport-mask 0xffff --hmark-rnd 0xffffffff --hmark-mod 4294967295 --hmark-offset 0 --hmark-tuple ct;OK
-j HMARK --hmark-tuple spi --hmark-mod 7 --hmark-rnd 1;-j HMARK --hmark-spi-mask 0xffffffff --hmark-rnd 0x00000001 --hmark-mod 7;OK
-j HMARK --hmark-tuple SPort,sport --hmark-mod 7 --hmark-rnd 1;-j HMARK --hmark-sport-mask 0xffff --hmark-rnd 0x00000001 --hmark-mod 7;OK
-j HMARK --hmark-tuple c,p,dp --hmark-mod 7 --hmark-rnd 1;-j HMARK --hmark-dport-mask 0xffff --hmark-proto-mask 0xffff --hmark-rnd 0x00000001 --hmark-mod 7 --hmark-tuple ct;OK
-j HMARK --hmark-sport-mask 0xff --hmark-dport-mask 0xff00 --hmark-mod 7 --hmark-rnd 1;-j HMARK --hmark-sport-mask 0x00ff --hmark-dport-mask 0xff00 --hmark-rnd 0x00000001 --hmark-mod 7;OK
-j HMARK --hmark-sport 80 --hmark-dport 0x1234 --hmark-mod 7 --hmark-rnd 1;-j HMARK --hmark-sport 0x0050 --hmark-dport 0x1234 --hmark-rnd 0x00000001 --hmark-mod 7;OK
-j HMARK --hmark-spi 0x12345678 --hmark-spi-mask 65535 --hmark-mod 7 --hmark-rnd 1;-j HMARK --hmark-spi-mask 0x0000ffff --hmark-spi 0x12345678 --hmark-rnd 0x00000001 --hmark-mod 7;OK
-j HMARK --hmark-spi-mask 0xffff --hmark-sport 1 --hmark-mod 7 --hmark-rnd 1;-j HMARK --hmark-spi-mask 0x0000ffff --hmark-sport 0x0001 --hmark-rnd 0x00000001 --hmark-mod 7;OK
-j HMARK --hmark-proto-mask 0x6 --hmark-mod 7 --hmark-rnd 1;-j HMARK --hmark-proto-mask 0x06 --hmark-rnd 0x00000001 --hmark-mod 7;OK
-j HMARK --hmark-proto-mask 0xffff --hmark-mod 7 --hmark-rnd 1;-j HMARK --hmark-proto-mask 0xffff --hmark-rnd 0x00000001 --hmark-mod 7;OK
-j HMARK;;FAIL
-j HMARK --hmark-mod 7 --hmark-rnd 1;;FAIL
-j HMARK --hmark-tuple src --hmark-mod 7;;FAIL
-j HMARK --hmark-tuple src --hmark-rnd 7;;FAIL
-j HMARK --hmark-tuple src --hmark-mod 0 --hmark-rnd 1;;FAIL
-j HMARK --hmark-tuple src --hmark-mod 4294967296 --hmark-rnd 1;;FAIL
-j HMARK --hmark-tuple source --hmark-mod 7 --hmark-rnd 1;;FAIL
-j HMARK --hmark-tuple src, --hmark-mod 7 --hmark-rnd 1;;FAIL
-j HMARK --hmark-tuple ,src --hmark-mod 7 --hmark-rnd 1;;FAIL
-j HMARK --hmark-tuple src --hmark-tuple dst --hmark-mod 7 --hmark-rnd 1;;FAIL
-j HMARK --hmark-tuple spi,sport --hmark-mod 7 --hmark-rnd 1;;FAIL
-j HMARK --hmark-spi-mask 1 --hmark-dport-mask 1 --hmark-mod 7 --hmark-rnd 1;;FAIL
-j HMARK --hmark-spi 1 --hmark-sport 1 --hmark-mod 7 --hmark-rnd 1;;FAIL
-j HMARK --hmark-sport http --hmark-mod 7 --hmark-rnd 1;;FAIL
-j HMARK --hmark-sport-mask 0x10000 --hmark-mod 7 --hmark-rnd 1;;FAIL
-j HMARK --hmark-proto-mask 0x10000 --hmark-mod 7 --hmark-rnd 1;;FAIL
-j HMARK --hmark-tuple dport --hmark-dport-mask 0xff --hmark-mod 7 --hmark-rnd 1;;FAIL
-j HMARK ! --hmark-tuple src --hmark-mod 7 --hmark-rnd 1;;FAIL
-j HMARK --hmark-dport-mask 0xff --hmark-tuple dport --hmark-mod 7 --hmark-rnd 1;;FAIL;both prints -j HMARK --hmark-dport-mask 0xffff --hmark-rnd 0x00000001 --hmark-mod 7 because the tuple overrides a mask before it
-j HMARK --hmark-tuple sp --hmark-mod 7 --hmark-rnd 1;;FAIL;both prints -j HMARK --hmark-sport-mask 0xffff --hmark-rnd 0x00000001 --hmark-mod 7 because it takes the first of the names that begin alike
*filter
:INPUT
-j HMARK --hmark-tuple proto --hmark-mod 7 --hmark-rnd 1;-j HMARK --hmark-proto-mask 0xffff --hmark-rnd 0x00000001 --hmark-mod 7;OK
*raw
:PREROUTING
-j HMARK --hmark-tuple proto --hmark-mod 7 --hmark-rnd 1;-j HMARK --hmark-proto-mask 0xffff --hmark-rnd 0x00000001 --hmark-mod 7;OK
