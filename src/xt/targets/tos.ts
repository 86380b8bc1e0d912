/**
 * The `TOS` target: changes the TOS byte, or IPv6's traffic class, ECN bits included.
 *
 *     --set-tos value[/mask] | --set-tos name | --and-tos bits | --or-tos bits | --xor-tos bits
 *
 * All are printed as the first: clear the bits of the mask, then exclusive-or the value. A name has mask 0x3f.
 * Kernel: net/netfilter/xt_DSCP.c, tos_tg(), revision 1.
 */
import { andBits, orBits, xorBits } from "../bit-operation.ts";
import { defineTarget, optional } from "../contract.ts";
import type { Masked } from "../masked.ts";
import { uint8 } from "../numbers.ts";
import { type Refusal, refuse } from "../refusal.ts";
import { setTrafficClass, trafficClass } from "../rewriting.ts";
import { parseTos, printTos } from "../tos.ts";

export const tos = defineTarget({
  name: "TOS",
  revision: 1,
  families: ["ipv4", "ipv6"],
  summary: "change the TOS byte or the traffic class",
  tables: ["mangle"],
  options: {
    "--set-tos": optional(parseTos, {
      excludes: ["--and-tos", "--or-tos", "--xor-tos"],
      operand: "value[/mask]",
    }),
    "--and-tos": optional(uint8, { excludes: ["--or-tos", "--xor-tos"], operand: "bits" }),
    "--or-tos": optional(uint8, { excludes: ["--xor-tos"], operand: "bits" }),
    "--xor-tos": optional(uint8, { operand: "bits" }),
  },

  build: ({ "--set-tos": set, "--and-tos": and, "--or-tos": or, "--xor-tos": xor }): Masked | Refusal => {
    if (set !== undefined) return set.value;
    if (and !== undefined) return andBits(and.value, 0xff);
    if (or !== undefined) return orBits(or.value);
    if (xor !== undefined) return xorBits(xor.value);
    return refuse(
      "xt/missing-option",
      "no change is given",
      "add --set-tos, --and-tos, --or-tos or --xor-tos",
    );
  },
  print: (info) => `--set-tos ${printTos(info)}`,

  evaluate:
    ({ value, mask }) =>
    (skb) => {
      setTrafficClass(skb, (trafficClass(skb) & ~mask) ^ value);
      return "continue";
    },

  symbolic: ({ value, mask }) => ({
    kind: "write",
    writes: [{ kind: "bits", field: "tos", clear: mask, flip: value }],
  }),
});
