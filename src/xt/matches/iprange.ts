/**
 * The `iprange` match: an address between two others, both included.
 *
 *     [!] --src-range from[-to]
 *     [!] --dst-range from[-to]
 *
 * One address alone is a range of one. A range that ends before it starts is kept as it is, and never matches (always
 * under `!`). IPv4 addresses may be shortened: `10.1` is 10.1.0.0. Kernel: net/netfilter/xt_iprange.c, iprange_mt4()
 * and iprange_mt6(), revision 1.
 */

import { type Address, printAddress } from "../../net/index.ts";
import { both, everything, invertible, within } from "../../pktset/index.ts";
import { defineMatch, type Occurrence, optional, type ValueParser } from "../contract.ts";
import { refuseHost } from "../hosts.ts";
import { parseNumericAddress } from "../octets.ts";
import { destinationOf, rangeTest, sourceOf } from "../packet-tests.ts";
import { type Refusal, refuse } from "../refusal.ts";

export interface AddressRange {
  readonly low: Address;
  readonly high: Address;
}

export interface IprangeInfo {
  readonly source: Occurrence<AddressRange> | undefined;
  readonly destination: Occurrence<AddressRange> | undefined;
}

const parseRange: ValueParser<AddressRange> = (text, { family }) => {
  const dash = text.indexOf("-");
  const from = dash < 0 ? text : text.slice(0, dash);
  const low = parseNumericAddress(from, family);
  if (low === undefined) return refuseHost(from, family);
  if (dash < 0) return { low, high: low };
  const to = text.slice(dash + 1);
  const high = parseNumericAddress(to, family);
  return high === undefined ? refuseHost(to, family) : { low, high };
};

const print = (option: string, { value: { low, high }, invert }: Occurrence<AddressRange>): string =>
  `${invert ? "! " : ""}${option} ${printAddress(low)}-${printAddress(high)}`;

export const iprange = defineMatch({
  name: "iprange",
  revision: 1,
  families: ["ipv4", "ipv6"],
  summary: "an address between two others",
  options: {
    "--src-range": optional(parseRange, { invertible: true, operand: "from[-to]" }),
    "--dst-range": optional(parseRange, { invertible: true, operand: "from[-to]" }),
  },

  build: ({ "--src-range": source, "--dst-range": destination }): IprangeInfo | Refusal =>
    source === undefined && destination === undefined
      ? refuse("xt/missing-option", "no address is tested", "add --src-range or --dst-range")
      : { source, destination },

  print: ({ source, destination }) => {
    const first = source === undefined ? "" : print("--src-range", source);
    if (destination === undefined) return first;
    return `${first}${first === "" ? "" : " "}${print("--dst-range", destination)}`;
  },

  evaluate: ({ source, destination }) => {
    const test = (range: typeof source) =>
      range === undefined ? undefined : rangeTest(range.value.low, range.value.high, range.invert);
    const from = test(source);
    const to = test(destination);
    return (skb) =>
      (from === undefined || from(sourceOf(skb))) && (to === undefined || to(destinationOf(skb)));
  },

  symbolic: ({ source, destination }) => {
    const test = (field: "src" | "dst", range: typeof source) =>
      range === undefined
        ? everything
        : invertible(within(field, range.value.low, range.value.high), range.invert);
    return both(test("src", source), test("dst", destination));
  },
});
