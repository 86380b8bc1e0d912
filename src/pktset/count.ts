/** How many packets a set holds, exactly. */
import type { Ref } from "./diagram.ts";
import type { FieldName } from "./fields.ts";
import type { PacketSpace } from "./packet-space.ts";

/**
 * The number of different values of these fields together in a set. The set must not depend on any other field of the
 * space; `every` or `some` take those away.
 */
export function countPackets(space: PacketSpace, set: Ref, fields: readonly FieldName[]): bigint {
  const { diagrams } = space;
  const { tuplesFrom, levels: counted } = countedLevels(space, fields);
  const levels = diagrams.maxima.length;
  /** What a node holds of the tuples from its level on: a double while those are few enough to be exact. */
  const sizes = new Map<Ref, number | bigint>();
  for (const ref of diagrams.reached(set)) {
    if (ref < 0) {
      sizes.set(ref, ~ref === 1 ? 1 : 0);
      continue;
    }
    const level = diagrams.levelOf(ref);
    if (!counted.has(level)) throw new RangeError(`the set depends on level ${level}, which is not counted`);
    const exact = (tuplesFrom[level] as bigint) <= BigInt(Number.MAX_SAFE_INTEGER);
    let next = 0;
    let small = 0;
    let large = 0n;
    const edges = diagrams.edgeCount(ref);
    for (let at = 0; at < edges; at++) {
      const bound = diagrams.bound(ref, at);
      const target = diagrams.target(ref, at);
      const size = sizes.get(target) as number | bigint;
      const width = bound - next + 1;
      next = bound + 1;
      if (size === 0) continue;
      const below = target < 0 ? levels : diagrams.levelOf(target);
      const skipped = (tuplesFrom[level + 1] as bigint) / (tuplesFrom[below] as bigint);
      if (exact) small += width * (size as number) * Number(skipped);
      else large += BigInt(width) * BigInt(size) * skipped;
    }
    sizes.set(ref, exact ? small : large);
  }
  const top = set < 0 ? levels : diagrams.levelOf(set);
  return (
    BigInt(sizes.get(set) as number | bigint) * ((tuplesFrom[0] as bigint) / (tuplesFrom[top] as bigint))
  );
}

interface Counted {
  /** Number of tuples of the counted fields from each level on. */
  readonly tuplesFrom: readonly bigint[];
  readonly levels: ReadonlySet<number>;
}

function countedLevels(space: PacketSpace, fields: readonly FieldName[]): Counted {
  const { maxima } = space.diagrams;
  const levels = new Set(fields.flatMap((field) => space.levelsOf(field)));
  const tuplesFrom: bigint[] = new Array(maxima.length + 1).fill(1n);
  for (let level = maxima.length - 1; level >= 0; level--)
    tuplesFrom[level] =
      (tuplesFrom[level + 1] as bigint) * (levels.has(level) ? BigInt(maxima[level] as number) + 1n : 1n);
  return { tuplesFrom, levels };
}

/** As `countPackets`, for each terminal of a diagram. */
export function countByTerminal(
  space: PacketSpace,
  diagram: Ref,
  fields: readonly FieldName[],
): ReadonlyMap<number, bigint> {
  const { diagrams } = space;
  const { tuplesFrom, levels: counted } = countedLevels(space, fields);
  const levels = diagrams.maxima.length;
  const levelAt = (ref: Ref): number => (ref < 0 ? levels : diagrams.levelOf(ref));
  /** How often each node is come to, in tuples of the levels above it. Parents come before children. */
  const ways = new Map<Ref, bigint>([
    [diagram, (tuplesFrom[0] as bigint) / (tuplesFrom[levelAt(diagram)] as bigint)],
  ]);
  const found = new Map<number, bigint>();
  const order = diagrams.reached(diagram).toReversed();
  const terminals = order.reduce((most, ref) => (ref < 0 ? Math.max(most, ~ref + 1) : most), 0);
  const nodes = order.reduce((most, ref) => Math.max(most, ref + 1), 0);
  /** Values of the node at hand that lead to each terminal and node. */
  const widths = new Float64Array(terminals + nodes);
  const met: Ref[] = [];
  for (const ref of order) {
    const count = ways.get(ref) as bigint;
    if (ref < 0) {
      found.set(~ref, count);
      continue;
    }
    const level = diagrams.levelOf(ref);
    if (!counted.has(level)) throw new RangeError(`the set depends on level ${level}, which is not counted`);
    // Values that lead to one target are added up as doubles: a level has at most 2^32.
    let next = 0;
    const edges = diagrams.edgeCount(ref);
    for (let at = 0; at < edges; at++) {
      const bound = diagrams.bound(ref, at);
      const target = diagrams.target(ref, at);
      const slot = target < 0 ? ~target : terminals + target;
      if (widths[slot] === 0) met.push(target);
      widths[slot] = (widths[slot] as number) + (bound - next + 1);
      next = bound + 1;
    }
    for (const target of met) {
      const slot = target < 0 ? ~target : terminals + target;
      const skipped = (tuplesFrom[level + 1] as bigint) / (tuplesFrom[levelAt(target)] as bigint);
      ways.set(target, (ways.get(target) ?? 0n) + count * BigInt(widths[slot] as number) * skipped);
      widths[slot] = 0;
    }
    met.length = 0;
  }
  return found;
}
