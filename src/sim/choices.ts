/**
 * What the machine cannot know. Chance (ports that the kernel draws) is answered by a number; a test that needs what
 * no model has (a BPF object, a socket's owner) by "both", one world after the other.
 */
import type { Rng } from "../base/index.ts";

/** One question that had no certain answer, and how this world answered it. */
export interface Assumption {
  readonly what: string;
  readonly holds: boolean;
}

export interface Choices {
  /** A number from 0 to `below` - 1; what shows of it to others starts at `base`. */
  random(below: number, what: string, base?: number): number;
  decide(what: string): boolean;
  readonly assumptions: readonly Assumption[];
}

/** Follows a prescribed list of answers and says "no" to what comes after it. */
export class World implements Choices {
  readonly assumptions: Assumption[] = [];
  readonly #answers: readonly boolean[];
  readonly #rng: Rng;

  constructor(answers: readonly boolean[], rng: Rng) {
    this.#answers = answers;
    this.#rng = rng;
  }

  random(below: number): number {
    return this.#rng.below(below);
  }

  decide(what: string): boolean {
    const holds = this.#answers[this.assumptions.length] ?? false;
    this.assumptions.push({ what, holds });
    return holds;
  }
}
