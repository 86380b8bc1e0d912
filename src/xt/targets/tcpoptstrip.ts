/**
 * The `TCPOPTSTRIP` target: overwrites options of the TCP header with NOPs.
 *
 *     --strip-options option[,option…]
 *
 * An option is a number from 2 to 255 or one of wscale, mss, sack-permitted, sack, timestamp and md5; they are printed
 * as numbers in rising order. Without the list the target does nothing, and is legal.
 * Kernel: net/netfilter/xt_TCPOPTSTRIP.c, tcpoptstrip_mangle_packet(), revision 0.
 */
import { get16, PROTOCOL, put16, updatedChecksum } from "../../net/index.ts";
import { defineTarget, optional } from "../contract.ts";
import { wholeNumber } from "../numbers.ts";
import { type Refusal, refuse } from "../refusal.ts";
import type { Skb } from "../skb.ts";

const NAMES: ReadonlyMap<string, number> = new Map([
  ["wscale", 3],
  ["mss", 2],
  ["sack-permitted", 4],
  ["sack", 5],
  ["timestamp", 8],
  ["md5", 19],
]);

export interface TcpoptstripInfo {
  /** Rising, each once. */
  readonly kinds: readonly number[];
}

function parseKinds(text: string): readonly number[] | Refusal {
  const kinds: number[] = [];
  for (const item of text.split(",")) {
    // 0 and 1 are the end of the list and NOP.
    const kind = NAMES.get(item) ?? wholeNumber(item, 2, 255);
    if (kind === undefined) {
      return refuse(
        "xt/bad-tcp-option",
        `"${item}" is not a TCP option that can be stripped`,
        `write a number from 2 to 255, or ${[...NAMES.keys()].join(", ")}`,
      );
    }
    if (kinds.includes(kind))
      return refuse("xt/repeated-value", `"${item}" is in the list already`, "remove it");
    kinds.push(kind);
  }
  return kinds.sort((a, b) => a - b);
}

export const tcpoptstrip = defineTarget({
  name: "TCPOPTSTRIP",
  revision: 0,
  families: ["ipv4", "ipv6"],
  summary: "remove options from the TCP header",
  tables: ["mangle"],
  protocols: [PROTOCOL.tcp],
  options: { "--strip-options": optional(parseKinds, { operand: "option[,option…]" }) },

  build: ({ "--strip-options": strip }): TcpoptstripInfo => ({ kinds: strip?.value ?? [] }),
  print: ({ kinds }) => (kinds.length === 0 ? "" : `--strip-options ${kinds.join(",")}`),

  evaluate:
    ({ kinds }) =>
    (skb) => {
      const { bytes, transport } = skb;
      if (skb.fragmentOffset !== 0) return "continue";
      if (!skb.hasTransport(20)) return "drop";
      const size = ((bytes[transport + 12] as number) >>> 4) * 4;
      if (size < 20 || bytes.length - transport < size) return "drop";
      const end = transport + size;
      for (let at = transport + 20; at < end - 1; ) {
        const length = (bytes[at] as number) < 2 ? 1 : bytes[at + 1] || 1;
        if (at + length > end) break;
        if (kinds.includes(bytes[at] as number)) blank(skb, at, length);
        at += length;
      }
      return "continue";
    },

  // Options are in no field.
  symbolic: () => ({ kind: "continue" }),
});

/** Overwrites an option with NOPs. */
function blank(skb: Skb, at: number, length: number): void {
  const { bytes, transport } = skb;
  const start = at - ((at - transport) % 2);
  const end = at + length + ((at + length - transport) % 2);
  let sum = get16(bytes, transport + 16);
  const old: number[] = [];
  for (let word = start; word < end; word += 2) old.push(get16(bytes, word));
  bytes.fill(1, at, at + length);
  old.forEach((value, index) => {
    sum = updatedChecksum(sum, value, get16(bytes, start + 2 * index));
  });
  put16(bytes, transport + 16, sum);
}
