/**
 * Diagrams seen through a change: `rewritten(d, change)` leads a packet where `d` leads the changed packet. This is how a
 * translation or a mark set early on is seen by every rule behind it.
 */
import { InvariantError } from "../base/index.ts";
import { type FieldName, fieldMax, type PacketSpace, type Ranges, type Ref } from "../pktset/index.ts";
import type { Change } from "./outcomes.ts";

/** Joins what may become of a packet where a change has more than one outcome. */
export type Union = (a: Ref, b: Ref) => Ref;

export function rewritten(space: PacketSpace, diagram: Ref, change: Change, union: Union): Ref {
  switch (change.kind) {
    case "bits":
      return withBits(space, diagram, change.field, BigInt(change.clear), BigInt(change.flip));
    case "copy": {
      // Which value the other field had is in no level of the diagram once its own rules are done: any is possible.
      return withSome(space, diagram, change.field, undefined, union);
    }
    case "some":
      return withSome(space, diagram, change.field, change.ranges, union);
    case "translate": {
      const { manip, addresses, ports } = change.translation;
      const [address, port] = manip === "src" ? (["src", "sport"] as const) : (["dst", "dport"] as const);
      let result = diagram;
      if (ports !== undefined) result = withSome(space, result, port, [ports.low, ports.high], union);
      switch (addresses?.kind) {
        case "range":
          return withSome(space, result, address, [addresses.low, addresses.high], union);
        case "prefix":
          return withBits(space, result, address, BigInt(addresses.mask), BigInt(addresses.value));
        case "interface":
          return withSome(space, result, address, undefined, union);
        default:
          return result;
      }
    }
  }
}

/** field = (field & ~clear) ^ flip. */
function withBits(space: PacketSpace, diagram: Ref, field: FieldName, clear: bigint, flip: bigint): Ref {
  if (!space.has(field)) return diagram;
  const { diagrams } = space;
  const levels = space.levelsOf(field);
  const big = typeof fieldMax(field, space.family) === "bigint";
  const clears = space.split(field, big ? clear : Number(clear));
  const flips = space.split(field, big ? flip : Number(flip));
  return diagrams.rebuild(diagram, new Set(levels), (level, bounds, targets) => {
    const at = levels.indexOf(level);
    const [cleared, flipped] = [clears[at] as number, flips[at] as number];
    const max = diagrams.maxima[level] as number;
    if (cleared === 0 && flipped === 0) return diagrams.node(level, bounds, targets);
    const target = (value: number): Ref => targets[bounds.findIndex((bound) => value <= bound)] as Ref;
    // `>>> 0`: of 32 bits, `&` makes a negative number.
    if ((cleared & max) >>> 0 === max) return target(flipped);
    if (cleared === 0 && flipped === max) {
      const reversed = bounds
        .slice(0, -1)
        .map((bound) => max - bound - 1)
        .reverse();
      return diagrams.node(level, [...reversed, max], targets.toReversed());
    }
    // A space cuts levels where masks do, so that only pieces of addresses, of at most 16 bits, come here.
    if (max > 0xffff)
      throw new InvariantError(`${field} is changed in bits of one level of ${max + 1} values`);
    const newBounds: number[] = [];
    const newTargets: Ref[] = [];
    for (let value = 0; value <= max; value++) {
      newBounds.push(value);
      newTargets.push(target((((value & ~cleared) ^ flipped) & max) >>> 0));
    }
    return diagrams.node(level, newBounds, newTargets);
  });
}

/**
 * The field takes some value of the ranges; without ranges, any. Of a field on several levels, the ranges are taken level by
 * level, which may only add possibilities.
 */
function withSome(
  space: PacketSpace,
  diagram: Ref,
  field: FieldName,
  ranges: Ranges | undefined,
  union: Union,
): Ref {
  if (!space.has(field)) return diagram;
  const { diagrams } = space;
  const levels = space.levelsOf(field);
  const allowed = levels.map((level): readonly (readonly [number, number])[] => {
    const whole = [[0, diagrams.maxima[level] as number]] as const;
    if (ranges === undefined) return whole;
    const at = levels.indexOf(level);
    const list: [number, number][] = [];
    for (let range = 0; range < ranges.length; range += 2) {
      const low = space.split(field, ranges[range] as number);
      const high = space.split(field, ranges[range + 1] as number);
      const same = low.slice(0, at).every((each, index) => each === high[index]);
      if (!same) return whole;
      list.push([low[at] as number, high[at] as number]);
    }
    return list;
  });
  return diagrams.rebuild(diagram, new Set(levels), (level, bounds, targets) => {
    let result: Ref | undefined;
    let low = 0;
    bounds.forEach((high, edge) => {
      const met = allowed[levels.indexOf(level)]?.some(([from, to]) => from <= high && to >= low);
      if (met) result = result === undefined ? (targets[edge] as Ref) : union(result, targets[edge] as Ref);
      low = high + 1;
    });
    return result as Ref;
  });
}
