/**
 * One universe of packets: which fields it has, on which levels of its diagrams, and how conditions become sets in it.
 *
 * A field wider than a level is several levels below each other, its highest bits first. Which fields a space has, in
 * which order and in what pieces decides its speed, never an answer.
 */
import type { Family } from "../net/index.ts";
import { type Condition, unknowns } from "./condition.ts";
import { ALL, Diagrams, NONE, type Ref } from "./diagram.ts";
import { type FieldName, type FieldValue, fieldBits, fieldMax } from "./fields.ts";
import type { InterfaceNames } from "./interface-names.ts";
import { joinedRanges } from "./joined-ranges.ts";
import { intersection, maskedRanges, type Ranges } from "./ranges.ts";

/** A field and the widths of its levels, in bits, highest first. */
export interface FieldLevels {
  readonly field: FieldName;
  readonly widths: readonly number[];
}

/** under ⊆ truth ⊆ over; equal where the set is exact. */
export interface Bounds {
  readonly under: Ref;
  readonly over: Ref;
}

interface Place {
  readonly first: number;
  /** Number of bits below each of the field's levels. */
  readonly shifts: readonly number[];
  readonly widths: readonly number[];
}

export class PacketSpace {
  readonly family: Family;
  readonly order: readonly FieldLevels[];
  readonly interfaces: InterfaceNames;
  readonly diagrams: Diagrams;
  /** Diagrams that whoever collects must keep. */
  readonly held = new Set<Ref>();
  readonly #places = new Map<FieldName, Place>();

  constructor(family: Family, order: readonly FieldLevels[], interfaces: InterfaceNames) {
    this.family = family;
    this.order = order;
    this.interfaces = interfaces;
    const maxima: number[] = [];
    for (const { field, widths } of order) {
      const shifts: number[] = [];
      let below = fieldBits(field, family);
      for (const width of widths) {
        below -= width;
        shifts.push(below);
      }
      this.#places.set(field, { first: maxima.length, shifts, widths });
      const max = this.maxOf(field);
      if (widths.length === 1) maxima.push(Number(max));
      else for (const width of widths) maxima.push(2 ** width - 1);
    }
    this.diagrams = new Diagrams(maxima);
  }

  has(field: FieldName): boolean {
    return this.#places.has(field);
  }

  maxOf(field: FieldName): FieldValue {
    return field === "in" || field === "out" ? this.interfaces.max : fieldMax(field, this.family);
  }

  /** The levels of a field, highest bits first. */
  levelsOf(field: FieldName): readonly number[] {
    const { first, widths } = this.#place(field);
    return widths.map((_, at) => first + at);
  }

