/**
 * Interval-edged, hash-consed, multi-terminal decision diagrams: total functions from tuples of numbers to small numbers.
 *
 * A level is one field (or a part of a wide one) with the domain 0..max. A node splits its level's domain into intervals,
 * each with a target; neighbours with one target are one interval, a node with one interval does not exist, and no two
 * nodes are equal. Two diagrams are therefore the same function exactly if they are the same number.
 *
 * A diagram is a `Ref`: at least 0 a node, below 0 the terminal `~ref`. All state lives in typed arrays; operations are
 * memoised in a lossy cache. Nodes that no root reaches are taken back by `collect`, which is called only by whoever
 * knows all roots; the numbers of those that stay do not change.
 */

/** A node (at least 0) or a terminal (below 0; its value is `~ref`). */
export type Ref = number;

export const terminal = (value: number): Ref => ~value;
export const isTerminal = (ref: Ref): boolean => ref < 0;
export const terminalValue = (ref: Ref): number => ~ref;

/** Sets are diagrams with these two terminals. */
export const NONE: Ref = terminal(0);
export const ALL: Ref = terminal(1);

/** No answer without looking deeper. */
const DEEPER = 0x7fffffff;

/** Binary operations, none 0: an empty row of the cache is all zeros. `substitute` of terminal t is `SUBSTITUTE + t`. */
const AND = 1;
const OR = 2;
const MINUS = 3;
const XOR = 4;
const MASK = 5;
const PAIR = 6;
const SUBSTITUTE = 16;

const TERMINAL_LEVEL = 255;
const MIN_CACHE = 1 << 16;
const MAX_CACHE = 1 << 20;
/** Room at first; the system gives memory only where it is written. */
const FIRST_NODES = 1 << 16;
const FIRST_EDGES = 1 << 19;

export interface DiagramSize {
  readonly nodes: number;
  readonly edges: number;
}

export class Diagrams {
  /** Highest value of each level. */
  readonly maxima: readonly number[];

  #level = new Uint8Array(FIRST_NODES);
  #offset = new Int32Array(FIRST_NODES);
  #count = new Int32Array(FIRST_NODES);
  #hash = new Int32Array(FIRST_NODES);
  #nodes = 0;
  #free = -1;
  #live = 0;

  #bounds = new Uint32Array(FIRST_EDGES);
  #targets = new Int32Array(FIRST_EDGES);
  #edges = 0;
  #liveEdges = 0;

  /** Nodes by hash, one more than their number; 0 is empty. */
  #unique = new Int32Array(2 * FIRST_NODES);
  /** Rows of operation, left, right, result. */
  #cache = new Int32Array(4 * MIN_CACHE);

  #stackBounds = new Uint32Array(1 << 12);
  #stackTargets = new Int32Array(1 << 12);
  #top = 0;

  /** Pairs of terminals that `pair` has met, as terminals of their own. */
  readonly #pairs = new Map<number, number>();
  readonly #pairList: (readonly [number, number])[] = [];

  constructor(maxima: readonly number[]) {
    this.maxima = maxima;
  }

