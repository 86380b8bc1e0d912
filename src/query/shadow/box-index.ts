/**
 * Finds a chain's rules by what their boxes have in common with a packet or a box. A tree: each branch sorts rules by
 * their ranges on one axis, and where many share a range, a branch below sorts those by another axis.
 *
 * Ranges of prefixes lie within each other or apart. A range that crosses another is kept with the next one around both,
 * so it is looked at more often than needed, never less.
 */
import type { Box, RuleBoxes } from "./rule-boxes.ts";

/** Rules that are compared one by one. */
const LEAF = 12;

/** Ranges within each other; prefixes stay far below, and ranges that are nested deeper share one. */
const MAX_DEPTH = 16;

interface Branch {
  readonly axis: number;
  /** Ranges that hold each other or are apart, by `low`, the outer first; 0 is the whole axis. */
  readonly low: Int32Array;
  readonly high: Int32Array;
  readonly parent: Int32Array;
  /** The rules of range n are `rows` from `start[n]` to `start[n + 1]`, ascending. */
  readonly start: Int32Array;
  readonly rows: Int32Array;
  /** How those rules are sorted further. */
  readonly below: ReadonlyMap<number, Branch>;
}

/** Ranges of one axis, as they are found. */
interface Nodes {
  readonly low: number[];
  readonly high: number[];
  readonly parent: number[];
}

function upTo(size: number): Int32Array {
  const numbers = new Int32Array(size);
  for (let at = 0; at < size; at++) numbers[at] = at;
  return numbers;
}

/** @returns whether that is enough. */
type Found = (row: number) => boolean;

export class BoxIndex {
  readonly #boxes: RuleBoxes;
  /** Ascending. */
  readonly #rows: Int32Array;
  readonly #endsAll: (row: number) => boolean;
  readonly #width: number;
  /** By axis and row: the number of its range, sorted by low, then the outer first. */
  readonly #rangeOf: Int32Array[] = [];
  /** By axis and range: the last count in which it was seen. */
  readonly #seen: Int32Array[] = [];
  #stamp = 0;
  /** Scratch: the node of each rule in the branch that is being made. */
  readonly #homes: Int32Array;
  readonly #first: Branch | undefined;
  #second: Branch | undefined | "none" = undefined;

  /** @param endsAll the rule surely ends the way of whatever lies in its box. */
  constructor(boxes: RuleBoxes, rows: Int32Array, endsAll: (row: number) => boolean) {
    this.#boxes = boxes;
    this.#rows = rows;
    this.#endsAll = endsAll;
    this.#width = boxes.axes.length;
    for (let axis = 0; axis < this.#width; axis++) this.#numberRanges(axis);
    this.#homes = new Int32Array(rows.length);
    this.#first = this.#branch(upTo(rows.length), []);
  }

  #numberRanges(axis: number): void {
    const { cells } = this.#boxes.axes[axis] as { cells: number };
    const { low, high } = this.#boxes;
    const size = this.#rows.length;
    const keys = new Float64Array(size);
    let alike = true;
    for (let at = 0; at < size; at++) {
      const place = (this.#rows[at] as number) * this.#width + axis;
      keys[at] = (low[place] as number) * cells + (cells - 1 - (high[place] as number));
      alike &&= keys[at] === keys[0];
    }
    if (alike) {
      this.#rangeOf.push(new Int32Array(0));
      this.#seen.push(new Int32Array(0));
      return;
    }
    const sorted = keys.toSorted();
    let count = 0;
    for (let at = 0; at < size; at++)
      if (at === 0 || sorted[at] !== sorted[at - 1]) sorted[count++] = sorted[at] as number;
    const rangeOf = new Int32Array(size);
    for (let at = 0; at < size; at++) {
      const key = keys[at] as number;
      let from = 0;
      let to = count - 1;
      while (from < to) {
        const middle = (from + to) >>> 1;
        if ((sorted[middle] as number) < key) from = middle + 1;
        else to = middle;
      }
      rangeOf[at] = from;
    }
    this.#rangeOf.push(rangeOf);
    this.#seen.push(new Int32Array(count));
  }

  /** The axis on which these rules have most different ranges; -1: they are alike on all. */
  #bestAxis(members: Int32Array, used: readonly number[]): number {
    let best = -1;
    let most = 1;
    for (let axis = 0; axis < this.#width; axis++) {
      const seen = this.#seen[axis] as Int32Array;
      if (seen.length <= most || used.includes(axis)) continue;
      const rangeOf = this.#rangeOf[axis] as Int32Array;
      const stamp = ++this.#stamp;
      let different = 0;
      for (let at = 0; at < members.length; at++) {
        const range = rangeOf[members[at] as number] as number;
        if (seen[range] !== stamp) different++;
        seen[range] = stamp;
      }
      if (different <= most) continue;
      most = different;
      best = axis;
    }
    return best;
  }

