/**
 * Connections that a helper announced: a packet that fits an expectation starts a RELATED connection of its master.
 * Kernel: net/netfilter/nf_conntrack_expect.c.
 */
import type { Connection } from "./connection.ts";
import type { Tuple } from "./tuple.ts";

/** An announced connection. A source of zeros or a source port of 0 stands for any. */
export interface Expectation {
  readonly tuple: Tuple;
  readonly zone: number;
  readonly master: Connection;
  readonly expiresAt: number;
  /** Stays after its first connection. */
  readonly permanent: boolean;
  /** Sets up the new connection, as NAT helpers do. */
  readonly onConnection?: (connection: Connection) => void;
}

export class Expectations {
  #open: Expectation[] = [];
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  get size(): number {
    return this.#open.length;
  }

  add(expectation: Expectation): void {
    this.#open.push(expectation);
  }

  /** Whether an equal or overlapping expectation is open. */
  clashes(tuple: Tuple, zone: number): boolean {
    return this.#open.some(
      (each) => each.zone === zone && each.expiresAt > this.#now() && fits(each.tuple, tuple),
    );
  }

  /** The expectation that a first packet fulfils, taken from the list unless it is permanent. */
  take(tuple: Tuple, zone: number): Expectation | undefined {
    if (this.#open.length === 0) return undefined;
    const now = this.#now();
    const found = this.#open.find(
      (each) => each.zone === zone && each.expiresAt > now && fits(each.tuple, tuple),
    );
    if (found !== undefined && !found.permanent) this.#drop(found);
    return found;
  }

  forget(master: Connection): void {
    if (this.#open.length > 0) this.#open = this.#open.filter((each) => each.master !== master);
  }

  #drop(expectation: Expectation): void {
    this.#open = this.#open.filter((each) => each !== expectation);
    const helper = expectation.master.helperState;
    if (helper !== undefined) helper.open--;
  }
}

function fits(expected: Tuple, tuple: Tuple): boolean {
  const anySource = (expected.s0 | expected.s1 | expected.s2 | expected.s3) === 0;
  return (
    expected.protocol === tuple.protocol &&
    expected.family === tuple.family &&
    expected.dport === tuple.dport &&
    expected.d3 === tuple.d3 &&
    expected.d2 === tuple.d2 &&
    expected.d1 === tuple.d1 &&
    expected.d0 === tuple.d0 &&
    (expected.sport === 0 || expected.sport === tuple.sport) &&
    (anySource ||
      (expected.s3 === tuple.s3 &&
        expected.s2 === tuple.s2 &&
        expected.s1 === tuple.s1 &&
        expected.s0 === tuple.s0))
  );
}
