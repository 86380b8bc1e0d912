/**
 * The operand of `--icmp-type` and `--icmpv6-type`: `type`, `type/code`, or a name, which may be abbreviated as long
 * as only one name of the list begins so (two spellings of one type count as two). Source: extensions/libxt_icmp.h,
 * __parse_icmp().
 */
import type { Family } from "../net/index.ts";
import { type Condition, everything, invertible, within } from "../pktset/index.ts";
import { withPorts } from "./conditions.ts";
import type { Occurrence } from "./contract.ts";
import type { MatchTest } from "./evaluation.ts";
import { asciiUpper } from "./flag-names.ts";
import { numberPrefix, wholeNumber } from "./numbers.ts";
import { type Refusal, refuse } from "./refusal.ts";

export interface IcmpType {
  readonly type: number;
  /** undefined: any code. */
  readonly code: number | undefined;
}

export type IcmpTest = Occurrence<IcmpType>;

/** Name, type, and code if it names one. */
export type IcmpName = readonly [name: string, type: number, code?: number];

/** A parser that knows `names`, none of which may be the beginning of another. */
export function icmpTypeParser(names: readonly IcmpName[]): (text: string) => IcmpType | Refusal {
  const byName = new Map(
    names.map(([name, type, code]): [string, IcmpType] => [asciiUpper(name), { type, code }]),
  );
  return (text) => {
    const type = wholeNumber(text, 0, 255);
    if (type !== undefined) return { type, code: undefined };
    const upper = asciiUpper(text);
    return byName.get(upper) ?? byBeginning(text, upper, byName) ?? parseNumbers(text);
  };
}

function byBeginning(
  text: string,
  upper: string,
  byName: ReadonlyMap<string, IcmpType>,
): IcmpType | Refusal | undefined {
  const names = [...byName.keys()].filter((name) => name.startsWith(upper));
  if (names.length < 2) return byName.get(names[0] ?? "");
  return refuse(
    "xt/ambiguous-name",
    `"${text}" could be ${names.join(" or ").toLowerCase()}`,
    "write the name in full",
  );
}

function parseNumbers(text: string): IcmpType | Refusal {
  const type = octetRange(text, 0);
  if (type === undefined) return refuseType(text);
  if (type.low !== type.high)
    return refuse(
      "xt/bad-range",
      `"${text}" is a range of types, and only one type can be tested`,
      "write a rule for each type",
    );
  if (type.end === text.length) return { type: type.low, code: undefined };
  const code = text[type.end] === "/" ? octetRange(text, type.end + 1) : undefined;
  if (code === undefined || code.end !== text.length) return refuseType(text);
  if (code.low === code.high) return { type: type.low, code: code.low };
  if (code.low === 0 && code.high === 255) return { type: type.low, code: undefined };
  return refuse(
    "xt/bad-range",
    `"${text}" is a range of codes, of which iptables-save lists only ${type.low}/${code.low}`,
    "write a rule for each code",
  );
}

function refuseType(text: string): Refusal {
  return refuse(
    "xt/unknown-keyword",
    `"${text}" is neither a type (0 to 255, with an optional /code) nor the name of one`,
    "write type or type/code, such as 3/1",
  );
}

/** `n` or `n:m` at `from`, both at most 255, and where it ends. */
function octetRange(
  text: string,
  from: number,
): { readonly low: number; readonly high: number; readonly end: number } | undefined {
  const first = numberPrefix(text, from);
  if (first === undefined || first.value > 255n) return undefined;
  const low = Number(first.value);
  if (text[first.end] !== ":") return { low, high: low, end: first.end };
  const second = numberPrefix(text, first.end + 1);
  if (second === undefined || second.value > 255n) return undefined;
  return { low, high: Number(second.value), end: second.end };
}

/** `3` or `3/1`. */
export function printIcmpType({ type, code }: IcmpType): string {
  return code === undefined ? `${type}` : `${type}/${code}`;
}

const ANY_TYPE = 255;

/** The test of a packet's ICMP type and code. A header of fewer than 8 bytes is dropped on the spot. */
export function icmpTypeTest({ value: { type, code }, invert }: IcmpTest): MatchTest {
  return (skb) => {
    if (skb.fragmentOffset !== 0) return false;
    if (!skb.hasTransport(8)) return "hotdrop";
    const { bytes, transport } = skb;
    const any = type === ANY_TYPE && skb.family === "ipv4";
    const same = bytes[transport] === type && (code === undefined || bytes[transport + 1] === code);
    return (any || same) !== invert;
  };
}

/** The same for all packets. */
export function icmpTypeCondition({ value: { type, code }, invert }: IcmpTest, family: Family): Condition {
  const test =
    type === ANY_TYPE && family === "ipv4"
      ? everything
      : within("icmp", type * 256 + (code ?? 0), type * 256 + (code ?? 255));
  return withPorts(invertible(test, invert));
}
