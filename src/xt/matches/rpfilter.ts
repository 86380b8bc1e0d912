/**
 * The `rpfilter` match: a reply to the packet would leave by the interface that it came in by.
 *
 *     --loose
 *     --validmark
 *     --accept-local
 *     --invert
 *
 * `--invert` is a word of its own where other matches take `!`. Packets from the loopback interface always pass.
 * Kernel: net/ipv4/netfilter/ipt_rpfilter.c, net/ipv6/netfilter/ip6t_rpfilter.c, rpfilter_mt() and rpfilter_check(),
 * revision 0.
 */
import { either, invertible, is, onInterface, PACKET_TYPES } from "../../pktset/index.ts";
import { defineMatch, flag } from "../contract.ts";

export interface RpfilterInfo {
  /** A route by any interface will do. */
  readonly loose: boolean;
  /** The route is looked up with the packet's mark. */
  readonly validMark: boolean;
  /** A source that is an address of this host will do. */
  readonly acceptLocal: boolean;
  readonly invert: boolean;
}

export const rpfilter = defineMatch({
  name: "rpfilter",
  revision: 0,
  families: ["ipv4", "ipv6"],
  summary: "a reply would leave by the interface that the packet came in by",
  tables: ["raw", "mangle"],
  hooks: ["PREROUTING"],
  options: { "--loose": flag(), "--validmark": flag(), "--accept-local": flag(), "--invert": flag() },

  build: (given): RpfilterInfo => ({
    loose: given["--loose"] !== undefined,
    validMark: given["--validmark"] !== undefined,
    acceptLocal: given["--accept-local"] !== undefined,
    invert: given["--invert"] !== undefined,
  }),

  print: ({ loose, validMark, acceptLocal, invert }) => {
    const parts: string[] = [];
    if (loose) parts.push("--loose");
    if (validMark) parts.push("--validmark");
    if (acceptLocal) parts.push("--accept-local");
    if (invert) parts.push("--invert");
    return parts.join(" ");
  },

  evaluate:
    ({ loose, validMark, acceptLocal, invert }, machine) =>
    (skb) => {
      if (skb.inDevice === "lo" || skb.packetType === "loopback") return !invert;
      return machine.reversePath(skb, { loose, validMark, acceptLocal }) !== invert;
    },

  symbolic: ({ loose, validMark, acceptLocal, invert }, context) =>
    invertible(
      either(
        onInterface("in", "lo"),
        is("pkttype", PACKET_TYPES.indexOf("loopback")),
        context.reversePath({ loose, validMark, acceptLocal }),
      ),
      invert,
    ),
});
