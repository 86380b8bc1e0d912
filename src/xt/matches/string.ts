/**
 * The `string` match: whether the packet, headers included, contains a pattern of bytes.
 *
 *     [!] --string text | [!] --hex-string pattern
 *     --algo bm|kmp|fsm
 *     [--from offset] [--to offset] [--icase]
 *
 * `--from` and `--to` bound where the pattern may begin, in bytes from the network header; 0 and 65535 are not
 * printed. Non-ASCII text is compared as UTF-8. The algorithms find the same, but `bm` misses a pattern that lies
 * across two pieces of a fragmented buffer. `fsm` is not in the manual page: its pattern is a list of 4-byte tokens.
 * Kernel: net/netfilter/xt_string.c, string_mt() and string_mt_check(), revision 1; lib/ts_fsm.c, fsm_init().
 */
import { unknown } from "../../pktset/index.ts";
import { hexPattern, literalPattern, printPattern } from "../byte-pattern.ts";
import { defineMatch, flag, optional, required } from "../contract.ts";
import { keyword } from "../keywords.ts";
import { uint16 } from "../numbers.ts";
import { type Refusal, refuse, refuseOption } from "../refusal.ts";

const MAX_OFFSET = 0xffff;

export interface StringInfo {
  /** One character a byte. */
  readonly pattern: string;
  readonly invert: boolean;
  readonly algorithm: "bm" | "kmp" | "fsm";
  readonly from: number;
  readonly to: number;
  readonly ignoreCase: boolean;
}

/** Tokens of `fsm`: type in two bytes, repetition, value. */
function fsmRefusal({ pattern, ignoreCase }: StringInfo): Refusal | undefined {
  const count = pattern.length / 4;
  let legal = Number.isInteger(count) && !ignoreCase;
  for (let token = 0; token < count && legal; token++) {
    const at = token * 4;
    const type = pattern.charCodeAt(at) + pattern.charCodeAt(at + 1) * 256;
    const repetition = pattern.charCodeAt(at + 2);
    legal = type <= 13 && (repetition < 4 || (repetition === 4 && token === 0 && count > 1));
  }
  return legal
    ? undefined
    : refuse("xt/bad-string", "the pattern is no list of tokens of the algorithm fsm", "write --algo bm");
}

export const string = defineMatch({
  name: "string",
  revision: 1,
  families: ["ipv4", "ipv6"],
  summary: "whether the packet contains a pattern of bytes",
  options: {
    "--from": optional(uint16, { operand: "offset" }),
    "--to": optional(uint16, { operand: "offset" }),
    "--algo": required(keyword(["bm", "kmp", "fsm"]), { operand: "bm|kmp" }),
    "--string": optional(literalPattern, { invertible: true, excludes: ["--hex-string"], operand: "text" }),
    "--hex-string": optional(hexPattern, { invertible: true, operand: "pattern" }),
    "--icase": flag(),
  },

  build: (given) => {
    const use = given["--string"] ?? given["--hex-string"];
    if (use === undefined)
      return refuse("xt/missing-option", "nothing is looked for", "add --string or --hex-string");
    return {
      pattern: use.value,
      invert: use.invert,
      algorithm: given["--algo"].value,
      from: given["--from"]?.value ?? 0,
      to: given["--to"]?.value ?? MAX_OFFSET,
      ignoreCase: given["--icase"] !== undefined,
    } satisfies StringInfo;
  },

  print: ({ pattern, invert, algorithm, from, to, ignoreCase }: StringInfo) => {
    let text = `${invert ? "! " : ""}${printPattern(pattern)} --algo ${algorithm}`;
    if (from !== 0) text += ` --from ${from}`;
    if (to !== MAX_OFFSET) text += ` --to ${to}`;
    return ignoreCase ? `${text} --icase` : text;
  },

  check: (info: StringInfo) => {
    if (info.from <= info.to) return info.algorithm === "fsm" ? fsmRefusal(info) : undefined;
    return refuseOption(
      "xt/reversed-range",
      "--from",
      `--from ${info.from} lies behind --to ${info.to}`,
      "swap them",
    );
  },

  evaluate: ({ pattern, invert, from, to, ignoreCase }) => {
    const fold = (text: string): string => (ignoreCase ? text.toUpperCase() : text);
    const wanted = fold(pattern);
    return ({ bytes }) => {
      let text = "";
      const end = Math.min(bytes.length, to);
      for (let at = Math.min(from, end); at < end; at++) text += String.fromCharCode(bytes[at] as number);
      return fold(text).includes(wanted) !== invert;
    };
  },

  symbolic: () => unknown("string: what the packet carries"),
});
