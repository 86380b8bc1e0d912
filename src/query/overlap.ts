/** Whether two conditions can hold for one packet, judged field by field: quick, and never "no" by mistake. */
import type { Condition, FieldName, FieldValue } from "../pktset/index.ts";

/** Of each field that a conjunction bounds, the lowest and highest value that it allows. */
export type Hull = ReadonlyMap<FieldName, readonly [FieldValue, FieldValue]>;

/** undefined: it holds for no packet. */
export function hullOf(condition: Condition): Hull | undefined {
  const hull = new Map<FieldName, readonly [FieldValue, FieldValue]>();
  const parts = condition.kind === "and" ? condition.parts : [condition];
  for (const part of parts) {
    const bound = boundsOf(part);
    if (bound === "none") return undefined;
    if (bound === undefined) continue;
    const { field, low, high } = bound;
    const known = hull.get(field);
    const next =
      known === undefined ? ([low, high] as const) : ([max(known[0], low), min(known[1], high)] as const);
    if (next[0] > next[1]) return undefined;
    hull.set(field, next);
  }
  return hull;
}

const max = (a: FieldValue, b: FieldValue): FieldValue => (a > b ? a : b);
const min = (a: FieldValue, b: FieldValue): FieldValue => (a < b ? a : b);

function boundsOf(
  part: Condition,
): { readonly field: FieldName; readonly low: FieldValue; readonly high: FieldValue } | "none" | undefined {
  switch (part.kind) {
    case "none":
      return "none";
    case "ranges":
      return {
        field: part.field,
        low: part.ranges[0] as FieldValue,
        high: part.ranges[part.ranges.length - 1] as FieldValue,
      };
    case "masked": {
      // The free bits all zero and all one: exact for a prefix, a hull for other masks.
      const { field, value, mask } = part;
      if (field !== "src" && field !== "dst") return undefined;
      if (typeof value === "bigint") {
        const ones = (1n << 128n) - 1n;
        return { field, low: value, high: value | (ones & ~(mask as bigint)) };
      }
      return { field, low: value, high: (value | ~(mask as number)) >>> 0 };
    }
    default:
      return undefined;
  }
}

export function mayOverlap(a: Hull, b: Hull): boolean {
  for (const [field, [low, high]] of a) {
    const other = b.get(field);
    if (other !== undefined && (other[0] > high || other[1] < low)) return false;
  }
  return true;
}
