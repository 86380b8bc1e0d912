/**
 * The `dscp` match: the DiffServ code point of the packet.
 *
 *     [!] --dscp value
 *     [!] --dscp-class class
 *
 * A class is only another way to write its value, and iptables-save prints the value. Exactly one of the two must be
 * given. Kernel: net/netfilter/xt_dscp.c, dscp_mt(), revision 0.
 */
import { invertible, masked } from "../../pktset/index.ts";
import { defineMatch, optional } from "../contract.ts";
import { dscpClass, printDscp } from "../dscp.ts";
import { uint } from "../numbers.ts";
import { refuse } from "../refusal.ts";
import { trafficClass } from "../rewriting.ts";

export interface DscpInfo {
  readonly dscp: number;
  readonly invert: boolean;
}

export const dscp = defineMatch({
  name: "dscp",
  revision: 0,
  families: ["ipv4", "ipv6"],
  summary: "the DiffServ code point",
  options: {
    "--dscp": optional(uint(0, 63), { invertible: true, excludes: ["--dscp-class"] }),
    "--dscp-class": optional(dscpClass, { invertible: true, operand: "class" }),
  },

  build: (given) => {
    const use = given["--dscp"] ?? given["--dscp-class"];
    if (use === undefined)
      return refuse("xt/missing-option", "--dscp or --dscp-class must be given", "add --dscp value");
    return { dscp: use.value, invert: use.invert } satisfies DscpInfo;
  },
  print: (info: DscpInfo) => `${info.invert ? "! " : ""}--dscp ${printDscp(info.dscp)}`,

  evaluate:
    ({ dscp, invert }) =>
    (skb) =>
      (trafficClass(skb) >>> 2 === dscp) !== invert,

  symbolic: ({ dscp, invert }) => invertible(masked("tos", dscp << 2, 0xfc), invert),
});
