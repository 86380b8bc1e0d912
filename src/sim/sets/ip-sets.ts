/** All sets of a host, and the view of one that matches and the SET target get. */
import type { IpSet } from "../../hoststate/index.ts";
import { RunningList } from "./running-list.ts";
import { RunningSet } from "./running-set.ts";

export class IpSets {
  readonly #sets: readonly IpSet[];
  #running: Map<string, RunningSet | RunningList> | undefined;

  constructor(sets: readonly IpSet[]) {
    this.#sets = sets;
  }

  /** Lets the timeouts of the elements run from now on. */
  start(now: () => number): void {
    this.#all(now);
  }

  /** The set of this name when the machine runs; undefined if there is none. */
  running(name: string, now: () => number): RunningSet | RunningList | undefined {
    return this.#all(now).get(name);
  }

  flush(now: () => number): void {
    for (const set of this.#all(now).values()) set.flush();
  }

  /**
   * Exchanges the contents of two sets, as `ipset swap` does.
   * @returns false if there are no two such sets of one type and family.
   */
  swap(one: string, other: string, now: () => number): boolean {
    const all = this.#all(now);
    const [first, second] = [all.get(one), all.get(other)];
    if (first === undefined || second === undefined || first.kind !== second.kind) return false;
    all.set(one, second);
    all.set(other, first);
    return true;
  }

  #all(now: () => number): Map<string, RunningSet | RunningList> {
    const running = (name: string): RunningSet | RunningList | undefined => this.#all(now).get(name);
    this.#running ??= new Map(
      this.#sets.map((set) => [
        set.name,
        set.type === "list:set" ? new RunningList(set, now, running) : new RunningSet(set, now),
      ]),
    );
    return this.#running;
  }
}
