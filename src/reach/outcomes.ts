/**
 * Terminals of a ruleset's diagrams: what may become of a packet, as a set of possibilities. One possibility is exact; more
 * than one says that a test with an unknown outcome was on the way.
 */
import type { FieldWrite, Translation } from "../pktset/index.ts";

/**
 * `next`: the rule behind this one, or what follows the chain. `return`: back to the caller's next rule. `reject` drops and
 * tells the sender; `stolen` takes the packet out of the path.
 */
export type End = "next" | "return" | "accept" | "drop" | "reject" | "stolen";

/** One thing done to a packet on its way. */
export type Change = FieldWrite | { readonly kind: "translate"; readonly translation: Translation };

export interface Outcome {
  readonly end: End;
  /** In the order in which they are done. */
  readonly changes: readonly Change[];
}

/** The terminal of "nothing happened, go on"; `Diagrams.mask` relies on its being 0. */
export const NEXT = 0;

/** Numbers outcomes and sets of them. */
export class Outcomes {
  readonly #outcomes: Outcome[] = [];
  readonly #numbers = new Map<string, number>();
  /** Sorted numbers of outcomes. */
  readonly #sets: (readonly number[])[] = [];
  readonly #setNumbers = new Map<string, number>();

  constructor() {
    this.one({ end: "next", changes: [] });
  }

  #number(outcome: Outcome): number {
    const key = JSON.stringify(outcome, (_, value) => (typeof value === "bigint" ? `${value}n` : value));
    let number = this.#numbers.get(key);
    if (number === undefined) {
      number = this.#outcomes.length;
      this.#outcomes.push(outcome);
      this.#numbers.set(key, number);
    }
    return number;
  }

  #set(members: readonly number[]): number {
    const sorted = [...new Set(members)].sort((a, b) => a - b);
    const key = sorted.join();
    let number = this.#setNumbers.get(key);
    if (number === undefined) {
      number = this.#sets.length;
      this.#sets.push(sorted);
      this.#setNumbers.set(key, number);
    }
    return number;
  }

  /** The terminal of exactly this outcome. */
  one(outcome: Outcome): number {
    return this.#set([this.#number(outcome)]);
  }

  /** The terminal of any of these outcomes. */
  any(outcomes: readonly Outcome[]): number {
    return this.#set(outcomes.map((outcome) => this.#number(outcome)));
  }

  /** No terminal stands for more than one outcome: everything is proved. */
  get allCertain(): boolean {
    return this.#sets.every(({ length }) => length === 1);
  }

  /** What a terminal may be. */
  of(terminal: number): readonly Outcome[] {
    return (this.#sets[terminal] as readonly number[]).map((number) => this.#outcomes[number] as Outcome);
  }

  /** The terminal of what either may be. */
  union(a: number, b: number): number {
    return a === b
      ? a
      : this.#set([...(this.#sets[a] as readonly number[]), ...(this.#sets[b] as readonly number[])]);
  }

  /** The terminal with each possibility changed. */
  change(terminal: number, change: (outcome: Outcome) => Outcome): number {
    return this.any(this.of(terminal).map(change));
  }
}
