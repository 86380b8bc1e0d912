/**
 * The `tos` match: the TOS byte of IPv4 or the traffic class of IPv6, under a mask.
 *
 *     [!] --tos value[/mask]
 *     [!] --tos name
 *
 * A value with bits outside its mask is legal, and then the test never holds.
 * Kernel: net/netfilter/xt_dscp.c, tos_mt(), revision 1.
 */
import { invertible, masked } from "../../pktset/index.ts";
import { defineMatch, required } from "../contract.ts";
import { trafficClass } from "../rewriting.ts";
import { parseTos, printTos, type TosValue } from "../tos.ts";

export interface TosInfo extends TosValue {
  readonly invert: boolean;
}

export const tos = defineMatch({
  name: "tos",
  revision: 1,
  families: ["ipv4", "ipv6"],
  summary: "the TOS byte or traffic class, under a mask",
  options: { "--tos": required(parseTos, { invertible: true, operand: "value[/mask]" }) },

  build: ({ "--tos": { value, invert } }): TosInfo => ({ ...value, invert }),
  print: (info) => `${info.invert ? "! " : ""}--tos ${printTos(info)}`,

  evaluate:
    ({ value, mask, invert }) =>
    (skb) =>
      ((trafficClass(skb) & mask) === value) !== invert,

  symbolic: ({ value, mask, invert }) => invertible(masked("tos", value, mask), invert),
});
