/**
 * The `tcpmss` match: the maximum segment size that a TCP packet announces.
 *
 *     [!] --mss value[:value]
 *
 * Only packets with that TCP option, SYN and SYN/ACK, can match; one without it does not, and does under `!`.
 * Kernel: net/netfilter/xt_tcpmss.c, tcpmss_mt(), revision 0.
 */

import { get16, PROTOCOL } from "../../net/index.ts";
import { unknown } from "../../pktset/index.ts";
import { defineMatch, type Occurrence, required, type ValueParser } from "../contract.ts";
import { inRange, type NumberRange, printUintRange, uintRange } from "../numbers.ts";
import { Refusal, refuse } from "../refusal.ts";
import { findTcpOption } from "../rewriting.ts";

export type TcpmssInfo = Occurrence<NumberRange>;

const anyRange = uintRange(0xffff);

const parseSizes: ValueParser<NumberRange> = (text, context) => {
  const range = anyRange(text, context);
  if (range instanceof Refusal || range.low <= range.high) return range;
  return refuse(
    "xt/reversed-range",
    `the range "${text}" ends before it starts`,
    `write ${range.high}:${range.low}`,
  );
};

export const tcpmss = defineMatch({
  name: "tcpmss",
  revision: 0,
  families: ["ipv4", "ipv6"],
  summary: "the maximum segment size that a TCP packet announces",
  protocols: [PROTOCOL.tcp],
  options: { "--mss": required(parseSizes, { invertible: true, operand: "value[:value]" }) },

  build: ({ "--mss": range }): TcpmssInfo => range,
  print: ({ value, invert }) => `${invert ? "! " : ""}--mss ${printUintRange(value)}`,

  evaluate: (test) => (skb) => {
    const { bytes, transport } = skb;
    if (!skb.hasTransport(20)) return "hotdrop";
    const size = ((bytes[transport + 12] as number) >>> 4) * 4;
    if (size < 20 || bytes.length - transport < size) return "hotdrop";
    const at = findTcpOption(
      bytes,
      transport,
      (at, left) => bytes[at] === 2 && left >= 4 && bytes[at + 1] === 4,
    );
    return at === undefined ? test.invert : inRange(test, get16(bytes, at + 2));
  },

  symbolic: () => unknown("tcpmss: options are in no field"),
});
