/**
 * The `RETURN` target: back to the chain that the packet came from, behind its jump; in a built-in chain, to the
 * chain's policy. After a goto there is no way back to where the goto stood, only to the last jump before it.
 * Kernel: XT_RETURN in net/ipv4/netfilter/ip_tables.c, ipt_do_table(); NFT_RETURN.
 */
import { defineTarget, NO_OPERANDS } from "../contract.ts";

export const returnTarget = defineTarget({
  name: "RETURN",
  revision: 0,
  families: ["ipv4", "ipv6"],
  summary: "go back to the calling chain",
  options: {},
  build: () => NO_OPERANDS,
  print: () => "",

  evaluate: () => () => "return",

  symbolic: () => ({ kind: "return" }),
});
