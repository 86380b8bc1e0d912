/** Addresses as a person lists them: `192.0.2.1`, `192.0.2.0/24`, `192.0.2.1-192.0.2.9`, and `!` before any of those. */
import { addressBits, type Family, parseAddress, prefixMask, withMask } from "../../../net/index.ts";
import {
  complement,
  type FieldValue,
  fieldMax,
  intersection,
  normalised,
  type Ranges,
} from "../../../pktset/index.ts";
import type { Failure } from "../../failure.ts";

/**
 * The addresses that entries say together; those with `!` are taken away from the others, or from all addresses if there
 * are no others. Entries of the other family are left aside.
 * @param wrong makes the refusal of the entry at an index.
 */
export function addressRanges(
  entries: readonly string[],
  family: Family,
  wrong: (at: number, said: string) => Failure,
): Ranges {
  const inside: [FieldValue, FieldValue][] = [];
  const outside: [FieldValue, FieldValue][] = [];
  entries.forEach((entry, at) => {
    const negative = entry.startsWith("!");
    const text = entry.slice(negative ? 1 : 0).trim();
    const range = rangeOf(text, family);
    if (range === undefined) {
      if (rangeOf(text, family === "ipv4" ? "ipv6" : "ipv4") !== undefined) return;
      throw wrong(
        at,
        `"${entry}" is no address, prefix such as 192.0.2.0/24 or range such as 192.0.2.1-192.0.2.9`,
      );
    }
    (negative ? outside : inside).push(range);
  });
  const max = fieldMax("src", family);
  const all: Ranges = [family === "ipv4" ? 0 : 0n, max];
  const kept = inside.length === 0 && outside.length > 0 ? all : normalised(inside);
  return intersection(kept, complement(normalised(outside), max));
}

/** Bits behind a prefix's length are not looked at: an interface's own address with its length is meant as its network. */
function rangeOf(text: string, family: Family): [FieldValue, FieldValue] | undefined {
  const [first, last, ...more] = text.split("-");
  if (more.length > 0) return undefined;
  if (last !== undefined) {
    const low = parseAddress(first as string, family);
    const high = parseAddress(last, family);
    return low === undefined || high === undefined || low > high ? undefined : [low, high];
  }
  const parts = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text);
  const address = parts === null ? undefined : parseAddress(parts[1] as string, family);
  const bits = parts?.[2] === undefined ? addressBits(family) : Number(parts[2]);
  if (address === undefined || bits > addressBits(family)) return undefined;
  const low = withMask(address, prefixMask(family, bits));
  if (typeof low === "bigint") return [low, low + (1n << BigInt(128 - bits)) - 1n];
  return [low, low + 2 ** (32 - bits) - 1];
}
