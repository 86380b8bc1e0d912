/**
 * The `connbytes` match: how much the packet's connection has carried.
 *
 *     [!] --connbytes from[:to]
 *     --connbytes-dir original|reply|both
 *     --connbytes-mode packets|bytes|avgpkt
 *
 * Without `to` there is no upper end. The kernel has no flag for the negation: iptables exchanges the ends, so that
 * `! 5:5` would silently become `5:5`; it is refused, and so is `0:0`, which would be listed as `0`, "any count". The
 * kernel counts only while the sysctl net.netfilter.nf_conntrack_acct is on; loading the rule turns it on, and
 * connections from before then never match.
 * Kernel: net/netfilter/xt_connbytes.c, connbytes_mt(), revision 0.
 */
import { both, unknown } from "../../pktset/index.ts";
import { TRACKED } from "../conditions.ts";
import { defineMatch, required, type ValueParser } from "../contract.ts";
import { keyword } from "../keywords.ts";
import { numberPrefix } from "../numbers.ts";
import { refuse, refuseOption } from "../refusal.ts";

const UINT64_MAX = (1n << 64n) - 1n;
const DIRECTIONS = ["original", "reply", "both"] as const;
const MODES = ["packets", "bytes", "avgpkt"] as const;

/** Counts, both ends inclusive; `to` is 2^64 - 1 where no end was given. */
export interface CountRange {
  readonly from: bigint;
  readonly to: bigint;
}

export interface ConnbytesInfo extends CountRange {
  readonly invert: boolean;
  readonly direction: (typeof DIRECTIONS)[number];
  readonly mode: (typeof MODES)[number];
}

const parseCounts: ValueParser<CountRange> = (text) => {
  const parts = text.split(":");
  const ends = parts.map((part, index) => {
    if (part === "" && text !== "") return index === 0 ? 0n : UINT64_MAX;
    const found = numberPrefix(part);
    return found !== undefined && found.end === part.length && found.value <= UINT64_MAX
      ? found.value
      : undefined;
  });
  const [from, to] = parts.length === 1 ? [ends[0], UINT64_MAX] : ends;
  if (from === undefined || to === undefined || parts.length > 2) {
    return refuse(
      "xt/bad-range",
      `"${text}" is not a range of numbers of 64 bits`,
      "write from:to, or from: without an upper end",
    );
  }
  if (from > to)
    return refuse("xt/reversed-range", `the range "${text}" ends before it starts`, `write ${to}:${from}`);
  return { from, to };
};

export const connbytes = defineMatch({
  name: "connbytes",
  revision: 0,
  families: ["ipv4", "ipv6"],
  summary: "bytes or packets that the packet's connection has carried",
  options: {
    "--connbytes": required(parseCounts, { invertible: true, operand: "from[:to]" }),
    "--connbytes-dir": required(keyword(DIRECTIONS), { operand: DIRECTIONS.join("|") }),
    "--connbytes-mode": required(keyword(MODES), { operand: MODES.join("|") }),
  },

  build: ({ "--connbytes": { value, invert }, "--connbytes-dir": direction, "--connbytes-mode": mode }) => {
    const { from, to } = value;
    if (invert && from === to) {
      return refuseOption(
        "xt/out-of-range",
        "--connbytes",
        `iptables would drop the "!" before the single count ${from}`,
        "write two rules, for the counts below and above it",
      );
    }
    if (to === 0n)
      return refuseOption(
        "xt/out-of-range",
        "--connbytes",
        `iptables would list the range 0:0 as 0, which means any count`,
        "write ! --connbytes 1",
      );
    const info: ConnbytesInfo = { from, to, invert, direction: direction.value, mode: mode.value };
    return info;
  },

  print: ({ from, to, invert, direction, mode }) =>
    `${invert ? "! " : ""}--connbytes ${from}${to === UINT64_MAX ? "" : `:${to}`} --connbytes-mode ${mode} --connbytes-dir ${direction}`,

  evaluate: ({ from, to, invert, direction, mode }, machine) => {
    machine.enableAccounting();
    return ({ ct }) => {
      if (ct === undefined) return false;
      const sum = (counts: readonly [number, number]): number =>
        direction === "both" ? counts[0] + counts[1] : counts[direction === "original" ? 0 : 1];
      const packets = sum(ct.packets);
      const bytes = sum(ct.bytes);
      const value =
        mode === "packets"
          ? packets
          : mode === "bytes"
            ? bytes
            : packets === 0
              ? 0
              : Math.floor(bytes / packets);
      return (BigInt(value) >= from && BigInt(value) <= to) !== invert;
    };
  },

  symbolic: () => both(TRACKED, unknown("connbytes: how much a connection has carried")),
});
