/**
 * Numbers as iptables reads them: strtoumax(3) with base 0, so `0x1f` is hexadecimal and `010` octal.
 * Source: libxtables/xtables.c, xtables_strtoul().
 */
import type { Occurrence, ValueParser } from "./contract.ts";
import { type Refusal, refuse } from "./refusal.ts";

const NUMBER = /^[ \t\n\v\f\r]*\+?(?:0[xX]([0-9a-fA-F]+)|(0[0-7]*)|([1-9][0-9]*))/;

/** A number at the start of a text, and where it ends; the value is a bigint past 2^53. */
export interface NumberPrefix {
  readonly value: bigint;
  readonly end: number;
}

/** Reads the number that `text` starts with (after `from`); undefined if it starts with none. */
export function numberPrefix(text: string, from = 0): NumberPrefix | undefined {
  const rest = from === 0 ? text : text.slice(from);
  const found = NUMBER.exec(rest);
  if (found === null) return undefined;
  const [whole, hexadecimal, octal, decimal] = found;
  const value =
    hexadecimal !== undefined
      ? BigInt(`0x${hexadecimal}`)
      : octal !== undefined
        ? BigInt(octal === "0" ? 0 : `0o${octal.slice(1)}`)
        : BigInt(decimal as string);
  return { value, end: from + whole.length };
}

/** A whole text that is one number between `min` and `max`; undefined if it is anything else. */
export function wholeNumber(text: string, min: number, max: number): number | undefined {
  // The common case by far, without a bigint: a short decimal number.
  const length = text.length;
  if (length > 0 && length < 10) {
    let value = 0;
    for (let at = 0; at < length; at++) {
      const digit = text.charCodeAt(at) - 48;
      if (digit < 0 || digit > 9 || (at === 0 && digit === 0 && length > 1)) {
        value = -1;
        break;
      }
      value = value * 10 + digit;
    }
    if (value >= 0) return value >= min && value <= max ? value : undefined;
  }
  const found = numberPrefix(text);
  if (found === undefined || found.end !== length) return undefined;
  return found.value >= BigInt(min) && found.value <= BigInt(max) ? Number(found.value) : undefined;
}

/** An operand that is a number between `min` and `max` inclusive, at most 2^53. */
export function uint(min: number, max: number): ValueParser<number> {
  return (text) =>
    wholeNumber(text, min, max) ??
    refuse(
      "xt/bad-number",
      `"${text}" is not a number from ${min} to ${max}`,
      "write a decimal, 0x hexadecimal or 0 octal number",
    );
}

export const uint8 = uint(0, 0xff);
export const uint16 = uint(0, 0xffff);
export const uint32 = uint(0, 0xffffffff);

export const UINT64_MAX = (1n << 64n) - 1n;

/** An operand of 64 bits. */
export function uint64(text: string): bigint | Refusal {
  const found = numberPrefix(text);
  if (found !== undefined && found.end === text.length && found.value <= UINT64_MAX) return found.value;
  return refuse(
    "xt/bad-number",
    `"${text}" is not a number of 64 bits`,
    "write a decimal, 0x hexadecimal or 0 octal number",
  );
}

/** `low[:high]` with both ends inclusive; an end left out is 0 or `max`; one number alone is both ends. */
export interface NumberRange {
  readonly low: number;
  readonly high: number;
}

/**
 * A `low[:high]` operand; `:high`, `low:` and `:` are legal, and so is a reversed range unless the extension refuses
 * it. Source: libxtables/xtoptions.c, xtopt_parse_mint().
 */
export function uintRange(max: number): ValueParser<NumberRange> {
  return (text) => {
    // iptables takes an empty text for 0.
    if (text === "") return refuse("xt/bad-range", "the range is empty", "write low:high");
    const parts = text.split(":");
    if (parts.length > 2)
      return refuse(
        "xt/bad-range",
        `"${text}" has ${parts.length} parts, a range has at most two`,
        "write low:high",
      );
    const [low, high] = parts.map((part, index) =>
      part === "" ? (index === 1 ? max : 0) : wholeNumber(part, 0, max),
    );
    if (low === undefined || (parts.length === 2 && high === undefined)) {
      return refuse("xt/bad-range", `"${text}" is not a range of numbers from 0 to ${max}`, "write low:high");
    }
    return { low, high: parts.length === 2 ? (high as number) : low };
  };
}

/** `5`, or `5:9` where the ends differ. */
export function printUintRange({ low, high }: NumberRange): string {
  return low === high ? `${low}` : `${low}:${high}`;
}

/** Whether a number passes a test of an option, its inversion counted. */
export const inRange = ({ value, invert }: Occurrence<NumberRange>, number: number): boolean =>
  (number >= value.low && number <= value.high) !== invert;
