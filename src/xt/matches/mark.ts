/**
 * The `mark` match: compares the packet's mark under a mask.
 *
 *     [!] --mark value[/mask]
 *
 * The mark is 32 bits that the kernel keeps beside the packet; it never leaves the host. Bits of the value outside
 * the mask are legal, and then the test never holds. Kernel: net/netfilter/xt_mark.c, mark_mt(), revision 1.
 */
import { invertible, masked } from "../../pktset/index.ts";
import { defineMatch, required } from "../contract.ts";
import { type Masked, parseMasked, printMasked } from "../masked.ts";

export interface MarkInfo extends Masked {
  readonly invert: boolean;
}

export const mark = defineMatch({
  name: "mark",
  revision: 1,
  families: ["ipv4", "ipv6"],
  summary: "the packet's mark, under a mask",
  options: { "--mark": required(parseMasked, { invertible: true, operand: "value[/mask]" }) },

  build: ({ "--mark": { value, invert } }): MarkInfo => ({ ...value, invert }),
  print: (info) => `${info.invert ? "! " : ""}--mark ${printMasked(info)}`,

  evaluate:
    ({ value, mask, invert }) =>
    ({ mark }) =>
      ((mark & mask) >>> 0 === value) !== invert,

  symbolic: ({ value, mask, invert }) => invertible(masked("mark", value, mask), invert),
});
