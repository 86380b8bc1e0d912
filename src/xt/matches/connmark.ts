/**
 * The `connmark` match: compares the mark of the packet's connection under a mask.
 *
 *     [!] --mark value[/mask]
 *
 * Bits of the value outside the mask are legal, and then the test never holds. A packet without a connection never
 * matches, not even under `!`. Kernel: net/netfilter/xt_connmark.c, connmark_mt(), revision 1.
 */
import { both, invertible, masked } from "../../pktset/index.ts";
import { TRACKED } from "../conditions.ts";
import { defineMatch, required } from "../contract.ts";
import { type Masked, parseMasked, printMasked } from "../masked.ts";

export interface ConnmarkInfo extends Masked {
  readonly invert: boolean;
}

export const connmark = defineMatch({
  name: "connmark",
  revision: 1,
  families: ["ipv4", "ipv6"],
  summary: "the mark of the packet's connection, under a mask",
  options: { "--mark": required(parseMasked, { invertible: true, operand: "value[/mask]" }) },

  build: ({ "--mark": { value, invert } }): ConnmarkInfo => ({ ...value, invert }),
  print: (info) => `${info.invert ? "! " : ""}--mark ${printMasked(info)}`,

  evaluate:
    ({ value, mask, invert }) =>
    ({ ct }) =>
      ct !== undefined && ((ct.mark & mask) >>> 0 === value) !== invert,

  symbolic: ({ value, mask, invert }) => both(TRACKED, invertible(masked("connmark", value, mask), invert)),
});
