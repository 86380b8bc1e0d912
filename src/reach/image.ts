/** Where packets are after a write to one of their fields: the forward direction, of which `rewritten` is the backward one. */
import { type Bounds, type FieldWrite, NONE, type PacketSpace, type Ref } from "../pktset/index.ts";

/**
 * The packets that come out of a write. Exact where it sets whole levels of the field to fixed values; otherwise what may
 * come out grows, and nothing surely does.
 */
export function imageOf(space: PacketSpace, packets: Bounds, write: FieldWrite): Bounds {
  const { field } = write;
  // Nothing tests the field, so nobody sees the change.
  if (!space.has(field)) return packets;
  const { diagrams } = space;
  const levels = space.levelsOf(field);
  if (write.kind !== "bits") {
    const forgotten = diagrams.some(packets.over, new Set(levels));
    if (write.kind !== "some" || write.ranges === undefined) return { under: NONE, over: forgotten };
    const chosen = space.set({ kind: "ranges", field, ranges: write.ranges }, "over");
    return { under: NONE, over: diagrams.and(forgotten, chosen) };
  }
  const clear = write.clear >>> 0;
  const fixed = space.set({ kind: "masked", field, value: (write.flip & clear) >>> 0, mask: clear }, "over");
  const cleared = space.split(field, clear);
  const whole = (level: number, at: number): boolean => {
    const all = 2 ** (32 - Math.clz32(diagrams.maxima[level] as number)) - 1;
    return ((cleared[at] as number) & all) >>> 0 === all;
  };
  const lost = levels.filter((level, at) => whole(level, at) || cleared[at] !== 0);
  const exact =
    (write.flip & ~clear) === 0 && levels.every((level, at) => cleared[at] === 0 || whole(level, at));
  const through = (set: Ref, gone: readonly number[]): Ref =>
    diagrams.and(diagrams.some(set, new Set(gone)), fixed);
  if (exact) return { under: through(packets.under, lost), over: through(packets.over, lost) };
  return { under: NONE, over: through(packets.over, levels) };
}
