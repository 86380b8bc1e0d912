/** Many tests of one field as one: a list of thousands of addresses is then one set, not a union of as many. */
import type { Condition } from "./condition.ts";
import type { FieldName, FieldValue } from "./fields.ts";
import { normalised } from "./ranges.ts";

/** A test of one field, as ranges in any order that may overlap. */
export interface FieldTest {
  readonly field: FieldName;
  readonly ranges: readonly (readonly [FieldValue, FieldValue])[];
}

/** Conditions of which one must hold, tests of ranges of one field put together. */
export function joinedRanges(parts: readonly Condition[]): readonly Condition[] {
  const rest: Condition[] = [];
  const ranges = new Map<FieldName, (readonly [FieldValue, FieldValue])[]>();
  for (const part of parts) {
    const own = fieldTest(part);
    if (own === undefined) {
      rest.push(part);
      continue;
    }
    const list = ranges.get(own.field);
    if (list === undefined) ranges.set(own.field, [...own.ranges]);
    else list.push(...own.ranges);
  }
  for (const [field, list] of ranges) rest.push({ kind: "ranges", field, ranges: normalised(list) });
  return rest;
}

/** The ranges that a test is of; of masks only those that leave the low bits open, as prefixes do. */
export function fieldTest(
  condition: Condition,
):
  | { readonly field: FieldName; readonly ranges: readonly (readonly [FieldValue, FieldValue])[] }
  | undefined {
  if (condition.kind === "ranges") {
    const { field, ranges } = condition;
    return {
      field,
      ranges: Array.from({ length: ranges.length / 2 }, (_, at) => [
        ranges[2 * at] as FieldValue,
        ranges[2 * at + 1] as FieldValue,
      ]),
    };
  }
  if (condition.kind !== "masked" || (condition.field !== "src" && condition.field !== "dst"))
    return undefined;
  const { field, value, mask } = condition;
  if (typeof value === "bigint" || typeof mask === "bigint") {
    const open = (1n << 128n) - 1n - BigInt(mask);
    const [low, high] = [BigInt(value), BigInt(value) | open];
    return (open & (open + 1n)) === 0n && (low & open) === 0n ? { field, ranges: [[low, high]] } : undefined;
  }
  const open = ~mask >>> 0;
  const isPrefix = (open & (open + 1)) === 0 && (value & open) === 0;
  return isPrefix ? { field, ranges: [[value, value + open]] } : undefined;
}
