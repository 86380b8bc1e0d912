/**
 * `value[/mask]` operands on the TOS byte (IPv4) or traffic class (IPv6), or one of the names of RFC 1349. A number
 * alone is compared in all eight bits, a name only in the lower six, the mask that the DSCP leaves of RFC 1349.
 * Source: libxtables/xtoptions.c, xtopt_parse_tosmask().
 */
import type { ValueParser } from "./contract.ts";
import { numberPrefix, wholeNumber } from "./numbers.ts";
import { refuse } from "./refusal.ts";

/** Eight bits under a mask; bits of `value` outside `mask` are legal. */
export interface TosValue {
  readonly value: number;
  readonly mask: number;
}

const NAMES: ReadonlyMap<string, number> = new Map([
  ["minimize-delay", 0x10],
  ["maximize-throughput", 0x08],
  ["maximize-reliability", 0x04],
  ["minimize-cost", 0x02],
  ["normal-service", 0x00],
]);

export const parseTos: ValueParser<TosValue> = (text) => {
  const named = NAMES.get(text.toLowerCase());
  if (named !== undefined) return { value: named, mask: 0x3f };
  const value = numberPrefix(text);
  if (value !== undefined && value.value <= 0xffn) {
    if (value.end === text.length) return { value: Number(value.value), mask: 0xff };
    const mask = text[value.end] === "/" ? wholeNumber(text.slice(value.end + 1), 0, 0xff) : undefined;
    if (mask !== undefined) return { value: Number(value.value), mask };
  }
  return refuse(
    "xt/bad-tos",
    `"${text}" is not a TOS value`,
    "write value or value/mask from 0 to 255, Minimize-Delay, Maximize-Throughput, Maximize-Reliability, Minimize-Cost or Normal-Service",
  );
};

const hex = (byte: number): string => `0x${byte.toString(16).padStart(2, "0")}`;

/** `0x10/0xff`; the mask is always written. */
export function printTos({ value, mask }: TosValue): string {
  return `${hex(value)}/${hex(mask)}`;
}
