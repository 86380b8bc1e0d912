/**
 * Which rules of a long chain a packet may match, without asking each: rules are boxes, and a tree of cuts leads to the few
 * whose box the packet may be in. A rule that is wide in a dimension would stand on both sides of every cut there, so
 * rules are first sorted into groups by where they are narrow, each with a tree of its own; a packet asks all of them.
 *
 * The index only says what need not be asked. The machine still asks every rule that it names, so limits, counters and
 * unknown extensions keep their order and their state.
 */
import { type Family, get16, PROTOCOL } from "../net/index.ts";
import type { Host, RuleIndex, RunningChain } from "../sim/index.ts";
import type { Backend, Skb } from "../xt/index.ts";
import { CutTree } from "./cut-tree.ts";
import { dimensionsOf, PORTED, writeBox } from "./rule-box.ts";

/** Shorter chains are asked rule by rule. */
const MIN_RULES = 12;

/** An interval of more than this share of all addresses is wide. */
const WIDE = 2 ** 22;

export class ChainIndex implements RuleIndex {
  readonly #family: Family;
  readonly #count: number;
  readonly #trees: readonly CutTree[];
  readonly #dimensions: number;
  /** Rules whose box is all that they ask. */
  readonly #exact: Uint8Array;
  sure = false;
  /** The packet at hand; one value a dimension. */
  readonly #values: Uint32Array;
  /** By tree: the next candidate's place in its pool, and the end of the leaf. */
  readonly #at: Int32Array;
  readonly #end: Int32Array;
  /** The packet at hand does not have all the fields that the boxes speak of: no rule is left out. */
  #all = true;

  constructor(chain: RunningChain, backend: Backend) {
    const { family, rules } = chain;
    const dimensions = dimensionsOf(family);
    this.#family = family;
    this.#count = rules.length;
    this.#dimensions = dimensions;
    const boxes = new Uint32Array(2 * dimensions * rules.length);
    this.#exact = Uint8Array.from(rules, ({ source }, at) =>
      writeBox(source, family, backend, boxes, 2 * dimensions * at) ? 1 : 0,
    );
    this.#trees = this.#groups(boxes).map((members) => new CutTree(boxes, dimensions, members));
    this.#values = new Uint32Array(dimensions);
    this.#at = new Int32Array(this.#trees.length);
    this.#end = new Int32Array(this.#trees.length);
  }

  /** Rules by which of their addresses are narrow; a rule whose box is empty matches nothing and is in no group. */
  #groups(boxes: Uint32Array): readonly (readonly number[])[] {
    const width = this.#family === "ipv4" ? 1 : 4;
    const groups = new Map<number, number[]>();
    for (let rule = 0; rule < this.#count; rule++) {
      const at = 2 * this.#dimensions * rule;
      let empty = false;
      for (let each = 0; each < this.#dimensions; each++)
        if ((boxes[at + 2 * each] as number) > (boxes[at + 2 * each + 1] as number)) empty = true;
      if (empty) continue;
      const isNarrow = (dimension: number): boolean =>
        (boxes[at + 2 * dimension + 1] as number) - (boxes[at + 2 * dimension] as number) < WIDE;
      const key = (isNarrow(0) ? 1 : 0) + (isNarrow(width) ? 2 : 0);
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [rule]);
      else group.push(rule);
    }
    return [...groups.values()];
  }

  /**
   * The first rule from `from` on that the packet may match; the chain's length if there is none. Asked with 0 when the
   * packet enters the chain, which it must do before it asks for more.
   */
  next(from: number, skb: Skb): number {
    if (from === 0) this.#enter(skb);
    if (this.#all) {
      this.sure = false;
      return from;
    }
    const trees = this.#trees;
    const values = this.#values;
    const stride = 2 * this.#dimensions;
    let best = this.#count;
    for (let tree = 0; tree < trees.length; tree++) {
      const { pool, bounds } = trees[tree] as CutTree;
      const end = this.#end[tree] as number;
      let at = this.#at[tree] as number;
      for (; at < end; at++) {
        const rule = pool[at] as number;
        if (rule < from) continue;
        if (rule >= best) break;
        if (contains(bounds, stride * at, stride, values)) {
          best = rule;
          break;
        }
      }
      this.#at[tree] = at;
    }
    this.sure = this.#exact[best] === 1;
    return best;
  }

  #enter(skb: Skb): void {
    this.#all = !this.#read(skb);
    if (this.#all) return;
    for (let tree = 0; tree < this.#trees.length; tree++) {
      const cuts = this.#trees[tree] as CutTree;
      const leaf = cuts.find(this.#values);
      this.#at[tree] = cuts.leafStart[leaf] as number;
      this.#end[tree] = cuts.leafStart[leaf + 1] as number;
    }
  }

  /** Reads the packet's values. @returns false for fragments and for what is too short for its protocol's header. */
  #read(skb: Skb): boolean {
    const { bytes, protocol, transport } = skb;
    if (skb.fragmentOffset !== 0 || transport <= 0 || protocol < 0) return false;
    if (bytes.length - transport < (LEAST[protocol] as number)) return false;
    const values = this.#values;
    const words = this.#family === "ipv4" ? 2 : 8;
    let at = this.#family === "ipv4" ? 12 : 8;
    for (let each = 0; each < words; each++, at += 4)
      values[each] =
        ((bytes[at] as number) << 24) |
        ((bytes[at + 1] as number) << 16) |
        ((bytes[at + 2] as number) << 8) |
        (bytes[at + 3] as number);
    values[words] = protocol;
    const ports = HAS_PORTS[protocol] === 1;
    values[words + 1] = ports ? get16(bytes, transport) : 0;
    values[words + 2] = ports ? get16(bytes, transport + 2) : 0;
    return true;
  }
}

/** Whether a point is in the box whose bounds stand from `at` on. */
function contains(bounds: Uint32Array, at: number, stride: number, values: Uint32Array): boolean {
  for (let each = 0; each < stride; each += 2) {
    const value = values[each >> 1] as number;
    if (value < (bounds[at + each] as number) || value > (bounds[at + each + 1] as number)) return false;
  }
  return true;
}

/** Gives every chain of some length an index. */
export function indexChains({ tables, backend }: Host): void {
  for (const running of Object.values(tables))
    for (const chains of running.chains.values())
      for (const chain of chains.values())
        if (chain.rules.length >= MIN_RULES) chain.index = new ChainIndex(chain, backend);
}

/** Bytes that a header has at least, by protocol: what is shorter some matches drop on the spot. */
const LEAST = new Uint8Array(256);
LEAST[PROTOCOL.tcp] = 20;
LEAST[PROTOCOL.udp] = 8;
LEAST[PROTOCOL.udplite] = 8;
LEAST[PROTOCOL.sctp] = 12;
LEAST[PROTOCOL.dccp] = 16;
LEAST[PROTOCOL.icmp] = 8;
LEAST[PROTOCOL.icmpv6] = 8;

const HAS_PORTS = new Uint8Array(256);
for (const protocol of PORTED) HAS_PORTS[protocol] = 1;
