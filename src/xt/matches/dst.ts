/**
 * The `dst` match: the IPv6 destination options header.
 *
 *     [!] --dst-len length
 *     --dst-opts type[:length][,type[:length]…]
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

export const dst = defineMatch({
  name: "dst",
  revision: 0,
  families: ["ipv6"],
  summary: "the IPv6 destination options header",
  options: {
    "--dst-len": optional(uint32, { invertible: true, operand: "length" }),
    "--dst-opts": optional(parseHeaderOptions, { operand: "type[:length][,type[:length]…]" }),
  },

  build: ({ "--dst-len": length, "--dst-opts": options }): OptionsHeaderInfo => ({
    length,
    options: options?.value,
  }),
  print: (info) => printOptionsHeader("dst", info),

  evaluate: (info) => optionsHeaderTest(60, info),

  symbolic: () => unknown("dst: extension headers are in no field"),
});
