/** Sets of packets as diagrams, made only for what points could not settle: what rules match, take, and get. */
import { ALL, NONE, type Ref } from "../../pktset/index.ts";
import { Outcomes, TableVerdicts } from "../../reach/index.ts";
import type { ChainRules, Fate, RuleChain, RuleWay } from "./chain-rules.ts";

/** Nodes after which garbage is looked for. */
const COLLECT_AT = 2_000_000;
/** Takers before a rule that are subtracted one by one; more are subtracted in blocks that rules share. */
const FEW = 64;
/** Rules of the smallest block. */
const BLOCK = 16;

export class RuleSets {
  readonly #table: ChainRules;
  readonly #outcomes = new Outcomes();
  readonly #verdicts: TableVerdicts;
  readonly writtenLevels: ReadonlySet<number>;
  /** Kept across rules, and by `collect`. */
  readonly #over = new Map<number, Ref>();
  readonly #entering = new Map<RuleChain, Ref>();
  readonly #blocks = new Map<string, Ref>();
  readonly #summarised = new Set<RuleChain>();
  #collectAt = COLLECT_AT;

  constructor(table: ChainRules) {
    this.#table = table;
    this.#verdicts = new TableVerdicts(table.table, table.space, this.#outcomes);
    this.writtenLevels = new Set([...table.written].flatMap((field) => table.space.levelsOf(field)));
  }

