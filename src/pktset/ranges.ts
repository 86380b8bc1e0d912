/**
 * Sets of whole numbers as sorted, disjoint ranges: low and high in turn, both included. `[22, 22, 80, 90]` is 22 and 80 to 90.
 * Numbers, or bigints where a field is wider than 53 bits.
 */
import type { FieldValue } from "./fields.ts";

export type Ranges = readonly FieldValue[];

const less = (a: FieldValue, b: FieldValue): boolean => a < b;
const after = (value: FieldValue): FieldValue => (typeof value === "number" ? value + 1 : value + 1n);
const before = (value: FieldValue): FieldValue => (typeof value === "number" ? value - 1 : value - 1n);

/** Sorts ranges of any order that may overlap, and joins what touches. */
export function normalised(ranges: readonly (readonly [FieldValue, FieldValue])[]): Ranges {
  const sorted = [...ranges].sort(([a], [b]) => (less(a, b) ? -1 : less(b, a) ? 1 : 0));
  const joined: FieldValue[] = [];
  for (const [low, high] of sorted) {
    const last = joined[joined.length - 1];
    if (last !== undefined && !less(after(last), low)) {
      if (less(last, high)) joined[joined.length - 1] = high;
    } else joined.push(low, high);
  }
  return joined;
}

/** Everything up to `max` that is not in `ranges`. */
export function complement(ranges: Ranges, max: FieldValue): Ranges {
  const rest: FieldValue[] = [];
  let next: FieldValue = typeof max === "number" ? 0 : 0n;
  for (let at = 0; at < ranges.length; at += 2) {
    const low = ranges[at] as FieldValue;
    if (less(next, low)) rest.push(next, before(low));
    next = after(ranges[at + 1] as FieldValue);
  }
  if (!less(max, next)) rest.push(next, max);
  return rest;
}

/** What two sets share. */
export function intersection(a: Ranges, b: Ranges): Ranges {
  const shared: FieldValue[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    const low = less(a[i] as FieldValue, b[j] as FieldValue) ? b[j] : a[i];
    const [highA, highB] = [a[i + 1] as FieldValue, b[j + 1] as FieldValue];
    const high = less(highA, highB) ? highA : highB;
    if (!less(high, low as FieldValue)) shared.push(low as FieldValue, high);
    if (less(highA, highB)) i += 2;
    else j += 2;
  }
  return shared;
}

/**
 * The values of `bits` bits whose bits under `mask` are `value`. Bits of `value` outside `mask` make it empty, as in the
 * kernel's `(x & mask) == value`. A mask with n holes above its lowest bit gives 2^n ranges.
 */
export function maskedRanges(value: number, mask: number, bits: number): readonly number[] {
  const all = 2 ** bits - 1;
  if ((((value & ~mask) >>> 0) & all) >>> 0 !== 0) return [];
  const free = ((~mask >>> 0) & all) >>> 0;
  // The free bits below the lowest bit of the mask run through; those above it are enumerated.
  const low = mask === 0 ? bits : 31 - Math.clz32(mask & -mask);
  const span = 2 ** low - 1;
  const holes: number[] = [];
  for (let bit = low; bit < bits; bit++) if (((free >>> bit) & 1) === 1) holes.push(2 ** bit);
  const ranges: number[] = [];
  for (let subset = 0; subset < 2 ** holes.length; subset++) {
    let from = value & mask;
    for (let at = 0; at < holes.length; at++) if (((subset >>> at) & 1) === 1) from += holes[at] as number;
    from = from >>> 0;
    const last = ranges.length - 1;
    if (last > 0 && ranges[last] === from - 1) ranges[last] = from + span;
    else ranges.push(from, from + span);
  }
  return ranges;
}
