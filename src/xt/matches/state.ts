/**
 * The `state` match: how the packet stands to its connection. The old name of `-m conntrack --ctstate`.
 *
 *     [!] --state state[,state…]           INVALID NEW RELATED ESTABLISHED UNTRACKED
 *
 * The kernel never sees a match of this name: iptables loads `conntrack` with a flag by which it lists the rule under
 * the old name again. SNAT and DNAT are not known here.
 * Kernel: net/netfilter/xt_conntrack.c, conntrack_mt(), revision 3.
 */
import { statesCondition } from "../conditions.ts";
import { defineMatch, type Occurrence, required } from "../contract.ts";
import { bitNames, CT_STATE, stateBits } from "../ct-states.ts";

export interface StateInfo {
  /** Bits of CT_STATE. */
  readonly states: Occurrence<number>;
}

const states = bitNames(CT_STATE, "connection state");

export const state = defineMatch({
  name: "state",
  revision: 3,
  families: ["ipv4", "ipv6"],
  summary: "state of the packet's connection; the old name of conntrack --ctstate",
  options: { "--state": required(states.parse, { invertible: true, operand: "state[,state…]" }) },

  build: ({ "--state": given }): StateInfo => ({ states: given }),
  print: ({ states: { value, invert } }) => `${invert ? "! " : ""}--state ${states.print(value)}`,

  evaluate:
    ({ states: { value, invert } }) =>
    (skb) =>
      ((stateBits(skb) & value) !== 0) !== invert,

  symbolic: ({ states }) => statesCondition(states),
});
