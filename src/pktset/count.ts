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
  const order = [...diagrams.reached(diagram)].reverse();
  for (const ref of order) {
    const count = ways.get(ref) as bigint;
    if (ref < 0) {
      found.set(~ref, count);
      continue;
    }
    const level = diagrams.levelOf(ref);
    if (!counted.has(level)) throw new RangeError(`the set depends on level ${level}, which is not counted`);
    let next = 0;
    for (let at = 0; at < diagrams.edgeCount(ref); at++) {
      const bound = diagrams.bound(ref, at);
      const target = diagrams.target(ref, at);
      const skipped = (tuplesFrom[level + 1] as bigint) / (tuplesFrom[levelAt(target)] as bigint);
      const more = count * BigInt(bound - next + 1) * skipped;
      ways.set(target, (ways.get(target) ?? 0n) + more);
      next = bound + 1;
    }
  }
  return found;
}
