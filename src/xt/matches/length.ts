/**
 * The `length` match: bytes of the packet from the IP header on.
 *
 *     [!] --length length[:length]
 *
 * In IPv6 the header counts as 40 bytes beside the payload length it states, so that packets can be longer than any range
 * says. A reversed range is legal, and no length is in it. Kernel: net/netfilter/xt_length.c, length_mt() and length_mt6(), revision 0.
 */

import { get16 } from "../../net/index.ts";
import { invertible, within } from "../../pktset/index.ts";
import { defineMatch, type Occurrence, required } from "../contract.ts";
import { inRange, type NumberRange, printUintRange, uintRange } from "../numbers.ts";

/** In bytes. */
export type LengthInfo = Occurrence<NumberRange>;

export const length = defineMatch({
  name: "length",
  revision: 0,
  families: ["ipv4", "ipv6"],
  summary: "length of the packet in bytes",
  options: { "--length": required(uintRange(0xffff), { invertible: true, operand: "length[:length]" }) },

  build: ({ "--length": range }): LengthInfo => range,
  print: ({ value, invert }) => `${invert ? "! " : ""}--length ${printUintRange(value)}`,

  evaluate:
    (test) =>
    ({ family, bytes }) =>
      inRange(test, family === "ipv4" ? get16(bytes, 2) : get16(bytes, 4) + 40),

  symbolic: ({ value, invert }) => invertible(within("length", value.low, value.high), invert),
});