  /** @param members positions in `rows`, ascending. */
  #branch(members: Int32Array, used: readonly number[]): Branch | undefined {
    if (members.length <= LEAF) return undefined;
    const axis = this.#bestAxis(members, used);
    if (axis < 0) return undefined;
    const rangeOf = this.#rangeOf[axis] as Int32Array;
    const size = this.#rows.length;
    const sorted = new Float64Array(members.length);
    for (let at = 0; at < members.length; at++) {
      const member = members[at] as number;
      sorted[at] = (rangeOf[member] as number) * size + member;
    }
    sorted.sort();
    const { low: lows, high: highs, axes } = this.#boxes;
    const nodes: Nodes = { low: [0], high: [(axes[axis] as { cells: number }).cells - 1], parent: [-1] };
    const { low, high, parent } = nodes;
    const depth = [0];
    let open = 0;
    for (let at = 0; at < sorted.length; at++) {
      const member = (sorted[at] as number) % size;
      const place = (this.#rows[member] as number) * this.#width + axis;
      const from = lows[place] as number;
      const to = highs[place] as number;
      while ((high[open] as number) < from) open = parent[open] as number;
      let node = open;
      // A range that crosses the open one belongs to whatever holds both.
      while ((high[node] as number) < to) node = parent[node] as number;
      const isInside = low[node] !== from || high[node] !== to;
      if (node === open && isInside && (depth[node] as number) < MAX_DEPTH) {
        depth.push((depth[node] as number) + 1);
        node = low.length;
        low.push(from);
        high.push(to);
        parent.push(open);
        open = node;
      }
      this.#homes[member] = node;
    }
    return this.#filled(axis, nodes, members, used);
  }

