/**
 * The `hbh` match: the IPv6 hop-by-hop options header.
 *
 *     [!] --hbh-len length
 *     --hbh-opts type[:length][,type[:length]…]
 *
 * The options must stand in the header in the order of the list, from its beginning. A packet without the header does
 * not match. Kernel: net/ipv6/netfilter/ip6t_hbh.c, hbh_mt6(), revision 0.
 */
import { unknown } from "../../pktset/index.ts";
import { defineMatch, optional } from "../contract.ts";
import {
  type OptionsHeaderInfo,
  optionsHeaderTest,
  parseHeaderOptions,
  printOptionsHeader,
} from "../ipv6-options.ts";
import { uint32 } from "../numbers.ts";

export const hbh = defineMatch({
  name: "hbh",
  revision: 0,
  families: ["ipv6"],
  summary: "the IPv6 hop-by-hop options header",
  options: {
    "--hbh-len": optional(uint32, { invertible: true, operand: "length" }),
    "--hbh-opts": optional(parseHeaderOptions, { operand: "type[:length][,type[:length]…]" }),
  },

  build: ({ "--hbh-len": length, "--hbh-opts": options }): OptionsHeaderInfo => ({
    length,
    options: options?.value,
  }),
  print: (info) => printOptionsHeader("hbh", info),

  evaluate: (info) => optionsHeaderTest(0, info),

  symbolic: () => unknown("hbh: extension headers are in no field"),
});
