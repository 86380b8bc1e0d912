:INPUT,FORWARD
-m cluster --cluster-local-nodemask 0x00000003 --cluster-total-nodes 2 --cluster-hash-seed 0xdeadbeef;=;OK
-m cluster ! --cluster-local-nodemask 0x00000001 --cluster-total-nodes 2 --cluster-hash-seed 0x00000000;=;OK
-m cluster --cluster-total-nodes 2 --cluster-local-node 1 --cluster-hash-seed 0x1;-m cluster --cluster-local-nodemask 0x00000001 --cluster-total-nodes 2 --cluster-hash-seed 0x00000001;OK
-m cluster --cluster-total-nodes 2 ! --cluster-local-node 2 --cluster-hash-seed 4294967295;-m cluster ! --cluster-local-nodemask 0x00000002 --cluster-total-nodes 2 --cluster-hash-seed 0xffffffff;OK
-m cluster --cluster-hash-seed 010 --cluster-local-node 32 --cluster-total-nodes 32;-m cluster --cluster-local-nodemask 0x80000000 --cluster-total-nodes 32 --cluster-hash-seed 0x00000008;OK
-m cluster --cluster-total-nodes 1 --cluster-local-node 1 --cluster-hash-seed 0;-m cluster --cluster-local-nodemask 0x00000001 --cluster-total-nodes 1 --cluster-hash-seed 0x00000000;OK
-m cluster --cluster-total-nodes 6 --cluster-local-nodemask 32 --cluster-hash-seed 0;-m cluster --cluster-local-nodemask 0x00000020 --cluster-total-nodes 6 --cluster-hash-seed 0x00000000;OK
-m cluster --cluster-local-nodemask 0x00000040 --cluster-total-nodes 7 --cluster-hash-seed 0x00000000;=;OK;both FAIL iptables reads node masks only up to 32, though it lists higher ones
-m cluster --cluster-local-nodemask 0xffffffff --cluster-total-nodes 32 --cluster-hash-seed 0x00000000;=;OK;both FAIL iptables reads node masks only up to 32, though it lists higher ones
-m cluster --cluster-total-nodes 2 --cluster-local-node 3 --cluster-hash-seed 0;;FAIL
-m cluster --cluster-total-nodes 2 --cluster-local-nodemask 4 --cluster-hash-seed 0;;FAIL
-m cluster --cluster-total-nodes 2 --cluster-local-nodemask 0 --cluster-hash-seed 0;;FAIL
-m cluster --cluster-total-nodes 33 --cluster-local-node 1 --cluster-hash-seed 0;;FAIL
-m cluster --cluster-total-nodes 0 --cluster-local-node 1 --cluster-hash-seed 0;;FAIL
-m cluster --cluster-total-nodes 2 --cluster-local-node 0 --cluster-hash-seed 0;;FAIL
-m cluster --cluster-total-nodes 2 --cluster-local-node 1 --cluster-local-nodemask 1 --cluster-hash-seed 0;;FAIL
-m cluster --cluster-total-nodes 2 --cluster-hash-seed 0;;FAIL
-m cluster --cluster-total-nodes 2 --cluster-local-node 1;;FAIL
-m cluster --cluster-local-node 1 --cluster-hash-seed 0;;FAIL
-m cluster ! --cluster-total-nodes 2 --cluster-local-node 1 --cluster-hash-seed 0;;FAIL
-m cluster --cluster-total-nodes 2 --cluster-local-node 1 --cluster-local-node 1 --cluster-hash-seed 0;;FAIL
-m cluster --cluster-total-nodes 2 --cluster-local-node 1 --cluster-hash-seed 0x100000000;;FAIL
-m cluster --cluster-total-nodes 2 --cluster-local-node one --cluster-hash-seed 0;;FAIL
-m cluster;;FAIL
*mangle
:PREROUTING
-m cluster --cluster-local-nodemask 0x00000001 --cluster-total-nodes 2 --cluster-hash-seed 0x00000000;=;OK