  get #diagrams() {
    return this.#table.space.diagrams;
  }

  /** Packets that a rule may match. */
  over(row: number): Ref {
    return this.#condition(row, "over");
  }

  #condition(row: number, side: "under" | "over"): Ref {
    const { rules, unsure, space } = this.#table;
    const condition = rules[row]?.condition ?? { kind: "none" };
    if (unsure[row] === 1) return space.set(condition, side);
    const known = this.#over.get(row);
    if (known !== undefined) return known;
    const set = space.set(condition, side);
    this.#over.set(row, set);
    return set;
  }

  /** Packets that a rule surely takes out of its chain. */
  taken(row: number): Ref {
    const way = this.#table.ways[row] as RuleWay;
    if (way.kind === "pass" || way.kind === "effect") return NONE;
    const under = this.#condition(row, "under");
    if (way.kind !== "jump" || under === NONE) return under;
    return this.#diagrams.and(
      under,
      this.#ends(way.chain, (ends) => !ends.includes("next")),
    );
  }

  /** As `taken`, in terms of packets as they are at a later rule of the chain. */
  takenBefore(row: number, later: number): Ref {
    const { segment } = this.#table;
    const taken = this.taken(row);
    return segment[row] === segment[later] ? taken : this.#diagrams.every(taken, this.writtenLevels);
  }

  #ends(chain: RuleChain, holds: (ends: readonly string[]) => boolean): Ref {
    return this.#diagrams.where(this.#verdicts.summary(chain.name), (value) =>
      holds(
        this.#outcomes
          .of(value)
          .map(({ end, changes }) => (changes.length > 0 && end !== "next" ? "changed" : end)),
      ),
    );
  }

  /** Packets that a rule surely gives this fate, and does nothing else to. */
  given(row: number, fate: Fate, end: Fate): Ref {
    const way = this.#table.ways[row] as RuleWay;
    if (way.kind === "end") return way.fate === fate ? this.#condition(row, "under") : NONE;
    if (way.kind !== "jump" && way.kind !== "goto") return NONE;
    if (!way.chain.pure) return NONE;
    const alike = this.#fateSet(way, fate, end);
    return this.#diagrams.and(this.#condition(row, "under"), alike);
  }

  /** Packets that a rule may match and give neither this fate nor leave to the next rule. */
  givenOther(row: number, fate: Fate, end: Fate): Ref {
    const way = this.#table.ways[row] as RuleWay;
    const over = this.over(row);
    if (way.kind === "pass" || (way.kind === "end" && way.fate === fate && this.#table.unsure[row] === 0))
      return NONE;
    if ((way.kind !== "jump" && way.kind !== "goto") || !way.chain.pure || this.#table.unsure[row] === 1)
      return over;
    const { chain, kind } = way;
    const harmless = this.#diagrams.or(
      this.#fateSet(way, fate, end),
      kind === "jump" ? this.#ends(chain, (ends) => ends.join() === "next") : NONE,
    );
    return this.#diagrams.minus(over, harmless);
  }

  #fateSet({ kind, chain }: { kind: "jump" | "goto"; chain: RuleChain }, fate: Fate, end: Fate): Ref {
    return this.#ends(chain, (ends) => {
      const [only, ...others] = ends;
      if (others.length > 0) return false;
      // A goto that comes out of the called chain's end has left this one, too.
      return only === fate || (kind === "goto" && only === "next" && end === fate);
    });
  }

  /** Packets that may come into a chain. */
  entering(chain: RuleChain): Ref {
    if (chain.symbolic.policy !== undefined) return ALL;
    let set = this.#entering.get(chain);
    if (set === undefined) {
      set = chain.callers.reduce((sum, row) => this.#diagrams.or(sum, this.arriving(row)), NONE);
      this.#entering.set(chain, set);
      this.#table.space.held.add(set);
    }
    return set;
  }

  /** Packets that may come to a rule and match it. */
  arriving(row: number): Ref {
    return this.minusTakers(this.beforeChain(row), row);
  }

  /** Packets that a rule may match and that may come into its chain, whatever rules before it take. */
  beforeChain(row: number): Ref {
    const { chainOf, segment } = { chainOf: this.#table.chainOf(row), segment: this.#table.segment };
    const entering = this.entering(chainOf);
    const then = segment[row] === 0 ? entering : this.#diagrams.some(entering, this.writtenLevels);
    return this.#diagrams.and(this.over(row), then);
  }

  /** What of a set none of the rules before the row surely takes. */
  minusTakers(set: Ref, row: number): Ref {
    const { boxes, written } = this.#table;
    const chain = this.#table.chainOf(row);
    const takers = chain.index.overlappingBefore(boxes.boxOf(row), row);
    let left = set;
    if (takers.length <= FEW || written.size > 0) {
      for (const taker of takers) {
        if (left === NONE) break;
        left = this.#diagrams.minus(left, this.takenBefore(taker, row));
      }
      return left;
    }
    for (let at = chain.start; at < row && left !== NONE; ) {
      let size = BLOCK;
      while ((at - chain.start) % (2 * size) === 0 && at + 2 * size <= row) size *= 2;
      if (at + size <= row) left = this.#diagrams.minus(left, this.#block(at, size));
      else for (let each = at; each < row; each++) left = this.#diagrams.minus(left, this.taken(each));
      at += size;
    }
    return left;
  }

  /** What any of `size` rules from a row on takes. */
  #block(row: number, size: number): Ref {
    const key = `${row} ${size}`;
    let set = this.#blocks.get(key);
    if (set === undefined) {
      set = this.#unionOf(row, size);
      this.#blocks.set(key, set);
      this.#table.space.held.add(set);
    }
    return set;
  }

  #unionOf(row: number, size: number): Ref {
    if (size === 1) return this.taken(row);
    const half = size / 2;
    const part = (from: number): Ref => (size > BLOCK ? this.#block(from, half) : this.#unionOf(from, half));
    return this.#diagrams.or(part(row), part(row + half));
  }

  /**
   * To be called before any other question about a rule, and only while nobody holds a set: makes what the rule's chain
   * and its callers need of the chains they call, and takes back memory.
   */
  begin(chain: RuleChain): void {
    this.#summarise(chain);
    const { diagrams, held } = this.#table.space;
    if (diagrams.size.nodes < this.#collectAt) return;
    this.#over.clear();
    diagrams.collect(held);
    this.#collectAt = Math.max(COLLECT_AT, 2 * diagrams.size.nodes);
  }

  #summarise(chain: RuleChain): void {
    if (this.#summarised.has(chain)) return;
    this.#summarised.add(chain);
    const { ways, space } = this.#table;
    for (let row = chain.start; row < chain.stop; row++) {
      const way = ways[row] as RuleWay;
      if (way.kind !== "jump" && way.kind !== "goto") continue;
      // Summaries may take back nodes that only this cache knows.
      this.#over.clear();
      space.held.add(this.#verdicts.summary(way.chain.name));
    }
    for (const row of chain.callers) this.#summarise(this.#table.chainOf(row));
  }
}
