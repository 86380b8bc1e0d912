/** A binary tree of cuts through boxes: each inner node compares one dimension with one number. */

/** Boxes that a leaf may hold without being cut further. */
const LEAF = 6;
/** Boxes by which a cut is chosen. */
const SAMPLE = 96;
/** A cut must leave at most this share of the boxes on its fuller side. */
const WORTH = 0.9;
/** All leaves together may hold so many times the boxes that there are. */
const MAX_GROWTH = 12;

export class CutTree {
  /** Boxes of all leaves, ascending within each. */
  readonly pool: Int32Array;
  /** Low and high in every dimension of each box of `pool`, side by side: a leaf is read in one go. */
  readonly bounds: Uint32Array;
  /** Where each leaf begins in `pool`, and behind the last where it ends. */
  readonly leafStart: Int32Array;
  /**
   * Four numbers a node: the dimension that is compared, the highest value that leads to the lower side, and the nodes of
   * both sides; below 0 a leaf, `~leaf`.
   */
  readonly #nodes: Int32Array;
  /** The same memory: cuts are unsigned. */
  readonly #cuts: Uint32Array;
  readonly #root: number;

  /**
   * @param boxes low and high of each dimension, box after box
   * @param members the boxes of this tree, ascending
   */
  constructor(boxes: Uint32Array, dimensions: number, members: readonly number[]) {
    const builder = new Builder(boxes, dimensions, members.length);
    this.#root = builder.build(Int32Array.from(members));
    this.pool = Int32Array.from(builder.pool);
    this.leafStart = Int32Array.from([...builder.leafStart, builder.pool.length]);
    this.#nodes = Int32Array.from(builder.nodes);
    this.#cuts = new Uint32Array(this.#nodes.buffer);
    const stride = 2 * dimensions;
    this.bounds = new Uint32Array(stride * this.pool.length);
    this.pool.forEach((box, at) => {
      this.bounds.set(boxes.subarray(stride * box, stride * (box + 1)), stride * at);
    });
  }

  /** The leaf that a point is in. */
  find(values: Uint32Array): number {
    const nodes = this.#nodes;
    const cuts = this.#cuts;
    let node = this.#root;
    while (node >= 0) {
      const at = 4 * node;
      const isAbove = (values[nodes[at] as number] as number) > (cuts[at + 1] as number);
      node = nodes[isAbove ? at + 3 : at + 2] as number;
    }
    return ~node;
  }
}

class Builder {
  readonly pool: number[] = [];
  readonly leafStart: number[] = [];
  readonly nodes: number[] = [];
  readonly #boxes: Uint32Array;
  readonly #dimensions: number;
  /** Boxes that leaves may still hold beyond their share. */
  #room: number;

  constructor(boxes: Uint32Array, dimensions: number, count: number) {
    this.#boxes = boxes;
    this.#dimensions = dimensions;
    this.#room = MAX_GROWTH * count;
  }

  build(members: Int32Array): number {
    const found = members.length > LEAF ? this.#choose(members) : undefined;
    if (found === undefined) return this.#leaf(members);
    const { dimension, cut } = found;
    const boxes = this.#boxes;
    const stride = 2 * this.#dimensions;
    const low = members.filter((box) => (boxes[stride * box + 2 * dimension] as number) <= cut);
    const high = members.filter((box) => (boxes[stride * box + 2 * dimension + 1] as number) > cut);
    const both = low.length + high.length - members.length;
    if (Math.max(low.length, high.length) > WORTH * members.length || both > this.#room)
      return this.#leaf(members);
    this.#room -= both;
    const at = this.nodes.length;
    this.nodes.push(dimension, cut, 0, 0);
    this.nodes[at + 2] = this.build(low);
    this.nodes[at + 3] = this.build(high);
    return at / 4;
  }

  #leaf(members: Int32Array): number {
    this.leafStart.push(this.pool.length);
    for (const box of members) this.pool.push(box);
    return ~(this.leafStart.length - 1);
  }

  /** The cut that leaves the fewest boxes on its fuller side, and few on both, judged by a sample. */
  #choose(members: Int32Array): { readonly dimension: number; readonly cut: number } | undefined {
    const boxes = this.#boxes;
    const stride = 2 * this.#dimensions;
    const step = Math.max(1, members.length / SAMPLE);
    const count = Math.min(members.length, SAMPLE);
    const lows = new Uint32Array(count);
    const highs = new Uint32Array(count);
    let best: { dimension: number; cut: number } | undefined;
    let bestScore = Number.POSITIVE_INFINITY;
    for (let dimension = 0; dimension < this.#dimensions; dimension++) {
      for (let each = 0; each < count; each++) {
        const at = stride * (members[Math.floor(each * step)] as number) + 2 * dimension;
        lows[each] = boxes[at] as number;
        highs[each] = boxes[at + 1] as number;
      }
      lows.sort();
      highs.sort();
      // Behind the end of a box, or before the start of one.
      for (const part of CUTS_AT) {
        const rank = Math.floor(part * (count - 1));
        for (const cut of [highs[rank] as number, (lows[rank] as number) - 1]) {
          if (cut < 0 || cut >= WORD_MAX) continue;
          const below = countUpTo(lows, cut);
          const above = count - countUpTo(highs, cut);
          if (below === count && above === count) continue;
          const score = Math.max(below, above) + (below + above - count);
          if (score < bestScore) {
            bestScore = score;
            best = { dimension, cut };
          }
        }
      }
    }
    return best;
  }
}

const WORD_MAX = 0xffffffff;
const CUTS_AT = [0.5, 0.4, 0.6, 0.25, 0.75];

/** How many of the sorted numbers are at most `limit`. */
function countUpTo(sorted: Uint32Array, limit: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] as number) <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
