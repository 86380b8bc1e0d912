/**
 * The `TRACE` target: from here on the kernel reports every rule that the packet matches.
 *
 * iptables-legacy takes it only in table raw and reports to a log; iptables-nft turns it into its own `nftrace`
 * statement, which works in every table and is read with `xtables-monitor --trace`. Kernel: net/netfilter/xt_TRACE.c,
 * trace_tg(), revision 0; net/netfilter/nft_meta.c, NFT_META_NFTRACE.
 */
import { defineTarget, NO_OPERANDS } from "../contract.ts";

export const trace = defineTarget({
  name: "TRACE",
  revision: 0,
  families: ["ipv4", "ipv6"],
  summary: "report every rule that the packet matches",
  options: {},
  build: () => NO_OPERANDS,
  print: () => "",

  evaluate: () => (skb) => {
    skb.traced = true;
    return "continue";
  },

  symbolic: () => ({ kind: "continue" }),
});
