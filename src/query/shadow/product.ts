/** Conditions taken apart: for each field the values that it may have, and whether that is all that is tested. */
import {
  type Condition,
  complement,
  type FieldName,
  type FieldValue,
  fieldBits,
  intersection,
  maskedRanges,
  type PacketSpace,
  type Ranges,
} from "../../pktset/index.ts";

export interface Side {
  readonly field: FieldName;
  readonly ranges: Ranges;
}

export interface Product {
  /** At most one a field. */
  readonly sides: readonly Side[];
  /** The condition is exactly that; otherwise it lies within. */
  readonly whole: boolean;
}

/** Ranges beyond which a mask with holes is left to the condition itself. */
const MAX_HOLES = 5;

/** undefined: it holds for no packet. */
export function productOf(condition: Condition, space: PacketSpace): Product | undefined {
  const sides: Side[] = [];
  let whole = true;
  const parts = condition.kind === "and" ? condition.parts : [condition];
  for (const part of parts) {
    if (part.kind === "all") continue;
    if (part.kind === "none") return undefined;
    const side = sideOf(part, space);
    if (side === undefined) {
      whole = false;
      continue;
    }
    const { field } = side;
    const at = sides.findIndex((each) => each.field === field);
    const ranges = at < 0 ? side.ranges : intersection((sides[at] as Side).ranges, side.ranges);
    if (ranges.length === 0) return undefined;
    sides[at < 0 ? sides.length : at] = { field, ranges };
  }
  return { sides, whole };
}

/** undefined: the test is not of one field, or of too many ranges. */
function sideOf(part: Condition, space: PacketSpace): Side | undefined {
  switch (part.kind) {
    case "ranges":
      return part;
    case "interface":
      return { field: part.field, ranges: space.interfaces.matching(part.name) };
    case "masked": {
      const ranges = rangesUnder(part.value, part.mask, fieldBits(part.field, space.family));
      return ranges && { field: part.field, ranges };
    }
    case "not": {
      const inner = sideOf(part.part, space);
      return inner && { field: inner.field, ranges: complement(inner.ranges, space.maxOf(inner.field)) };
    }
    default:
      return undefined;
  }
}

function rangesUnder(value: FieldValue, mask: FieldValue, bits: number): Ranges | undefined {
  if (typeof mask === "bigint") {
    const rest = ~mask & ((1n << BigInt(bits)) - 1n);
    if ((BigInt(value) & rest) !== 0n) return [];
    return (rest & (rest + 1n)) === 0n ? [value, BigInt(value) | rest] : undefined;
  }
  if (bits > 32) return undefined;
  const all = 2 ** bits - 1;
  const rest = (~mask & all) >>> 0;
  const number = Number(value);
  if ((number & rest) !== 0) return [];
  if ((rest & (rest + 1)) === 0) return [number, (number | rest) >>> 0];
  let holes = 0;
  const lowest = 31 - Math.clz32(mask & -mask);
  for (let bit = lowest; bit < bits; bit++) holes += (rest >>> bit) & 1;
  return holes > MAX_HOLES ? undefined : maskedRanges(number, mask, bits);
}
