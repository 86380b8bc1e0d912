@iptables-legacy -t security -A INPUT -j RATEEST --rateest-name wan --rateest-interval 250ms --rateest-ewmalog 500ms
@iptables-legacy -t security -A INPUT -j RATEEST --rateest-name lan --rateest-interval 250ms --rateest-ewmalog 500ms
@iptables-legacy -t security -A INPUT -j RATEEST --rateest-name abcdefghijklmno --rateest-interval 250ms --rateest-ewmalog 500ms
:INPUT,FORWARD,OUTPUT
# one estimator
-m rateest --rateest wan --rateest-lt --rateest-bps 1000bit;=;OK
-m rateest --rateest wan ! --rateest-gt --rateest-pps 5;=;OK
:INPUT
-m rateest --rateest-bps2 2Kbps --rateest-eq --rateest1 wan;-m rateest --rateest wan --rateest-eq --rateest-bps 16000bit;OK
-m rateest --rateest wan ! --rateest-eq --rateest-bps 8;-m rateest --rateest wan ! --rateest-eq --rateest-bps 8bit;OK
-m rateest --rateest wan --rateest-gt --rateest-bps 0;-m rateest --rateest wan --rateest-gt --rateest-bps 0bit;OK
-m rateest --rateest wan --rateest-gt --rateest-bps 1.5KiBps;-m rateest --rateest wan --rateest-gt --rateest-bps 12288bit;OK
-m rateest --rateest wan --rateest-gt --rateest-bps 12bit;-m rateest --rateest wan --rateest-gt --rateest-bps 8bit;OK
-m rateest --rateest wan --rateest-gt --rateest-bps 999992bit;=;OK
-m rateest --rateest wan --rateest-gt --rateest-bps 1mbit;-m rateest --rateest wan --rateest-gt --rateest-bps 1000Kbit;OK
-m rateest --rateest wan --rateest-gt --rateest-bps 12345678bit;-m rateest --rateest wan --rateest-gt --rateest-bps 12346Kbit;OK
-m rateest --rateest wan --rateest-gt --rateest-bps 1gbit;-m rateest --rateest wan --rateest-gt --rateest-bps 1000Mbit;OK
-m rateest --rateest wan --rateest-gt --rateest-bps 1000500kbit;-m rateest --rateest wan --rateest-gt --rateest-bps 1000Mbit;OK
-m rateest --rateest wan --rateest-gt --rateest-bps 1001500KBIT;-m rateest --rateest wan --rateest-gt --rateest-bps 1002Mbit;OK
-m rateest --rateest wan --rateest-gt --rateest-bps 1MiBps;-m rateest --rateest wan --rateest-gt --rateest-bps 8389Kbit;OK
-m rateest --rateest wan --rateest-gt --rateest-bps 0x10;-m rateest --rateest wan --rateest-gt --rateest-bps 16bit;OK
-m rateest --rateest wan --rateest-gt --rateest-bps 1e3bit;-m rateest --rateest wan --rateest-gt --rateest-bps 1000bit;OK
-m rateest --rateest wan --rateest-gt --rateest-bps 4294967295bps;-m rateest --rateest wan --rateest-gt --rateest-bps 34360Mbit;OK
-m rateest --rateest wan --rateest-gt --rateest-bps 4294967296bps;-m rateest --rateest wan --rateest-gt --rateest-bps 0bit;FAIL;both OK the rate is cut to 32 bits
-m rateest --rateest wan --rateest-gt --rateest-bps 1tbit;-m rateest --rateest wan --rateest-gt --rateest-bps 3568Mbit;FAIL;both OK the rate is cut to 32 bits
-m rateest --rateest wan --rateest-gt --rateest-bps 7bit;-m rateest --rateest wan --rateest-gt --rateest-bps 0bit;FAIL;both OK the rate is rounded down to 0
-m rateest --rateest wan --rateest-gt --rateest-bps nan;-m rateest --rateest wan --rateest-gt --rateest-bps 0bit;FAIL;both OK not-a-number is read as 0
-m rateest --rateest wan --rateest-gt --rateest-bps "1 kbit";;FAIL
-m rateest --rateest wan --rateest-gt --rateest-bps fast;;FAIL
-m rateest --rateest wan --rateest-gt --rateest-bps 1kb;;FAIL
-m rateest --rateest wan --rateest-gt --rateest-bps "";;FAIL
-m rateest --rateest wan --rateest-gt --rateest-bps -1;;FAIL
-m rateest --rateest wan --rateest-gt --rateest-pps 0x10;-m rateest --rateest wan --rateest-gt --rateest-pps 16;OK
-m rateest --rateest wan --rateest-gt --rateest-pps 4294967295;=;OK
-m rateest --rateest wan --rateest-gt --rateest-pps 4294967296;;FAIL
-m rateest --rateest wan --rateest-gt --rateest-pps 1k;;FAIL
-m rateest --rateest wan --rateest-gt --rateest-bps;-m rateest --rateest wan --rateest-gt --rateest-bps 0bit;FAIL;both OK a missing rate is read as 0
-m rateest --rateest wan --rateest-gt --rateest-bps1 8bit;-m rateest --rateest wan --rateest-gt --rateest-bps 0bit;FAIL;both OK the first rate is ignored without --rateest-delta
# two estimators
-m rateest --rateest1 wan --rateest-lt --rateest-bps --rateest2 lan;=;OK
-m rateest --rateest1 wan ! --rateest-gt --rateest-pps --rateest2 lan;=;OK
-m rateest --rateest2 lan --rateest wan --rateest-bps1 --rateest-bps2 --rateest-eq;-m rateest --rateest1 wan --rateest-eq --rateest-bps --rateest2 lan;OK
-m rateest --rateest1 wan --rateest-lt --rateest-bps --rateest2 wan;=;OK
-m rateest --rateest1 wan --rateest-bps1 8bit --rateest-lt --rateest2 lan;-m rateest --rateest1 wan --rateest-lt --rateest-bps --rateest2 lan;FAIL;both OK the rate is ignored without --rateest-delta
-m rateest --rateest2 lan --rateest-lt --rateest-bps;;FAIL
-m rateest --rateest1 wan --rateest2 lan --rateest-eq;;FAIL
# differences
-m rateest --rateest-delta --rateest wan --rateest-bps1 8bit --rateest-lt --rateest-bps2 16bit;=;OK
-m rateest --rateest-delta --rateest1 wan --rateest-bps1 800bit --rateest-gt --rateest-bps2 16bit --rateest2 lan;=;OK
-m rateest --rateest1 wan --rateest-delta --rateest-pps1 80 --rateest-gt --rateest2 lan --rateest-pps2 9;-m rateest --rateest-delta --rateest1 wan --rateest-pps1 80 --rateest-gt --rateest-pps2 9 --rateest2 lan;OK
-m rateest --rateest-delta --rateest wan --rateest-lt --rateest-bps 16bit;-m rateest --rateest-delta --rateest wan --rateest-bps1 0bit --rateest-lt --rateest-bps2 16bit;OK
-m rateest --rateest-delta --rateest1 wan --rateest-bps1 --rateest-gt --rateest2 lan;-m rateest --rateest-delta --rateest1 wan --rateest-bps1 0bit --rateest-gt --rateest-bps2 0bit --rateest2 lan;OK
# both kinds of rate
-m rateest --rateest wan --rateest-lt --rateest-bps 8bit --rateest-pps 5;-m rateest --rateest wan --rateest-lt --rateest-bps 8bit --rateest-lt --rateest-pps 5;OK
-m rateest --rateest wan --rateest-lt --rateest-bps 8bit --rateest-lt --rateest-pps 5;=;OK;both FAIL iptables lists the comparison twice but cannot read it twice
-m rateest --rateest1 wan --rateest-lt --rateest-bps --rateest-pps --rateest2 lan;-m rateest --rateest1 wan --rateest-lt --rateest-bps --rateest-lt --rateest-pps --rateest2 lan;OK
# comparisons and names
-m rateest --rateest wan --rateest-lt --rateest-gt --rateest-bps 8bit;-m rateest --rateest wan --rateest-gt --rateest-bps 8bit;FAIL;both OK of two comparisons the last one counts
-m rateest --rateest wan --rateest-bps 8bit;;FAIL
-m rateest --rateest wan --rateest-lt;;FAIL
-m rateest --rateest-lt --rateest-bps 8bit;;FAIL
-m rateest;;FAIL
-m rateest --rateest abcdefghijklmno --rateest-lt --rateest-bps 8bit;=;OK
-m rateest --rateest abcdefghijklmnop --rateest-lt --rateest-bps 8bit;-m rateest --rateest abcdefghijklmno --rateest-lt --rateest-bps 8bit;FAIL;both OK the name is cut to 15 bytes
-m rateest --rateest later --rateest-lt --rateest-bps 8bit;=;OK;both FAIL the estimator does not exist
-m rateest --rateest "" --rateest-lt --rateest-bps 8bit;;FAIL
-m rateest --rateest wan --rateest1 lan --rateest-lt --rateest-bps 8bit;;FAIL
-m rateest ! --rateest wan --rateest-lt --rateest-bps 8bit;;FAIL
-m rateest --rateest wan --rateest-lt ! --rateest-bps 8bit;;FAIL
-m rateest --rateest wan --rateest-lt --rateest-bps 8bit --rateest-bps2 9bit;;FAIL
-m rateest ! --rateest-delta --rateest wan --rateest-lt --rateest-bps 8bit;;FAIL
-m rateest --rateest wan --rateest-lt --rateest-bps=8bit;;FAIL
*raw
:PREROUTING
-m rateest --rateest wan --rateest-lt --rateest-bps 8bit;=;OK
