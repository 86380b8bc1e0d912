/** A set taken apart into boxes: products of ranges, one a field. */
import { isTerminal, type Ref, terminalValue } from "./diagram.ts";
import type { FieldName, FieldValue } from "./fields.ts";
import type { PacketSpace } from "./packet-space.ts";
import { normalised, type Ranges } from "./ranges.ts";

/** What a box says of one field, or of some bits of a field that is tested under masks. */
export interface Side {
  readonly field: FieldName;
  /** Bits below those that are meant; the ranges are of the field's value shifted right by them. */
  readonly shift: number;
  readonly bits: number;
  readonly ranges: Ranges;
}

/** At most one side a field (or group of bits), in the space's order; absent ones have any value. */
export type Box = readonly Side[];

/** Fields whose levels are groups of bits, not parts of one long number. */
const BITWISE: ReadonlySet<FieldName> = new Set(["mark", "connmark"]);

interface Unit {
  readonly field: FieldName;
  readonly levels: readonly number[];
  readonly shift: number;
  readonly bits: number;
}

function unitsOf(space: PacketSpace): readonly Unit[] {
  return space.order.flatMap(({ field, widths }): readonly Unit[] => {
    const levels = space.levelsOf(field);
    const bits = widths.reduce((sum, width) => sum + width, 0);
    if (!BITWISE.has(field)) return [{ field, levels, shift: 0, bits }];
    let below = bits;
    return widths.map((width, at) => {
      below -= width;
      return { field, levels: [levels[at] as number], shift: below, bits: width };
    });
  });
}

/** Repeated values of one field that are looked for in a box; masks with holes may make any number. */
const MAX_REPEATS = 1 << 12;

/**
 * The boxes of everything that ends in a terminal of this value, disjoint. Values of one field that lead to the same set
 * are one box. Stops by itself after `limit` boxes. Of a field that is tested under masks with holes a box may have only
 * the first values.
 */
export function* boxesOf(
  space: PacketSpace,
  diagram: Ref,
  value = 1,
  limit = Number.POSITIVE_INFINITY,
): Generator<Box> {
  const { diagrams } = space;
  const units = unitsOf(space);
  /** Which nodes lead to the value at all. */
  const leads = new Map<Ref, boolean>();
  for (const ref of diagrams.reached(diagram)) {
    if (isTerminal(ref)) leads.set(ref, terminalValue(ref) === value);
    else {
      let some = false;
      for (let at = 0; at < diagrams.edgeCount(ref) && !some; at++)
        some = leads.get(diagrams.target(ref, at)) as boolean;
      leads.set(ref, some);
    }
  }
  let given = 0;
  function* walk(ref: Ref, from: number, box: Box): Generator<Box> {
    if (!leads.get(ref) || given >= limit) return;
    if (isTerminal(ref)) {
      given++;
      yield box;
      return;
    }
    let at = from;
    while (((units[at] as Unit).levels.at(-1) as number) < diagrams.levelOf(ref)) at++;
    const { field, levels, shift, bits } = units[at] as Unit;
    const targets =
      levels.length === 1 ? levelRanges(space, ref) : fieldRanges(space, field, levels, ref, MAX_REPEATS);
    for (const [target, ranges] of targets) {
      if (leads.get(target)) yield* walk(target, at + 1, [...box, { field, shift, bits, ranges }]);
    }
  }
  yield* walk(diagram, 0, []);
}

function levelRanges({ diagrams }: PacketSpace, ref: Ref): ReadonlyMap<Ref, Ranges> {
  const found = new Map<Ref, number[]>();
  let next = 0;
  for (let at = 0; at < diagrams.edgeCount(ref); at++) {
    const bound = diagrams.bound(ref, at);
    const target = diagrams.target(ref, at);
    const list = found.get(target);
    if (list === undefined) found.set(target, [next, bound]);
    else list.push(next, bound);
    next = bound + 1;
  }
  return found;
}

/**
 * Where the values of one field lead: each diagram below the field's levels with the values that lead to it.
 * @param repeats masks with holes let many values of a level lead to the same ranges of those below, and each is written
 *   out; beyond this many, what follows is left out.
 */
export function fieldRanges(
  space: PacketSpace,
  field: FieldName,
  levels: readonly number[],
  ref: Ref,
  repeats = Number.POSITIVE_INFINITY,
): ReadonlyMap<Ref, Ranges> {
  const { diagrams } = space;
  const found = new Map<Ref, [FieldValue, FieldValue][]>();
  let repeated = 0;
  const add = (target: Ref, low: FieldValue, high: FieldValue): void => {
    const list = found.get(target);
    if (list === undefined) found.set(target, [[low, high]]);
    else list.push([low, high]);
  };
  const lowest = levels.map(() => 0);
  const highest = levels.map((level) => diagrams.maxima[level] as number);
  const walk = (at: Ref, depth: number, head: readonly number[]): void => {
    if (repeated > repeats) return;
    const last = levels[levels.length - 1] as number;
    if (isTerminal(at) || diagrams.levelOf(at) > last) {
      const low = [...head, ...lowest.slice(depth)];
      const high = [...head, ...highest.slice(depth)];
      add(at, space.join(field, low), space.join(field, high));
      return;
    }
    const level = diagrams.levelOf(at);
    const position = levels.indexOf(level);
    if (position > depth) {
      // A level that does not matter here, although one below it does: every value of it on its own.
      const max = diagrams.maxima[levels[depth] as number] as number;
      for (let value = 0; value <= max && repeated++ <= repeats; value++)
        walk(at, depth + 1, [...head, value]);
      return;
    }
    let next = 0;
    for (let edge = 0; edge < diagrams.edgeCount(at); edge++) {
      const bound = diagrams.bound(at, edge);
      const target = diagrams.target(at, edge);
      if (isTerminal(target) || diagrams.levelOf(target) > last) {
        const low = [...head, next, ...lowest.slice(depth + 1)];
        const high = [...head, bound, ...highest.slice(depth + 1)];
        add(target, space.join(field, low), space.join(field, high));
      } else {
        repeated += bound - next;
        for (let value = next; value <= bound && repeated <= repeats; value++)
          walk(target, depth + 1, [...head, value]);
      }
      next = bound + 1;
    }
  };
  walk(ref, 0, []);
  return new Map([...found].map(([target, list]) => [target, normalised(list)]));
}