  /** What is alive or not yet taken back. */
  get size(): DiagramSize {
    return { nodes: this.#live, edges: this.#liveEdges };
  }

  // ---- looking at a node

  levelOf(ref: Ref): number {
    return ref < 0 ? TERMINAL_LEVEL : (this.#level[ref] as number);
  }

  edgeCount(node: Ref): number {
    return this.#count[node] as number;
  }

  /** Highest value of edge `at`; it begins behind the one before. */
  bound(node: Ref, at: number): number {
    return this.#bounds[(this.#offset[node] as number) + at] as number;
  }

  target(node: Ref, at: number): Ref {
    return this.#targets[(this.#offset[node] as number) + at] as number;
  }

  /** Where the value leads from a node. */
  follow(node: Ref, value: number): Ref {
    const offset = this.#offset[node] as number;
    let low = 0;
    let high = (this.#count[node] as number) - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#bounds[offset + middle] as number) < value) low = middle + 1;
      else high = middle;
    }
    return this.#targets[offset + low] as number;
  }

  /** The terminal that a tuple leads to; one value a level. */
  evaluate(ref: Ref, values: ArrayLike<number>): number {
    let at = ref;
    while (at >= 0) at = this.follow(at, values[this.#level[at] as number] as number);
    return ~at;
  }

  // ---- making nodes

  /** The node whose values in `ranges` (sorted, disjoint, low and high in turn) lead to `inside`, all others to `outside`. */
  split(level: number, ranges: ArrayLike<number>, inside: Ref, outside: Ref): Ref {
    if (inside === outside) return inside;
    const base = this.#top;
    const max = this.maxima[level] as number;
    let next = 0;
    for (let at = 0; at < ranges.length; at += 2) {
      const low = ranges[at] as number;
      const high = ranges[at + 1] as number;
      if (low > next) this.#push(base, low - 1, outside);
      this.#push(base, high, inside);
      next = high + 1;
    }
    if (next <= max) this.#push(base, max, outside);
    return this.#take(level, base);
  }

  /** The node with these edges; bounds ascend to the level's maximum. */
  node(level: number, bounds: ArrayLike<number>, targets: ArrayLike<Ref>): Ref {
    const base = this.#top;
    for (let at = 0; at < bounds.length; at++) this.#push(base, bounds[at] as number, targets[at] as number);
    return this.#take(level, base);
  }

  #push(base: number, bound: number, target: Ref): void {
    const top = this.#top;
    if (top > base && this.#stackTargets[top - 1] === target) {
      this.#stackBounds[top - 1] = bound;
      return;
    }
    if (top === this.#stackBounds.length) {
      this.#stackBounds = grown(this.#stackBounds, top * 2);
      this.#stackTargets = grown(this.#stackTargets, top * 2);
    }
    this.#stackBounds[top] = bound;
    this.#stackTargets[top] = target;
    this.#top = top + 1;
  }

  /** Makes (or finds) the node of the edges above `base` and takes them off the stack. */
  #take(level: number, base: number): Ref {
    const count = this.#top - base;
    this.#top = base;
    const bounds = this.#stackBounds;
    const targets = this.#stackTargets;
    if (count === 1) return targets[base] as number;
    let hash = level + count;
    for (let at = base; at < base + count; at++) {
      hash = Math.imul(hash ^ (bounds[at] as number), 0x9e3779b1);
      hash = Math.imul((hash ^ (hash >>> 15)) + (targets[at] as number), 0x85ebca6b);
      hash ^= hash >>> 13;
    }
    const mask = this.#unique.length - 1;
    let slot = hash & mask;
    for (;;) {
      const found = (this.#unique[slot] as number) - 1;
      if (found < 0) break;
      if (this.#hash[found] === hash && this.#same(found, level, base, count)) return found;
      slot = (slot + 1) & mask;
    }
    return this.#make(level, base, count, hash, slot);
  }

  #same(node: number, level: number, base: number, count: number): boolean {
    if (this.#level[node] !== level || this.#count[node] !== count) return false;
    const offset = this.#offset[node] as number;
    for (let at = 0; at < count; at++) {
      if (
        this.#targets[offset + at] !== this.#stackTargets[base + at] ||
        this.#bounds[offset + at] !== this.#stackBounds[base + at]
      )
        return false;
    }
    return true;
  }

  #make(level: number, base: number, count: number, hash: number, slot: number): number {
    let node = this.#free;
    if (node >= 0) this.#free = this.#offset[node] as number;
    else {
      node = this.#nodes++;
      if (node === this.#level.length) {
        const size = node * 2;
        this.#level = grown(this.#level, size);
        this.#offset = grown(this.#offset, size);
        this.#count = grown(this.#count, size);
        this.#hash = grown(this.#hash, size);
      }
    }
    const offset = this.#edges;
    if (offset + count > this.#bounds.length) {
      const size = Math.max(offset + count, this.#bounds.length * 2);
      this.#bounds = grown(this.#bounds, size);
      this.#targets = grown(this.#targets, size);
    }
    for (let at = 0; at < count; at++) {
      this.#bounds[offset + at] = this.#stackBounds[base + at] as number;
      this.#targets[offset + at] = this.#stackTargets[base + at] as number;
    }
    this.#edges = offset + count;
    this.#liveEdges += count;
    this.#level[node] = level;
    this.#offset[node] = offset;
    this.#count[node] = count;
    this.#hash[node] = hash;
    this.#unique[slot] = node + 1;
    this.#live++;
    if (this.#live * 2 > this.#unique.length) this.#rehash(this.#unique.length * 2);
    return node;
  }

  #rehash(size: number): void {
    const unique = new Int32Array(size);
    const mask = size - 1;
    for (let at = 0; at < this.#unique.length; at++) {
      const entry = this.#unique[at] as number;
      if (entry === 0) continue;
      let slot = (this.#hash[entry - 1] as number) & mask;
      while ((unique[slot] as number) !== 0) slot = (slot + 1) & mask;
      unique[slot] = entry;
    }
    this.#unique = unique;
    const rows = Math.min(MAX_CACHE, size);
    if (4 * rows > this.#cache.length) this.#cache = new Int32Array(4 * rows);
  }

  // ---- operations

  and(a: Ref, b: Ref): Ref {
    return this.#apply(AND, a, b);
  }
  or(a: Ref, b: Ref): Ref {
    return this.#apply(OR, a, b);
  }
  /** What is in `a` and not in `b`. */
  minus(a: Ref, b: Ref): Ref {
    return this.#apply(MINUS, a, b);
  }
  xor(a: Ref, b: Ref): Ref {
    return this.#apply(XOR, a, b);
  }
  not(a: Ref): Ref {
    return this.#apply(XOR, a, ALL);
  }
  /** `a` where the set holds, terminal 0 elsewhere. */
  mask(set: Ref, a: Ref): Ref {
    return this.#apply(MASK, set, a);
  }
  /** `a`, but `b` wherever `a` ends in the terminal of this value. */
  substitute(a: Ref, value: number, b: Ref): Ref {
    return this.#apply(SUBSTITUTE + value, a, b);
  }

  /** At every point the pair of both terminals, as one terminal that `pairOf` takes apart. */
  pair(a: Ref, b: Ref): Ref {
    return this.#apply(PAIR, a, b);
  }
  pairOf(value: number): readonly [number, number] {
    return this.#pairList[value] as readonly [number, number];
  }

  #pairTerminal(a: number, b: number): Ref {
    const key = a * 0x4000000 + b;
    let value = this.#pairs.get(key);
    if (value === undefined) {
      value = this.#pairList.length;
      this.#pairList.push([a, b]);
      this.#pairs.set(key, value);
    }
    return terminal(value);
  }

  /** What an operation gives without looking at the nodes' edges; always for two terminals. */
  #shortcut(operation: number, a: Ref, b: Ref): Ref {
    switch (operation) {
      case AND:
        if (a === NONE || b === NONE) return NONE;
        if (a === ALL || a === b) return b;
        return b === ALL ? a : DEEPER;
      case OR:
        if (a === ALL || b === ALL) return ALL;
        if (a === NONE || a === b) return b;
        return b === NONE ? a : DEEPER;
      case MINUS:
        if (a === NONE || b === ALL || a === b) return NONE;
        return b === NONE ? a : DEEPER;
      case XOR:
        if (a === b) return NONE;
        if (a === NONE) return b;
        if (b === NONE) return a;
        return a < 0 && b < 0 ? ALL : DEEPER;
      case MASK:
        if (a === NONE || b === NONE) return NONE;
        return a === ALL ? b : DEEPER;
      case PAIR:
        return a < 0 && b < 0 ? this.#pairTerminal(~a, ~b) : DEEPER;
      default: {
        const replaced = ~(operation - SUBSTITUTE);
        if (a < 0) return a === replaced ? b : a;
        return a === b || b === replaced ? a : DEEPER;
      }
    }
  }

  #apply(operation: number, left: Ref, right: Ref): Ref {
    const quick = this.#shortcut(operation, left, right);
    if (quick !== DEEPER) return quick;
    let a = left;
    let b = right;
    if (a > b && (operation <= OR || operation === XOR)) {
      a = right;
      b = left;
    }
    const key = hashOf(operation, a, b);
    let row = 4 * (key & (this.#cache.length / 4 - 1));
    if (this.#cache[row] === operation && this.#cache[row + 1] === a && this.#cache[row + 2] === b)
      return this.#cache[row + 3] as number;

    const levelA = this.levelOf(a);
    const levelB = this.levelOf(b);
    const level = Math.min(levelA, levelB);
    const base = this.#top;
    if (levelA === levelB) {
      const endA = (this.#offset[a] as number) + (this.#count[a] as number);
      const endB = (this.#offset[b] as number) + (this.#count[b] as number);
      let i = this.#offset[a] as number;
      let j = this.#offset[b] as number;
      while (i < endA && j < endB) {
        const boundA = this.#bounds[i] as number;
        const boundB = this.#bounds[j] as number;
        const target = this.#apply(operation, this.#targets[i] as number, this.#targets[j] as number);
        this.#push(base, Math.min(boundA, boundB), target);
        if (boundA <= boundB) i++;
        if (boundB <= boundA) j++;
      }
    } else if (levelA < levelB) {
      const end = (this.#offset[a] as number) + (this.#count[a] as number);
      for (let i = this.#offset[a] as number; i < end; i++) {
        const target = this.#apply(operation, this.#targets[i] as number, b);
        this.#push(base, this.#bounds[i] as number, target);
      }
    } else {
      const end = (this.#offset[b] as number) + (this.#count[b] as number);
      for (let j = this.#offset[b] as number; j < end; j++) {
        const target = this.#apply(operation, a, this.#targets[j] as number);
        this.#push(base, this.#bounds[j] as number, target);
      }
    }
    const result = this.#take(level, base);
    row = 4 * (key & (this.#cache.length / 4 - 1));
    this.#cache[row] = operation;
    this.#cache[row + 1] = a;
    this.#cache[row + 2] = b;
    this.#cache[row + 3] = result;
    return result;
  }

  /** Replaces every terminal by what `change` makes of its value: another terminal. */
  map(ref: Ref, change: (value: number) => Ref): Ref {
    const changed = new Map<number, Ref>();
    const done = new Int32Array(this.#nodes).fill(DEEPER);
    const walk = (at: Ref): Ref => {
      if (at < 0) {
        let result = changed.get(at);
        if (result === undefined) {
          result = change(~at);
          changed.set(at, result);
        }
        return result;
      }
      const known = done[at] as number;
      if (known !== DEEPER) return known;
      const base = this.#top;
      const offset = this.#offset[at] as number;
      const count = this.#count[at] as number;
      let same = true;
      for (let edge = offset; edge < offset + count; edge++) {
        const target = this.#targets[edge] as number;
        const result = walk(target);
        if (result !== target) same = false;
        this.#push(base, this.#bounds[edge] as number, result);
      }
      let result = at;
      if (same) this.#top = base;
      else result = this.#take(this.#level[at] as number, base);
      done[at] = result;
      return result;
    };
    return walk(ref);
  }

  /** The set of tuples that end in a terminal of one of these values. */
  where(ref: Ref, holds: (value: number) => boolean): Ref {
    return this.map(ref, (value) => (holds(value) ? ALL : NONE));
  }

  /**
   * Rebuilds the diagram from the nodes of some levels: `change` gets the level and its edges, targets rebuilt already,
   * and answers with what takes the node's place.
   */
  rebuild(
    ref: Ref,
    levels: ReadonlySet<number>,
    change: (level: number, bounds: readonly number[], targets: readonly Ref[]) => Ref,
  ): Ref {
    const done = new Map<Ref, Ref>();
    const walk = (at: Ref): Ref => {
      if (at < 0) return at;
      let result = done.get(at);
      if (result !== undefined) return result;
      const level = this.#level[at] as number;
      const count = this.#count[at] as number;
      if (levels.has(level)) {
        const bounds: number[] = [];
        const targets: Ref[] = [];
        for (let edge = 0; edge < count; edge++) {
          bounds.push(this.bound(at, edge));
          targets.push(walk(this.target(at, edge)));
        }
        result = change(level, bounds, targets);
      } else {
        const base = this.#top;
        for (let edge = 0; edge < count; edge++)
          this.#push(base, this.bound(at, edge), walk(this.target(at, edge)));
        result = this.#take(level, base);
      }
      done.set(at, result);
      return result;
    };
    return walk(ref);
  }

  /** The tuples of which some variation in these levels is in the set. */
  some(set: Ref, levels: ReadonlySet<number>): Ref {
    return this.rebuild(set, levels, (_, __, targets) => targets.reduce((a, b) => this.or(a, b)));
  }

  /** The tuples of which every variation in these levels is in the set. */
  every(set: Ref, levels: ReadonlySet<number>): Ref {
    return this.rebuild(set, levels, (_, __, targets) => targets.reduce((a, b) => this.and(a, b)));
  }

  /** The diagram of what follows if these levels have these values. */
  fix(ref: Ref, values: ReadonlyMap<number, number>): Ref {
    return this.rebuild(ref, new Set(values.keys()), (level, bounds, targets) => {
      const value = values.get(level) as number;
      return targets[bounds.findIndex((bound) => value <= bound)] as Ref;
    });
  }

  /** Every node and terminal that a diagram reaches, each once, those below before those above. */
  reached(ref: Ref): readonly Ref[] {
    const found: Ref[] = [];
    const seen = new Uint8Array(this.#nodes);
    const terminals = new Set<Ref>();
    const walk = (at: Ref): void => {
      if (at < 0) {
        if (terminals.has(at)) return;
        terminals.add(at);
      } else {
        if (seen[at] === 1) return;
        seen[at] = 1;
        const end = (this.#offset[at] as number) + (this.#count[at] as number);
        let last = DEEPER;
        for (let edge = this.#offset[at] as number; edge < end; edge++) {
          const target = this.#targets[edge] as number;
          if (target !== last) walk(target);
          last = target;
        }
      }
      found.push(at);
    };
    walk(ref);
    return found;
  }

  /** The values of all terminals that a diagram reaches. */
  values(ref: Ref): ReadonlySet<number> {
    const found = new Set<number>();
    for (const at of this.reached(ref)) if (at < 0) found.add(~at);
    return found;
  }

  // ---- memory

  /** Takes back every node that no root reaches. Nothing else may hold a node across this call. */
  collect(roots: Iterable<Ref>): void {
    const marked = new Uint8Array(this.#nodes);
    const stack: number[] = [];
    for (const root of roots) {
      if (root < 0 || marked[root] === 1) continue;
      marked[root] = 1;
      stack.push(root);
      for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
        const end = (this.#offset[node] as number) + (this.#count[node] as number);
        for (let at = this.#offset[node] as number; at < end; at++) {
          const target = this.#targets[at] as number;
          if (target < 0 || marked[target] === 1) continue;
          marked[target] = 1;
          stack.push(target);
        }
      }
    }
    let edges = 0;
    for (let node = 0; node < this.#nodes; node++)
      if (marked[node] === 1) edges += this.#count[node] as number;
    const size = Math.max(1 << 14, Math.ceil(edges * 1.5));
    const bounds = new Uint32Array(size);
    const targets = new Int32Array(size);
    let offset = 0;
    let live = 0;
    this.#free = -1;
    for (let node = this.#nodes - 1; node >= 0; node--) {
      if (marked[node] === 0) {
        this.#offset[node] = this.#free;
        this.#free = node;
        continue;
      }
      const from = this.#offset[node] as number;
      const count = this.#count[node] as number;
      for (let at = 0; at < count; at++) {
        bounds[offset + at] = this.#bounds[from + at] as number;
        targets[offset + at] = this.#targets[from + at] as number;
      }
      this.#offset[node] = offset;
      offset += count;
      live++;
    }
    this.#bounds = bounds;
    this.#targets = targets;
    this.#edges = offset;
    this.#liveEdges = offset;
    this.#live = live;
    this.#unique.fill(0);
    const mask = this.#unique.length - 1;
    for (let node = 0; node < this.#nodes; node++) {
      if (marked[node] === 0) continue;
      let slot = (this.#hash[node] as number) & mask;
      while ((this.#unique[slot] as number) !== 0) slot = (slot + 1) & mask;
      this.#unique[slot] = node + 1;
    }
    this.#cache.fill(0);
  }
}

const hashOf = (operation: number, a: Ref, b: Ref): number => {
  let hash = Math.imul(a ^ (operation << 20), 0x9e3779b1) ^ Math.imul(b + 0x7f4a7c15, 0x85ebca6b);
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x2c1b3c6d);
  return hash ^ (hash >>> 13);
};

function grown<T extends Uint8Array | Int32Array | Uint32Array>(array: T, size: number): T {
  const larger = new (array.constructor as new (size: number) => T)(size);
  larger.set(array);
  return larger;
}
