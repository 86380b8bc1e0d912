/**
 * What becomes of every packet that enters a chain. Each chain is summarised once, whoever calls it and however often: its
 * diagram leads every packet to what may become of it there. Rules are put behind each other in balanced pairs.
 */
import { assertNever } from "../base/index.ts";
import {
  type Condition,
  type Effect,
  type PacketSpace,
  type Ref,
  terminal,
  unknowns,
} from "../pktset/index.ts";
import { Composition } from "./composition.ts";
import { joinedRules } from "./joined-rules.ts";
import { type End, NEXT, type Outcomes } from "./outcomes.ts";
import type { SymbolicChain, SymbolicRule, SymbolicTable } from "./symbolic-table.ts";

/** A diagram with those of its terminals that go on and are not plain NEXT. */
interface Part {
  readonly ref: Ref;
  readonly open: ReadonlySet<number>;
}

const PLAIN: ReadonlySet<number> = new Set();
const NEXT_REF = terminal(NEXT);
/** Nodes after which garbage is looked for. */
const COLLECT_AT = 3_000_000;

export class TableVerdicts {
  readonly table: SymbolicTable;
  readonly space: PacketSpace;
  readonly outcomes: Outcomes;
  readonly #composition: Composition;
  readonly #summaries = new Map<string, Part>();
  /** Rules put behind each other so far, of every chain that is being summarised. */
  readonly #stack: Part[] = [];
  #collectAt = COLLECT_AT;

  constructor(table: SymbolicTable, space: PacketSpace, outcomes: Outcomes) {
    this.table = table;
    this.space = space;
    this.outcomes = outcomes;
    this.#composition = new Composition(space, outcomes);
  }

  /** What may become of packets that enter a built-in chain: no terminal goes on but by the chain's policy. */
  base(name: string): Ref {
    const chain = this.#chain(name);
    const { ref } = this.#summary(chain);
    const policy: End = chain.policy === "DROP" ? "drop" : "accept";
    return this.#composition.changeEnd(ref, "next", policy);
  }

  /** What becomes of packets that a jump sends into a chain; those that come back end in `next`. */
  summary(name: string): Ref {
    return this.#summary(this.#chain(name)).ref;
  }

  #chain(name: string): SymbolicChain {
    const chain = this.table.chains.get(name);
    if (chain === undefined) throw new RangeError(`table ${this.table.name} has no chain ${name}`);
    return chain;
  }

  #summary(chain: SymbolicChain): Part {
    const known = this.#summaries.get(chain.name);
    if (known !== undefined) return known;
    const part = this.#returned(this.#sequence(chain.rules), "return", "next");
    this.#summaries.set(chain.name, part);
    return part;
  }

  /** Puts rules behind each other. */
  #sequence(rules: readonly SymbolicRule[]): Part {
    const stack = this.#stack;
    const base = stack.length;
    const ranks: number[] = [];
    const join = (): void => {
      const second = stack.pop() as Part;
      const first = stack.pop() as Part;
      stack.push(this.#after(first, second));
    };
    for (const rule of joinedRules(rules)) {
      const part = this.#rule(rule);
      if (part.ref === NEXT_REF) continue;
      stack.push(part);
      let rank = 0;
      while (ranks[ranks.length - 1] === rank) {
        ranks.pop();
        join();
        rank++;
      }
      ranks.push(rank);
      this.#collect();
    }
    while (stack.length > base + 1) join();
    return stack.length > base ? (stack.pop() as Part) : { ref: NEXT_REF, open: PLAIN };
  }

  #collect(): void {
    const { diagrams, held } = this.space;
    if (diagrams.size.nodes < this.#collectAt) return;
    const parts = [...this.#stack, ...this.#summaries.values()];
    diagrams.collect([...parts.map(({ ref }) => ref), ...held]);
    this.#collectAt = Math.max(COLLECT_AT, 2 * diagrams.size.nodes);
  }

  /** One rule alone: packets that it does not match end in NEXT. */
  #rule({ condition, action }: SymbolicRule): Part {
    if (condition.kind === "none") return { ref: NEXT_REF, open: PLAIN };
    if (action.kind !== "effect") {
      const called = this.#summary(this.#chain(action.chain));
      const inside = action.kind === "jump" ? called : this.#returned(called, "next", "return");
      return this.#matched(condition, inside);
    }
    const { space, outcomes } = this;
    const value = this.#terminal(action.effect);
    if (value === NEXT) return { ref: NEXT_REF, open: PLAIN };
    const open = outcomes.of(value).some(({ end }) => end === "next") ? new Set([value]) : PLAIN;
    if (unknowns(condition).length === 0) {
      const box = space.boxTo(condition, terminal(value), NEXT_REF);
      if (box !== undefined) return { ref: box, open };
    }
    return this.#matched(condition, { ref: terminal(value), open });
  }

  /** `inside` for packets that a condition holds for, NEXT for the others, either where it may hold. */
  #matched(condition: Condition, inside: Part): Part {
    const { space } = this;
    const { diagrams } = space;
    const { under, over } = space.bounds(condition);
    const sure = diagrams.mask(under, inside.ref);
    if (under === over) return { ref: sure, open: inside.open };
    const maybe = this.#composition.union(inside.ref, NEXT_REF);
    const ref = this.#composition.choose(under, inside.ref, diagrams.mask(over, maybe));
    return { ref, open: this.#composition.openOf(ref) };
  }

  #terminal(effect: Effect): number {
    const { outcomes } = this;
    switch (effect.kind) {
      case "continue":
        return NEXT;
      case "write":
        return outcomes.one({ end: "next", changes: effect.writes });
      case "translate":
        return outcomes.one({ end: "accept", changes: [effect] });
      case "unknown":
        return outcomes.any([
          { end: "next", changes: [] },
          { end: "accept", changes: [] },
          { end: "drop", changes: [] },
        ]);
      case "accept":
      case "drop":
      case "reject":
      case "return":
      case "stolen":
        return outcomes.one({ end: effect.kind, changes: [] });
      default:
        return assertNever(effect);
    }
  }

  /** `second` behind `first`: whatever goes on in `first` goes through `second`, changed as it then is. */
  #after(first: Part, second: Part): Part {
    const ref = this.#composition.followed(first.ref, second.ref, first.open);
    if (first.open.size === 0) return { ref, open: second.open };
    return { ref, open: this.#composition.openOf(ref) };
  }

  /** Sends on `from` as `to`. */
  #returned(part: Part, from: End, to: End): Part {
    const ref = this.#composition.changeEnd(part.ref, from, to);
    return ref === part.ref ? part : { ref, open: this.#composition.openOf(ref) };
  }
}
