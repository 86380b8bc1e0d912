/**
 * The `osf` match: which operating system sent a TCP SYN, guessed from its header by fingerprints that `nfnl_osf`
 * has loaded into the kernel.
 *
 *     [!] --genre name
 *     [--ttl 0|1|2]
 *     [--log 0|1|2]
 *
 * Without loaded fingerprints nothing matches; names are compared with theirs only when packets come, so any name
 * is legal. The kernel keeps the `!` and never looks at it, and with `--log` it does not compare the name: every known
 * system matches. It has the match for IPv6 too, iptables does not.
 * Kernel: net/netfilter/xt_osf.c, xt_osf_match_packet(), revision 0; nfnetlink_osf.c, nf_osf_match().
 */

import { PROTOCOL } from "../../net/index.ts";
import { unknown } from "../../pktset/index.ts";
import { bareWord } from "../bare-word.ts";
import { defineMatch, optional, required } from "../contract.ts";
import { uint } from "../numbers.ts";

export interface OsfInfo {
  readonly genre: string;
  readonly invert: boolean;
  /** How the TTL is compared: 0 exactly, 1 at most, 2 not at all. */
  readonly ttl: number | undefined;
  /** What is logged: 0 everything, 1 the first, 2 all that is known. */
  readonly log: number | undefined;
}

export const osf = defineMatch({
  name: "osf",
  revision: 0,
  families: ["ipv4"],
  summary: "the operating system of the sender, by its TCP SYN",
  protocols: [PROTOCOL.tcp],
  hooks: ["PREROUTING", "INPUT", "FORWARD"],
  options: {
    "--genre": required(bareWord(31), { invertible: true, operand: "name" }),
    "--ttl": optional(uint(0, 2), { operand: "level" }),
    "--log": optional(uint(0, 2), { operand: "level" }),
  },

  build: (given): OsfInfo => ({
    genre: given["--genre"].value,
    invert: given["--genre"].invert,
    ttl: given["--ttl"]?.value,
    log: given["--log"]?.value,
  }),
  print: ({ genre, invert, ttl, log }) =>
    [
      `${invert ? "! " : ""}--genre ${genre}`,
      ttl === undefined ? "" : ` --ttl ${ttl}`,
      log === undefined ? "" : ` --log ${log}`,
    ].join(""),

  evaluate: () => () => "unknown",

  symbolic: () => unknown("osf: which system sent the packet"),
});
