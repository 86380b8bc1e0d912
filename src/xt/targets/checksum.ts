/**
 * The `CHECKSUM` target: computes the checksum of a packet that still lacks it.
 *
 *     --checksum-fill
 *
 * A virtual machine's packets that never meet hardware may carry none, which old DHCP clients mind. Only UDP needs it;
 * the kernel warns once about rules without `-p udp`. Kernel: net/netfilter/xt_CHECKSUM.c, checksum_tg_check(),
 * revision 0.
 */
import { defineTarget, flag, NO_OPERANDS } from "../contract.ts";
import { refuse } from "../refusal.ts";

export const checksum = defineTarget({
  name: "CHECKSUM",
  revision: 0,
  families: ["ipv4", "ipv6"],
  summary: "fill in a missing checksum",
  tables: ["mangle"],
  options: { "--checksum-fill": flag() },

  build: ({ "--checksum-fill": fill }) =>
    fill === undefined
      ? refuse("xt/missing-option", '"--checksum-fill" must be given', "add --checksum-fill")
      : NO_OPERANDS,
  print: () => "--checksum-fill",

  evaluate: () => () => "continue",

  symbolic: () => ({ kind: "continue" }),
});
