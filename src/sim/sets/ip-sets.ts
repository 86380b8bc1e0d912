/** All sets of a host, and the view of one that matches and the SET target get. */
import type { IpSet } from "../../hoststate/index.ts";
import type { Family } from "../../net/index.ts";
import type { SetHit, SetView } from "../../xt/index.ts";
import { RunningSet } from "./running-set.ts";

export class IpSets {
  readonly #sets: readonly IpSet[];
  #running: Map<string, RunningSet> | undefined;

  constructor(sets: readonly IpSet[]) {
    this.#sets = sets;
  }

  /** The set of this name when the machine runs; undefined if there is none. */
  running(name: string, now: () => number): RunningSet | undefined {
    this.#running ??= new Map(this.#sets.map((set) => [set.name, new RunningSet(set, now)]));
    return this.#running.get(name);
  }

  view(name: string, now: () => number, _family: Family): SetView | undefined {
    const set = this.running(name, now);
    if (set === undefined) return undefined;
    const members = (): RunningSet[] =>
      set.isList ? set.members.flatMap((member) => this.running(member, now) ?? []) : [set];
    return {
      test: (skb, directions, options): SetHit | undefined => {
        for (const member of members()) {
          const hit = member.test(skb, directions, options);
          if (hit !== undefined) return hit;
        }
        return undefined;
      },
      add: (skb, directions, options) => members()[0]?.addPacket(skb, directions, options),
      remove: (skb, directions) => {
        for (const member of members()) member.removePacket(skb, directions);
      },
    };
  }
}
