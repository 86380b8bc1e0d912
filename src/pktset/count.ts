/** How many packets a set holds, exactly. */
import type { Ref } from "./diagram.ts";
import type { FieldName } from "./fields.ts";
import type { PacketSpace } from "./packet-space.ts";

/**
 * The number of different values of these fields together in a set. The set must not depend on any other field of the
 * space; `every` or `some` take those away.
 */
export function countPackets(space: PacketSpace, set: Ref, fields: readonly FieldName[]): bigint {
  return [...countByTerminal(space, set, fields)].find(([value]) => value === 1)?.[1] ?? 0n;
}

/** As `countPackets`, for each terminal of a diagram. */
export function countByTerminal(
  space: PacketSpace,
  diagram: Ref,
  fields: readonly FieldName[],
): ReadonlyMap<number, bigint> {
  const { diagrams } = space;
  const counted = new Set(fields.flatMap((field) => space.levelsOf(field)));
  const levels = diagrams.maxima.length;
  /** Number of tuples of the counted levels from a level on. */
  const tuplesFrom: bigint[] = new Array(levels + 1).fill(1n);
  for (let level = levels - 1; level >= 0; level--)
    tuplesFrom[level] =
      (tuplesFrom[level + 1] as bigint) *
      (counted.has(level) ? BigInt(diagrams.maxima[level] as number) + 1n : 1n);
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
