/**
 * The `ecn` match: explicit congestion notification (RFC 3168).
 *
 *     [!] --ecn-tcp-cwr
 *     [!] --ecn-tcp-ece
 *     [!] --ecn-ip-ect value     0 to 3: the codepoint in the IP header
 *
 * At least one. The two bits of the TCP header need `-p tcp`, the codepoint does not.
 * Kernel: net/netfilter/xt_ecn.c, ecn_mt_check4() and ecn_mt_check6(), revision 0.
 */

import { PROTOCOL } from "../../net/index.ts";
import { both, type Condition, everything, invertible, masked } from "../../pktset/index.ts";
import { withPorts } from "../conditions.ts";
import { defineMatch, flag, type Occurrence, optional } from "../contract.ts";
import { uint } from "../numbers.ts";
import { type Refusal, refuse } from "../refusal.ts";
import { trafficClass } from "../rewriting.ts";
import { requireProtocol } from "../rule-protocol.ts";

export interface EcnInfo {
  readonly ece: Occurrence<true> | undefined;
  readonly cwr: Occurrence<true> | undefined;
  readonly codepoint: Occurrence<number> | undefined;
}

const not = ({ invert }: Occurrence<unknown>): string => (invert ? "! " : "");

export const ecn = defineMatch({
  name: "ecn",
  revision: 0,
  families: ["ipv4", "ipv6"],
  summary: "explicit congestion notification",
  options: {
    "--ecn-tcp-cwr": flag({ invertible: true }),
    "--ecn-tcp-ece": flag({ invertible: true }),
    "--ecn-ip-ect": optional(uint(0, 3), { invertible: true }),
  },

  build: ({ "--ecn-tcp-ece": ece, "--ecn-tcp-cwr": cwr, "--ecn-ip-ect": codepoint }): EcnInfo | Refusal =>
    ece === undefined && cwr === undefined && codepoint === undefined
      ? refuse(
          "xt/missing-option",
          "nothing says what to look at",
          "add --ecn-tcp-cwr, --ecn-tcp-ece or --ecn-ip-ect",
        )
      : { ece, cwr, codepoint },

  print: ({ ece, cwr, codepoint }) => {
    const parts: string[] = [];
    if (ece !== undefined) parts.push(`${not(ece)}--ecn-tcp-ece`);
    if (cwr !== undefined) parts.push(`${not(cwr)}--ecn-tcp-cwr`);
    if (codepoint !== undefined) parts.push(`${not(codepoint)}--ecn-ip-ect ${codepoint.value}`);
    return parts.join(" ");
  },

  check: ({ ece, cwr }, place) =>
    ece === undefined && cwr === undefined ? undefined : requireProtocol(place, PROTOCOL.tcp),

  evaluate:
    ({ ece, cwr, codepoint }) =>
    (skb) => {
      if (codepoint !== undefined && ((trafficClass(skb) & 3) === codepoint.value) === codepoint.invert)
        return false;
      if (ece === undefined && cwr === undefined) return true;
      if (skb.fragmentOffset !== 0 || !skb.hasTransport(20)) return false;
      const flags = skb.bytes[skb.transport + 13] as number;
      if (ece !== undefined && ((flags & 0x40) !== 0) === ece.invert) return false;
      return cwr === undefined || ((flags & 0x80) !== 0) !== cwr.invert;
    },

  symbolic: ({ ece, cwr, codepoint }) => {
    const flag = (bit: number, use: typeof ece): Condition =>
      use === undefined ? everything : withPorts(invertible(masked("tcpflags", bit, bit), use.invert));
    return both(
      codepoint === undefined ? everything : invertible(masked("tos", codepoint.value, 3), codepoint.invert),
      flag(0x40, ece),
      flag(0x80, cwr),
    );
  },
});
