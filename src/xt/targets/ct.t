*raw
:PREROUTING,OUTPUT,tracked
-j CT;=;OK
-j CT --notrack;=;OK
-p tcp -j CT --helper ftp;=;OK
-j CT --zone 7;=;OK
-j CT --zone-orig 7;=;OK
-j CT --zone-reply mark;=;OK
:PREROUTING
-p udp -j CT --helper tftp --zone 65535;=;OK
-p tcp -j CT --zone 3 --expevents new --ctevents mark,new --helper ftp;-p tcp -j CT --helper ftp --ctevents new,mark --expevents new --zone 3;OK
-j CT --ctevents secmark,natseqinfo,mark,helper,protoinfo,assured,reply,destroy,related,new;-j CT --ctevents new,related,destroy,reply,assured,protoinfo,helper,mark,natseqinfo,secmark;OK
-j CT --ctevents destroy,destroy;-j CT --ctevents destroy;OK
-j CT --expevents new,new;-j CT --expevents new;OK
-j CT --zone 0x1f;-j CT --zone 31;OK
-j CT --zone-orig Mark;-j CT --zone-orig mark;OK
-j CT --zone 0;-j CT;OK
-j CT --zone-reply 0;-j CT;OK
-j CT --zone-orig 5 --zone-reply 5;-j CT --zone 5;OK
-j CT --zone-orig mark --zone-reply mark;-j CT --zone mark;OK
-j CT --helper ftp --notrack;-j CT --notrack --helper ftp;OK
-j CT --notrack --helper abcdefghijklmno;=;OK
-j CT --notrack --timeout tiny;=;OK
-j CT --notrack --timeout longer;=;OK;both prints -j CT --notrack --timeout long because the kernel lists only 4 bytes of the name
-p tcp -j CT --timeout mine;=;OK;both FAIL the host has no such timeout policy
-p udp -j CT --helper mine;=;OK;both FAIL the host has no such helper
-j CT --helper ftp;;FAIL
-p all -j CT --helper ftp;;FAIL
! -p tcp -j CT --helper ftp;;FAIL
-j CT --timeout mine;;FAIL
! -p tcp -j CT --timeout mine;;FAIL
-p tcp -j CT --helper ftp --helper irc;;FAIL
-j CT --notrack --notrack;;FAIL
-j CT ! --notrack;;FAIL
-j CT --notrack --helper abcdefghijklmnop;;FAIL;both prints -j CT --notrack --helper abcdefghijklmno because iptables cuts the name to 15 bytes
-j CT --notrack --helper "";;FAIL;both prints -j CT --notrack because iptables forgets an empty name
-j CT --notrack --helper "a b";;FAIL;both prints -j CT --notrack --helper a b because iptables-save does not quote the name
-j CT --notrack --timeout "";;FAIL;both prints -j CT --notrack because iptables forgets an empty name
-j CT --notrack --timeout abcdefghijklmnopqrstuvwxyz123456;;FAIL;both prints -j CT --notrack --timeout abcd because iptables cuts the name to 31 bytes and the kernel lists 4 of them
-j CT --ctevents;;FAIL
-j CT --ctevents new,;;FAIL
-j CT --ctevents New;;FAIL
-j CT --ctevents label;;FAIL
-j CT --expevents destroy;;FAIL
-j CT --zone;;FAIL
-j CT --zone 65536;;FAIL
-j CT --zone -1;;FAIL
-j CT --zone 5x;;FAIL
-j CT --zone 1 --zone 1;;FAIL
-j CT --zone-orig 5 --zone-reply 6;;FAIL;both prints -j CT --zone 6 because iptables keeps the last zone for both directions
-j CT --zone-orig mark --zone-reply 6;;FAIL;both prints -j CT --zone mark because iptables forgets the number
-j CT --zone-orig 5 --zone 6;;FAIL;both prints -j CT --zone-orig 6 because iptables keeps the last zone and the one direction
-j CT --zone 5 --zone-reply 5;;FAIL;both prints -j CT --zone-reply 5 because iptables forgets the other direction
*filter
:INPUT
-j CT --notrack;;FAIL
*mangle
:PREROUTING
-j CT --zone 1;;FAIL
