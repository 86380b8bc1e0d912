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

  /**
   * Adds an expectation; an equal one of the same master gives way to it, and of `most` of one master the oldest.
   * @returns false if another is open that some packet would fulfil as well.
   */
  relate(expectation: Expectation, most: number): boolean {
    const { tuple, zone, master } = expectation;
    const now = this.#now();
    this.#open = this.#open.filter(
      (each) => each.expiresAt > now && !(each.master === master && each.tuple.equals(tuple)),
    );
    if (this.#open.some((each) => each.zone === zone && overlap(each.tuple, tuple))) return false;
    const siblings = this.#open.filter((each) => each.master === master);
    if (siblings.length >= most) this.#drop(siblings[0] as Expectation);
    this.#open.push(expectation);
    return true;
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
  }
}

const isAnySource = ({ s0, s1, s2, s3 }: Tuple): boolean => (s0 | s1 | s2 | s3) === 0;

/** Whether the packet filed under `tuple` is what was expected. */
const fits = (expected: Tuple, tuple: Tuple): boolean =>
  goesTo(expected, tuple) &&
  (expected.sport === 0 || expected.sport === tuple.sport) &&
  (isAnySource(expected) || hasSourceOf(expected, tuple));

/** Whether some packet is what both expect. */
const overlap = (a: Tuple, b: Tuple): boolean =>
  goesTo(a, b) &&
  (a.sport === 0 || b.sport === 0 || a.sport === b.sport) &&
  (isAnySource(a) || isAnySource(b) || hasSourceOf(a, b));

const goesTo = (a: Tuple, b: Tuple): boolean =>
  a.protocol === b.protocol &&
  a.family === b.family &&
  a.dport === b.dport &&
  a.d3 === b.d3 &&
  a.d2 === b.d2 &&
  a.d1 === b.d1 &&
  a.d0 === b.d0;

const hasSourceOf = (a: Tuple, b: Tuple): boolean =>
  a.s3 === b.s3 && a.s2 === b.s2 && a.s1 === b.s1 && a.s0 === b.s0;
