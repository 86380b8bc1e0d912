/**
 * A tree of cuts through boxes. A node either cuts one dimension into many slices of one size, which costs a packet one
 * look-up, or where slices would put too many boxes on several sides, into two at a number chosen to fit.
 */

/** Added to the dimension of a sliced node. */
const SLICED = 16;
/** The leaf without boxes. */
const NOTHING = ~0;
/** Most slices of one node. */
const MAX_SLICES = 1 << 10;
/** Slices are taken if they hold at most so many times the boxes, and none more than a part of them. */
const SLICE_GROWTH = 1.6;
const SLICE_PART = 0.25;

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
   * Four numbers a node. Cut in two: the dimension, the highest value that leads to the lower side, and both sides. Sliced:
   * the dimension and SLICED, where the first slice begins, where in `slices` the first one stands, and the number of slices
   * times 32 with the bits of a value below a slice. What a side or slice leads to is a node, or below 0 a leaf, `~leaf`.
   */
  readonly #nodes: Int32Array;
  /** The same memory: values are unsigned. */
  readonly #cuts: Uint32Array;
  readonly #slices: Int32Array;
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
    this.#slices = Int32Array.from(builder.slices);
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
      const dimension = nodes[at] as number;
      if (dimension < SLICED) {
        const isAbove = (values[dimension] as number) > (cuts[at + 1] as number);
        node = nodes[isAbove ? at + 3 : at + 2] as number;
      } else {
        const shape = nodes[at + 3] as number;
        // A value below the first slice wraps around, to where only boxes are that do not hold it.
        const slice = ((values[dimension & 15] as number) - (cuts[at + 1] as number)) >>> (shape & 31);
        node = slice < shape >>> 5 ? (this.#slices[(nodes[at + 2] as number) + slice] as number) : NOTHING;
      }
    }
    return ~node;
  }
}

interface Slicing {
  readonly dimension: number;
  /** Where the first slice begins. */
  readonly start: number;
  /** Bits of a value below a slice. */
  readonly shift: number;
  /** Boxes of each slice. */
  readonly counts: Int32Array;
  readonly total: number;
  readonly fullest: number;
}

class Builder {
  readonly pool: number[] = [];
  readonly leafStart: number[] = [];
  readonly nodes: number[] = [];
  readonly slices: number[] = [];
  readonly #boxes: Uint32Array;
  readonly #dimensions: number;
  /** Boxes that leaves may still hold beyond their share. */
  #room: number;

  constructor(boxes: Uint32Array, dimensions: number, count: number) {
    this.#boxes = boxes;
    this.#dimensions = dimensions;
    this.#room = MAX_GROWTH * count;
    this.#leaf(new Int32Array(0));
  }

  build(members: Int32Array): number {
    if (members.length === 0) return NOTHING;
    if (members.length > 4 * LEAF) {
      const sliced = this.#slice(members);
      if (sliced !== undefined) return sliced;
    }
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

  /** Slices one dimension if that tells the boxes well apart: the one in which the fullest slice holds the fewest. */
  #slice(members: Int32Array): number | undefined {
    let best: Slicing | undefined;
    for (let dimension = 0; dimension < this.#dimensions; dimension++) {
      const tried = this.#trySlicing(members, dimension);
      if (tried !== undefined && (best === undefined || tried.fullest < best.fullest)) best = tried;
    }
    if (best === undefined) return undefined;
    this.#room -= best.total - members.length;
    const { dimension, start, shift, counts } = best;
    const boxes = this.#boxes;
    const at = 2 * dimension;
    const stride = 2 * this.#dimensions;
    const lists = Array.from(counts, (count) => new Int32Array(count));
    const filled = new Int32Array(counts.length);
    for (const box of members) {
      const last = ((boxes[stride * box + at + 1] as number) - start) >>> shift;
      for (let slice = ((boxes[stride * box + at] as number) - start) >>> shift; slice <= last; slice++) {
        (lists[slice] as Int32Array)[filled[slice] as number] = box;
        filled[slice] = (filled[slice] as number) + 1;
      }
    }
    const node = this.nodes.length;
    const first = this.slices.length;
    this.nodes.push(dimension + SLICED, start | 0, first, (counts.length << 5) | shift);
    for (let slice = 0; slice < counts.length; slice++) this.slices.push(NOTHING);
    for (let slice = 0; slice < counts.length; slice++) {
      const list = lists[slice] as Int32Array;
      const before = lists[slice - 1];
      // Neighbours with the same boxes are one.
      this.slices[first + slice] =
        before !== undefined && isSame(list, before)
          ? (this.slices[first + slice - 1] as number)
          : this.build(list);
    }
    return node / 4;
  }

  #trySlicing(members: Int32Array, dimension: number): Slicing | undefined {
    const boxes = this.#boxes;
    const stride = 2 * this.#dimensions;
    const at = 2 * dimension;
    let start = WORD_MAX;
    let end = 0;
    for (const box of members) {
      start = Math.min(start, boxes[stride * box + at] as number);
      end = Math.max(end, boxes[stride * box + at + 1] as number);
    }
    const wanted = Math.min(MAX_SLICES, 2 ** Math.ceil(Math.log2(members.length)));
    let shift = 0;
    while ((end - start) / 2 ** shift >= wanted) shift++;
    const counts = new Int32Array(((end - start) >>> shift) + 1);
    const limit = Math.min(SLICE_GROWTH * members.length, members.length + this.#room);
    let total = 0;
    for (const box of members) {
      const first = ((boxes[stride * box + at] as number) - start) >>> shift;
      const last = ((boxes[stride * box + at + 1] as number) - start) >>> shift;
      total += last - first + 1;
      if (total > limit) return undefined;
      for (let slice = first; slice <= last; slice++) counts[slice] = (counts[slice] as number) + 1;
    }
    let fullest = 0;
    for (const count of counts) fullest = Math.max(fullest, count);
    return fullest > SLICE_PART * members.length
      ? undefined
      : { dimension, start, shift, counts, total, fullest };
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

function isSame(a: Int32Array, b: Int32Array): boolean {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false;
  return true;
}
