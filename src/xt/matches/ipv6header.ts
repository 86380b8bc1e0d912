/**
 * The `ipv6header` match: which extension headers an IPv6 packet has.
 *
 *     [!] --header header[,header…]
 *     --soft
 *
 * Without `--soft` the packet must have just these headers and no other, and `!` negates that; with it, at least
 * these, and `!` asks for none of them. `prot` means an upper-layer protocol (TCP, UDP, …), which nearly every packet
 * has: without `--soft` it must be named. Headers are named by short or long name or by number, and listed by the long
 * name of /etc/protocols. Kernel: net/ipv6/netfilter/ip6t_ipv6header.c, ipv6header_mt6(), revision 0.
 */

import { get16, PROTOCOL, protocolByName } from "../../net/index.ts";
import { unknown } from "../../pktset/index.ts";
import { defineMatch, flag, required } from "../contract.ts";
import { type Refusal, refuse } from "../refusal.ts";

/** A header's number in the next-header field (255 for an upper-layer protocol), and its names, the printed one first. */
const HEADERS: readonly (readonly [number, string, ...string[]])[] = [
  [0, "hop-by-hop", "hop"],
  [60, "ipv6-opts", "dst"],
  [43, "ipv6-route", "route"],
  [44, "ipv6-frag", "frag"],
  [51, "ah", "auth"],
  [50, "esp"],
  [59, "ipv6-nonxt", "none"],
  [255, "protocol", "prot"],
];
const PRINTED = new Map(HEADERS.map(([number, name]) => [number, name]));
const NUMBERS = new Map(
  HEADERS.flatMap(([number, ...names]) => [`${number}`, ...names].map((name) => [name, number] as const)),
);
const SHORT_NAMES = "hop, dst, route, frag, auth, esp, none, prot";

/** `headers` in the order of printing, without repetition. */
export interface Ipv6headerInfo {
  readonly headers: readonly number[];
  readonly invert: boolean;
  readonly soft: boolean;
}

/** Empty places between commas count for nothing. */
function parseHeaders(text: string): readonly number[] | Refusal {
  const found = new Set<number>();
  for (const item of text.split(",")) {
    if (item === "") continue;
    const number = protocolByName(item) ?? NUMBERS.get(item);
    if (number === undefined || !PRINTED.has(number))
      return refuse(
        "xt/unknown-keyword",
        `"${item}" is not an IPv6 extension header`,
        `write ${SHORT_NAMES}`,
      );
    found.add(number);
  }
  if (found.size === 0)
    return refuse("xt/unknown-keyword", `"${text}" names no header`, `write ${SHORT_NAMES}`);
  return HEADERS.map(([number]) => number).filter((number) => found.has(number));
}

export const ipv6header = defineMatch({
  name: "ipv6header",
  revision: 0,
  families: ["ipv6"],
  summary: "which extension headers an IPv6 packet has",
  options: {
    "--header": required(parseHeaders, { invertible: true, operand: "header[,header…]" }),
    "--soft": flag(),
  },

  build: ({ "--header": { value: headers, invert }, "--soft": soft }): Ipv6headerInfo => ({
    headers,
    invert,
    soft: soft !== undefined,
  }),
  print: ({ headers, invert, soft }) =>
    `${invert ? "! " : ""}--header ${headers.map((number) => PRINTED.get(number)).join(",")}${soft ? " --soft" : ""}`,

  evaluate:
    ({ headers, invert, soft }) =>
    ({ bytes }) => {
      const wanted = new Set(headers);
      const present = new Set<number>();
      let type = bytes[6] as number;
      let at = 40;
      while (EXTENSION_TYPES.has(type)) {
        present.add(type);
        if (type === NO_NEXT_HEADER || type === PROTOCOL.esp || bytes.length - at < 8) break;
        const units = bytes[at + 1] as number;
        const size = type === PROTOCOL.ah ? (units + 2) * 4 : type === 44 ? 8 : (units + 1) * 8;
        const later = type === 44 && (get16(bytes, at + 2) & 0xfff8) !== 0;
        type = bytes[at] as number;
        at += size;
        if (later || at > bytes.length) break;
      }
      if (type !== NO_NEXT_HEADER && type !== PROTOCOL.esp) present.add(255);
      // Inverted, none of them may be there: the kernel turns each bit round, not the outcome.
      if (soft) return headers.every((header) => present.has(header) !== invert);
      const same = present.size === wanted.size && headers.every((header) => present.has(header));
      return same !== invert;
    },

  symbolic: () => unknown("ipv6header: extension headers are in no field"),
});

const NO_NEXT_HEADER = 59;
const EXTENSION_TYPES: ReadonlySet<number> = new Set([0, 43, 44, 50, 51, 59, 60]);
