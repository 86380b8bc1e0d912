/**
 * The `DSCP` target: sets the differentiated services codepoint, and leaves the two ECN bits below it alone.
 *
 *     --set-dscp value
 *     --set-dscp-class class
 *
 * Classes are BE, EF, CS0 to CS7 and AF11 to AF43. Kernel: net/netfilter/xt_DSCP.c, dscp_tg(), revision 0.
 */
import { defineTarget, optional } from "../contract.ts";
import { dscpClass, printDscp } from "../dscp.ts";
import { uint } from "../numbers.ts";
import { type Refusal, refuse } from "../refusal.ts";
import { setTrafficClass, trafficClass } from "../rewriting.ts";

export interface DscpTargetInfo {
  readonly dscp: number;
}

export const dscp = defineTarget({
  name: "DSCP",
  revision: 0,
  families: ["ipv4", "ipv6"],
  summary: "set the differentiated services codepoint",
  tables: ["mangle"],
  options: {
    "--set-dscp": optional(uint(0, 0x3f), { excludes: ["--set-dscp-class"] }),
    "--set-dscp-class": optional(dscpClass, { operand: "class" }),
  },

  build: ({ "--set-dscp": value, "--set-dscp-class": named }): DscpTargetInfo | Refusal => {
    const set = value ?? named;
    return set === undefined
      ? refuse("xt/missing-option", "no codepoint is given", "add --set-dscp or --set-dscp-class")
      : { dscp: set.value };
  },
  print: (info) => `--set-dscp ${printDscp(info.dscp)}`,

  evaluate:
    ({ dscp }) =>
    (skb) => {
      setTrafficClass(skb, (trafficClass(skb) & 3) | (dscp << 2));
      return "continue";
    },

  symbolic: ({ dscp }) => ({
    kind: "write",
    writes: [{ kind: "bits", field: "tos", clear: 0xfc, flip: dscp << 2 }],
  }),
});
