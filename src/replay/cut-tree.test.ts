import { expect, test } from "vitest";
import { type Rng, seededRng } from "../base/index.ts";
import { CutTree } from "./cut-tree.ts";

const DIMENSIONS = 5;
const STRIDE = 2 * DIMENSIONS;
const MAX = 0xffffffff;

/** Prefixes, ranges, single numbers at both ends of the domain, and everything. */
function interval(rng: Rng, spread: number): readonly [number, number] {
  const value = rng.below(3) === 0 ? rng.pick([0, 1, MAX - 1, MAX]) : 0x0a000000 + rng.below(spread);
  switch (rng.below(5)) {
    case 0:
      return [0, MAX];
    case 1:
      return [value, value];
    case 2: {
      const size = 2 ** rng.below(33);
      const low = Math.floor(value / size) * size;
      return [low, low + size - 1];
    }
    case 3:
      return [value, Math.min(MAX, value + rng.below(spread))];
    default:
      return [Math.max(0, value - 5), value];
  }
}

/** As most rules are: hosts and small nets, so that slices tell them apart. */
function narrow(rng: Rng, spread: number): readonly [number, number] {
  const low = rng.below(40) === 0 ? MAX - rng.below(9) : 0x0a000000 + rng.below(spread);
  return [low, Math.min(MAX, low + rng.below(rng.pick([1, 1, spread / 100])))];
}

test.each([5, 40, 300, 3000])("every box that holds a point is in its leaf: %i boxes", (count) => {
  for (const [spread, make] of [
    [30, interval],
    [5000, interval],
    [2 ** 24, interval],
    [5000, narrow],
    [2 ** 24, narrow],
  ] as const) {
    const rng = seededRng(count + spread);
    const boxes = new Uint32Array(STRIDE * count);
    for (let box = 0; box < count; box++)
      for (let each = 0; each < DIMENSIONS; each++) boxes.set(make(rng, spread), STRIDE * box + 2 * each);
    const members = [...new Array(count).keys()].filter(() => rng.below(10) > 0);
    const tree = new CutTree(boxes, DIMENSIONS, members);
    const point = new Uint32Array(DIMENSIONS);
    let looked = 0;
    for (let round = 0; round < 400; round++) {
      const near = rng.below(count);
      for (let each = 0; each < DIMENSIONS; each++) {
        const [low, high] = [boxes[STRIDE * near + 2 * each] ?? 0, boxes[STRIDE * near + 2 * each + 1] ?? 0];
        point[each] = rng.pick([
          low,
          high,
          low - 1,
          high + 1,
          low + rng.below(high - low + 1),
          rng.below(MAX),
        ]);
      }
      const holds = (box: number): boolean => {
        for (let each = 0; each < DIMENSIONS; each++) {
          const value = point[each] as number;
          const at = STRIDE * box + 2 * each;
          if (value < (boxes[at] as number) || value > (boxes[at + 1] as number)) return false;
        }
        return true;
      };
      const leaf = tree.find(point);
      const found = tree.pool.subarray(tree.leafStart[leaf], tree.leafStart[leaf + 1]);
      expect(found).toEqual(found.slice().sort());
      const kept = new Set(found);
      expect(members.filter((box) => holds(box) && !kept.has(box))).toEqual([]);
      looked += found.length;
    }
    expect(tree.pool.length).toBeLessThanOrEqual(14 * count);
    expect(looked).toBeGreaterThan(0);
  }
});
