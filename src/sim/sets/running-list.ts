/** A set of sets at run time. Kernel: net/netfilter/ipset/ip_set_list_set.c. */
import { type IpSet, type IpSetElement, printIpSets } from "../../hoststate/index.ts";
import type { SetHit, SetLookup, SetView, Skb } from "../../xt/index.ts";

interface Member {
  readonly name: string;
  readonly expiresAt: number;
  packets: number;
  bytes: number;
}

type Directions = readonly ("src" | "dst")[];

/** Each member is asked in turn; the first that has an answer, takes the packet in or lets it go, is the last asked. */
export class RunningList implements SetView {
  readonly #set: IpSet;
  readonly #now: () => number;
  readonly #running: (name: string) => SetView | undefined;
  #members: Member[] = [];

  constructor(set: IpSet, now: () => number, running: (name: string) => SetView | undefined) {
    this.#set = set;
    this.#now = now;
    this.#running = running;
    for (const element of set.elements) this.addElement(element, true);
  }

  get name(): string {
    return this.#set.name;
  }

  /** Sets of one kind can be swapped. */
  readonly kind = "list:set";

  /** The command that made it, for reading elements as it would. */
  get createLine(): string {
    return printIpSets([{ ...this.#set, elements: [] }]).trimEnd();
  }

  /** @returns false if the member was there, and `exist` does not say that this is well. */
  addElement(element: IpSetElement, exist: boolean): boolean {
    const name = memberOf(element);
    if (name === undefined) return true;
    const at = this.#members.findIndex((each) => each.name === name && each.expiresAt > this.#now());
    if (at >= 0 && !exist) return false;
    const known = this.#members[at];
    const usual = this.#set.options.timeoutSec;
    const seconds = usual === undefined ? 0 : (element.timeoutSec ?? usual);
    const member: Member = {
      name,
      expiresAt: seconds === 0 ? Number.POSITIVE_INFINITY : this.#now() + seconds * 1000,
      packets: Number(element.packets ?? known?.packets ?? 0n),
      bytes: Number(element.bytes ?? known?.bytes ?? 0n),
    };
    if (at >= 0) this.#members[at] = member;
    else this.#members.push(member);
    return true;
  }

  /** @returns false if the member was not there, and `exist` does not say that this is well. */
  removeElement(element: IpSetElement, exist: boolean): boolean {
    const name = memberOf(element);
    const before = this.#members.length;
    this.#members = this.#members.filter((each) => each.name !== name);
    return exist || this.#members.length < before;
  }

  flush(): void {
    this.#members = [];
  }

  test(skb: Skb, directions: Directions, { accepts, ...lookup }: SetLookup): SetHit | undefined {
    const inside = {
      ...lookup,
      updateCounters: lookup.updateCounters && lookup.updateSubcounters,
    };
    for (const [member, set] of this.#alive()) {
      const hit = set.test(skb, directions, inside);
      if (hit === undefined) continue;
      if (this.#set.options.counters) {
        if (lookup.updateCounters) {
          member.packets++;
          member.bytes += skb.bytes.length;
        }
        if (accepts?.(member.packets, member.bytes) === false) continue;
      }
      return hit;
    }
    return undefined;
  }

  add(
    skb: Skb,
    directions: Directions,
    options: { readonly timeoutSec?: number; readonly exist: boolean },
  ): boolean {
    return this.#alive().some(([, set]) => set.add(skb, directions, options));
  }

  remove(skb: Skb, directions: Directions): boolean {
    return this.#alive().some(([, set]) => set.remove(skb, directions));
  }

  #alive(): [Member, SetView][] {
    const now = this.#now();
    return this.#members.flatMap((member): [Member, SetView][] => {
      const set = member.expiresAt > now ? this.#running(member.name) : undefined;
      return set === undefined ? [] : [[member, set]];
    });
  }
}

function memberOf({ parts }: IpSetElement): string | undefined {
  const part = parts[0];
  return part?.kind === "set" ? part.name : undefined;
}