  #place(field: FieldName): Place {
    const place = this.#places.get(field);
    if (place === undefined) throw new RangeError(`the packet space has no field ${field}`);
    return place;
  }

  /** A field's value taken apart, level by level. */
  split(field: FieldName, value: FieldValue): readonly number[] {
    const { shifts, widths } = this.#place(field);
    return shifts.map((shift, at) => piece(value, shift, widths[at] as number));
  }

  /** A field's value put together from one value for each of its levels. */
  join(field: FieldName, pieces: readonly number[]): FieldValue {
    const { shifts } = this.#place(field);
    if (typeof this.maxOf(field) === "bigint")
      return pieces.reduce((sum, each, at) => sum | (BigInt(each) << BigInt(shifts[at] as number)), 0n);
    return pieces.reduce((sum, each, at) => sum + each * 2 ** (shifts[at] as number), 0);
  }

  // ---- conditions

  /** Packets whose field is in the ranges go to `inside`, all others to `outside`; both lie below the field's levels. */
  rangesTo(field: FieldName, ranges: Ranges, inside: Ref, outside: Ref): Ref {
    const { first, shifts, widths } = this.#place(field);
    const shared = intersection(ranges, [zero(this.maxOf(field)), this.maxOf(field)]);
    if (widths.length === 1) return this.diagrams.split(first, shared as number[], inside, outside);
    return this.#lexicographic(shared, first, shifts, 0, inside, outside);
  }

  /** Ranges over several levels: by the value of the first, what remains for those below. */
  #lexicographic(
    ranges: Ranges,
    first: number,
    shifts: readonly number[],
    at: number,
    inside: Ref,
    outside: Ref,
  ): Ref {
    if (ranges.length === 0) return outside;
    const level = first + at;
    const max = this.diagrams.maxima[level] as number;
    const shift = shifts[at] as number;
    if (shift === 0) return this.diagrams.split(level, ranges.map(Number), inside, outside);
    const full = ones(shift, ranges[0] as FieldValue);
    const bounds: number[] = [];
    const targets: Ref[] = [];
    const edge = (high: number, target: Ref): void => {
      bounds.push(high);
      targets.push(target);
    };
    let next = 0;
    /** What the value `next` still holds of the levels below; it may be begun by one range and ended by another. */
    let partial: FieldValue[] = [];
    const flush = (): void => {
      if (partial.length === 0) return;
      edge(next, this.#lexicographic(partial, first, shifts, at + 1, inside, outside));
      partial = [];
      next++;
    };
    for (let range = 0; range < ranges.length; range += 2) {
      const low = ranges[range] as FieldValue;
      const high = ranges[range + 1] as FieldValue;
      const [lowHead, lowTail] = cut(low, shift);
      const [highHead, highTail] = cut(high, shift);
      if (lowHead > next) {
        flush();
        if (lowHead > next) edge(lowHead - 1, outside);
        next = lowHead;
      }
      const whole = isZero(lowTail);
      if (lowHead === highHead) {
        if (whole && highTail === full) {
          edge(next, inside);
          next++;
        } else partial.push(lowTail, highTail);
        continue;
      }
      let from = lowHead;
      if (!whole) {
        partial.push(lowTail, full);
        flush();
        from++;
      }
      const last = highTail === full ? highHead : highHead - 1;
      if (last >= from) {
        edge(last, inside);
        next = last + 1;
      }
      if (highTail !== full) partial.push(zero(high), highTail);
    }
    flush();
    if (next <= max) edge(max, outside);
    return this.diagrams.node(level, bounds, targets);
  }

  /** As `rangesTo`, for packets whose field under `mask` is `value`. */
  maskedTo(field: FieldName, value: FieldValue, mask: FieldValue, inside: Ref, outside: Ref): Ref {
    const { first, shifts, widths } = this.#place(field);
    let below = inside;
    for (let at = widths.length - 1; at >= 0; at--) {
      const width = widths[at] as number;
      const shift = shifts[at] as number;
      const bits = piece(mask, shift, width);
      const wanted = piece(value, shift, width);
      if (bits === 0 && wanted === 0) continue;
      below = this.diagrams.split(first + at, maskedRanges(wanted, bits, width), below, outside);
    }
    return below;
  }

  /** One field's test, as `rangesTo`; undefined if the condition is not of one field. */
  testTo(condition: Condition, inside: Ref, outside: Ref): Ref | undefined {
    switch (condition.kind) {
      case "ranges":
        return this.rangesTo(condition.field, condition.ranges, inside, outside);
      case "masked":
        return this.maskedTo(condition.field, condition.value, condition.mask, inside, outside);
      case "interface":
        return this.rangesTo(condition.field, this.interfaces.matching(condition.name), inside, outside);
      case "not": {
        const { part } = condition;
        return part.kind === "and" || part.kind === "or" || part.kind === "unknown"
          ? undefined
          : this.testTo(part, outside, inside);
      }
      default:
        return undefined;
    }
  }

  /**
   * A conjunction of tests of different fields, straight from the lowest level up: packets in it go to `inside`, others to
   * `outside`, both terminals. undefined if the condition is not of that shape.
   */
  boxTo(condition: Condition, inside: Ref, outside: Ref): Ref | undefined {
    if (condition.kind === "all") return inside;
    if (condition.kind === "none") return outside;
    if (condition.kind !== "and") return this.testTo(condition, inside, outside);
    const parts: { level: number; part: Condition }[] = [];
    for (const part of condition.parts) {
      const field = fieldOf(part);
      if (field === undefined) return undefined;
      const level = this.#place(field).first;
      if (parts.some((each) => each.level === level)) return undefined;
      parts.push({ level, part });
    }
    parts.sort((a, b) => b.level - a.level);
    let ref = inside;
    for (const { part } of parts) ref = this.testTo(part, ref, outside) as Ref;
    return ref;
  }

  /** The set of packets that a condition surely holds for (`under`) or may hold for (`over`). */
  set(condition: Condition, side: "under" | "over"): Ref {
    const box = this.boxTo(condition, ALL, NONE);
    if (box !== undefined) return box;
    const { diagrams } = this;
    switch (condition.kind) {
      case "and":
        return condition.parts.reduce((sum, part) => diagrams.and(sum, this.set(part, side)), ALL);
      case "or":
        return this.#union(joinedRanges(condition.parts).map((part) => this.set(part, side)));
      case "not":
        return diagrams.not(this.set(condition.part, side === "under" ? "over" : "under"));
      case "unknown":
        return side === "under" ? NONE : ALL;
      default:
        throw new RangeError(`a condition of kind ${condition.kind} is not a box`);
    }
  }

  /** Balanced, so that many small sets cost n log n. */
  #union(sets: readonly Ref[]): Ref {
    let level = sets;
    while (level.length > 1) {
      const next: Ref[] = [];
      for (let at = 0; at < level.length; at += 2)
        next.push(
          at + 1 < level.length
            ? this.diagrams.or(level[at] as Ref, level[at + 1] as Ref)
            : (level[at] as Ref),
        );
      level = next;
    }
    return level[0] ?? NONE;
  }

  bounds(condition: Condition): Bounds {
    const over = this.set(condition, "over");
    return { over, under: unknowns(condition).length === 0 ? over : this.set(condition, "under") };
  }
}

/** The one field that a test is of. */
function fieldOf(condition: Condition): FieldName | undefined {
  switch (condition.kind) {
    case "ranges":
    case "masked":
    case "interface":
      return condition.field;
    case "not":
      return condition.part.kind === "not" ? undefined : fieldOf(condition.part);
    default:
      return undefined;
  }
}

const zero = (like: FieldValue): FieldValue => (typeof like === "number" ? 0 : 0n);
const isZero = (value: FieldValue): boolean => value === 0 || value === 0n;

/** All ones of so many bits, as a number or a bigint as `like` is. */
function ones(bits: number, like: FieldValue): FieldValue {
  return typeof like === "number" ? 2 ** bits - 1 : (1n << BigInt(bits)) - 1n;
}

/** The bits from `shift` on, and those below it. */
function cut(value: FieldValue, shift: number): readonly [number, FieldValue] {
  if (typeof value === "number") {
    const unit = 2 ** shift;
    const head = Math.floor(value / unit);
    return [head, value - head * unit];
  }
  const bits = BigInt(shift);
  return [Number(value >> bits), value & ((1n << bits) - 1n)];
}

function piece(value: FieldValue, shift: number, width: number): number {
  if (typeof value === "number") return Math.floor(value / 2 ** shift) % 2 ** width;
  return Number((value >> BigInt(shift)) & ((1n << BigInt(width)) - 1n));
}
