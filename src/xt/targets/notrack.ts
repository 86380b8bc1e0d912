/**
 * The `NOTRACK` target: connection tracking leaves the packet alone; NAT then does too, and `--ctstate UNTRACKED`
 * matches. It is `CT --notrack` under an older name, stored as that with a flag and so listed as `NOTRACK`. Source:
 * extensions/libxt_CT.c. Kernel: net/netfilter/xt_CT.c, xt_ct_target_v1(), revision 2 of CT.
 */
import { UNTRACK } from "../conditions.ts";
import { defineTarget, NO_OPERANDS } from "../contract.ts";

export const notrack = defineTarget({
  name: "NOTRACK",
  revision: 2,
  families: ["ipv4", "ipv6"],
  summary: "do not track the packet's connection",
  tables: ["raw"],
  options: {},
  build: () => NO_OPERANDS,
  print: () => "",

  evaluate: (_info, machine) => (skb) => {
    machine.untrack(skb);
    return "continue";
  },

  symbolic: () => UNTRACK,
});