  /** Sorts the members by the node that they are at home in. */
  #filled(axis: number, { low, high, parent }: Nodes, members: Int32Array, used: readonly number[]): Branch {
    const start = new Int32Array(low.length + 1);
    const homes = this.#homes;
    for (let at = 0; at < members.length; at++) {
      const after = (homes[members[at] as number] as number) + 1;
      start[after] = (start[after] as number) + 1;
    }
    for (let node = 0; node < low.length; node++)
      start[node + 1] = (start[node + 1] as number) + (start[node] as number);
    const next = start.slice();
    const sorted = new Int32Array(members.length);
    for (let at = 0; at < members.length; at++) {
      const member = members[at] as number;
      const node = homes[member] as number;
      const place = next[node] as number;
      next[node] = place + 1;
      sorted[place] = member;
    }
    const below = new Map<number, Branch>();
    const deeper = [...used, axis];
    for (let node = 0; node < low.length; node++) {
      const from = start[node] as number;
      const to = start[node + 1] as number;
      if (to - from <= LEAF) continue;
      const branch = this.#branch(sorted.slice(from, to), deeper);
      if (branch !== undefined) below.set(node, branch);
    }
    for (let at = 0; at < sorted.length; at++) sorted[at] = this.#rows[sorted[at] as number] as number;
    return {
      axis,
      low: Int32Array.from(low),
      high: Int32Array.from(high),
      parent: Int32Array.from(parent),
      start,
      rows: sorted,
      below,
    };
  }

  /**
   * The rules from a row on whose box a packet lies in, ascending, up to the first that surely ends its way. Rules behind
   * that one may be among them.
   */
  at(cells: Int32Array, from: number): number[] {
    const found: number[] = [];
    let last = Number.POSITIVE_INFINITY;
    const boxes = this.#boxes;
    const look = (rows: Int32Array, start: number, end: number): void => {
      for (let at = firstFrom(rows, from, start, end); at < end; at++) {
        const row = rows[at] as number;
        if (row > last) return;
        if (!boxes.hasInBox(row, cells)) continue;
        found.push(row);
        if (this.#endsAll(row)) last = row;
      }
    };
    if (this.#first === undefined) look(this.#rows, 0, this.#rows.length);
    else visitAt(this.#first, cells, look);
    return found.length > 1 ? found.sort((a, b) => a - b) : found;
  }

  /** The rules before a row whose box overlaps these bounds, ascending. */
  overlappingBefore({ low, high }: Box, end: number): number[] {
    const found: number[] = [];
    this.someOverlapping({ low, high }, 0, end, (row) => {
      found.push(row);
      return false;
    });
    return found.sort((a, b) => a - b);
  }

  /**
   * Shows the rules from one row to before another whose box overlaps the bounds, in any order, until `enough` says so of
   * one. @returns whether it did.
   */
  someOverlapping({ low, high }: Box, from: number, end: number, enough: Found): boolean {
    const take: Found = (row) => row >= from && row < end && this.#overlaps(row, low, high) && enough(row);
    const branch = this.#branchFor(low, high);
    return branch === undefined ? this.#rows.some(take) : visitOverlapping(branch, low, high, take);
  }

  #overlaps(row: number, low: Int32Array, high: Int32Array): boolean {
    const width = this.#width;
    const base = row * width;
    for (let at = 0; at < width; at++)
      if (
        (low[at] as number) > (this.#boxes.high[base + at] as number) ||
        (high[at] as number) < (this.#boxes.low[base + at] as number)
      )
        return false;
    return true;
  }

  /** The tree, of two that begin with different axes, with fewer ranges to look at. */
  #branchFor(low: Int32Array, high: Int32Array): Branch | undefined {
    const first = this.#first;
    if (first === undefined || blockOf(first, low, high) <= 4 * LEAF) return first;
    this.#second ??= this.#branch(upTo(this.#rows.length), [first.axis]) ?? "none";
    const second = this.#second;
    if (second === "none") return first;
    return blockOf(second, low, high) < blockOf(first, low, high) ? second : first;
  }
}

/** The innermost range of a branch that holds a cell. */
function innermost({ low, high, parent }: Branch, cell: number): number {
  let node = lastUpTo(low, cell);
  while ((high[node] as number) < cell) node = parent[node] as number;
  return node;
}

/** The last of the ascending numbers that is not above the limit; the first always is. */
function lastUpTo(numbers: Int32Array, limit: number): number {
  let from = 0;
  let to = numbers.length - 1;
  while (from < to) {
    const middle = (from + to + 1) >>> 1;
    if ((numbers[middle] as number) <= limit) from = middle;
    else to = middle - 1;
  }
  return from;
}

/** The place of the first of ascending numbers that is not below the limit. */
function firstFrom(numbers: Int32Array, limit: number, start: number, end: number): number {
  let from = start;
  let to = end;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((numbers[middle] as number) < limit) from = middle + 1;
    else to = middle;
  }
  return from;
}

type Look = (rows: Int32Array, start: number, end: number) => void;

function visitAt(branch: Branch, cells: Int32Array, look: Look): void {
  const { parent, axis, start } = branch;
  for (let node = innermost(branch, cells[axis] as number); node >= 0; node = parent[node] as number) {
    const below = branch.below.get(node);
    if (below === undefined) look(branch.rows, start[node] as number, start[node + 1] as number);
    else visitAt(below, cells, look);
  }
}

function takeAll({ start, rows }: Branch, node: number, take: Found): boolean {
  const end = start[node + 1] as number;
  for (let at = start[node] as number; at < end; at++) if (take(rows[at] as number)) return true;
  return false;
}

/** How many ranges begin within the bounds. */
function blockOf({ low: lows, axis }: Branch, low: Int32Array, high: Int32Array): number {
  return lastUpTo(lows, high[axis] as number) - lastUpTo(lows, low[axis] as number);
}

function visitOverlapping(branch: Branch, low: Int32Array, high: Int32Array, take: Found): boolean {
  const { low: lows, parent, axis } = branch;
  const from = low[axis] as number;
  const visit = (node: number): boolean => {
    const below = branch.below.get(node);
    return below === undefined ? takeAll(branch, node, take) : visitOverlapping(below, low, high, take);
  };
  for (let node = innermost(branch, from); node >= 0; node = parent[node] as number)
    if (visit(node)) return true;
  const last = lastUpTo(lows, high[axis] as number);
  for (let node = lastUpTo(lows, from) + 1; node <= last; node++) if (visit(node)) return true;
  return false;
}
