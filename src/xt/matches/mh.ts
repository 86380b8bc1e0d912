/**
 * The `mh` match: the message type of an IPv6 mobility header (RFC 6275, section 6.1).
 *
 *     [!] --mh-type type[:type]
 *
 * A type is a number or a name, which may be shortened; iptables-save prints numbers. Of names that begin alike
 * iptables takes the first of its list ("home" is home-test-init); Postern refuses to guess.
 * Kernel: net/ipv6/netfilter/ip6t_mh.c, mh_mt6(), revision 0.
 */

import { PROTOCOL } from "../../net/index.ts";
import { everything, unknown } from "../../pktset/index.ts";
import { byAbbreviation } from "../abbreviations.ts";
import { withPorts } from "../conditions.ts";
import { defineMatch, optional } from "../contract.ts";
import { type NumberRange, printUintRange, wholeNumber } from "../numbers.ts";
import { type Refusal, refuse, refuseOption } from "../refusal.ts";

/** undefined: every type. */
export type MhInfo =
  | { readonly types: NumberRange; readonly invert: boolean }
  | { readonly types: undefined };

const TYPES: ReadonlyMap<string, number> = new Map([
  ["binding-refresh-request", 0],
  ["brr", 0],
  ["home-test-init", 1],
  ["hoti", 1],
  ["careof-test-init", 2],
  ["coti", 2],
  ["home-test", 3],
  ["hot", 3],
  ["careof-test", 4],
  ["cot", 4],
  ["binding-update", 5],
  ["bu", 5],
  ["binding-acknowledgement", 6],
  ["ba", 6],
  ["binding-error", 7],
  ["be", 7],
]);
const MAX_TYPE = 255;

function parseType(text: string): number | Refusal {
  return (
    byAbbreviation(text, TYPES) ??
    wholeNumber(text, 0, MAX_TYPE) ??
    refuse(
      "xt/unknown-keyword",
      `"${text}" is not a mobility header type`,
      `write a number from 0 to ${MAX_TYPE}, or one of ${[...TYPES.keys()].join(", ")}`,
    )
  );
}

/** `:high` begins at 0 and `low:` ends at 255. */
function parseTypes(text: string): NumberRange | Refusal {
  const colon = text.indexOf(":");
  if (colon < 0) {
    const type = parseType(text);
    return typeof type === "number" ? { low: type, high: type } : type;
  }
  const low = colon === 0 ? 0 : parseType(text.slice(0, colon));
  const high = colon === text.length - 1 ? MAX_TYPE : parseType(text.slice(colon + 1));
  if (typeof low !== "number") return low;
  if (typeof high !== "number") return high;
  if (low > high)
    return refuse(
      "xt/reversed-range",
      `the range of types "${text}" ends before it starts`,
      `write ${high}:${low}`,
    );
  return { low, high };
}

export const mh = defineMatch({
  name: "mh",
  revision: 0,
  families: ["ipv6"],
  summary: "the type of an IPv6 mobility header",
  protocols: [PROTOCOL.mh],
  options: { "--mh-type": optional(parseTypes, { invertible: true, operand: "type[:type]" }) },

  build: ({ "--mh-type": type }): MhInfo | Refusal => {
    if (type === undefined) return { types: undefined };
    const { value: types, invert } = type;
    if (types.low !== 0 || types.high !== MAX_TYPE) return { types, invert };
    if (!invert) return { types: undefined };
    return refuseOption(
      "xt/never-matches",
      "--mh-type",
      `"! --mh-type 0:${MAX_TYPE}" can match nothing, and iptables-save does not print it`,
      "name the types to exclude",
    );
  },
  print: (info) =>
    info.types === undefined ? "" : `${info.invert ? "! " : ""}--mh-type ${printUintRange(info.types)}`,

  evaluate: (info) => (skb) => {
    if (skb.fragmentOffset !== 0) return false;
    if (!skb.hasTransport(6)) return "hotdrop";
    const { bytes, transport } = skb;
    if (bytes[transport] !== 59) return "hotdrop";
    if (info.types === undefined) return true;
    const type = bytes[transport + 2] as number;
    return (type >= info.types.low && type <= info.types.high) !== info.invert;
  },

  symbolic: ({ types }) =>
    withPorts(types === undefined ? everything : unknown("mh: message types are in no field")),
});
