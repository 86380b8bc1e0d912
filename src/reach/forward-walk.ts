/**
 * One set of packets on its way through a chain, rule by rule: what is accepted, what comes back. Where `TableVerdicts`
 * answers for all packets, this answers for few, and touches only rules that they come to: a chain whose first rules drop
 * the whole set costs nothing beyond those.
 *
 * Sets are bounds: packets that surely are somewhere, and those that may be. A test with an unknown outcome may both let
 * a packet go on and take it; a second test of the kind is another unknown.
 */
import { assertNever } from "../base/index.ts";
import { type Bounds, type Effect, NONE, type PacketSpace } from "../pktset/index.ts";
import { imageOf } from "./image.ts";
import type { SymbolicChain, SymbolicRule, SymbolicTable } from "./symbolic-table.ts";

export const NOWHERE: Bounds = { under: NONE, over: NONE };

/** What a walk finds of the packets that entered a chain. */
export interface Passage {
  readonly accepted: Bounds;
  readonly dropped: Bounds;
  /** Out of the chain's end, or by RETURN; of a built-in chain none. */
  readonly back: Bounds;
}

/** The rule (undefined: the policy) that accepts these packets. */
export interface Accepted {
  readonly table: SymbolicTable;
  readonly chain: SymbolicChain;
  readonly rule: SymbolicRule | undefined;
  readonly packets: Bounds;
}

export interface WalkOptions {
  /** Told of packets as they are accepted; true: enough is known, the walk ends. */
  readonly onAccept?: (accepted: Accepted) => boolean;
  /** Only packets of which all is certain are followed; `over` then means nothing. */
  readonly onlySure?: boolean;
}

/** Rules that are walked as one: a run of those that only take packets away, or a rule alone. */
type Step =
  | { readonly kind: "drop"; readonly rules: readonly SymbolicRule[] }
  | { readonly kind: "rule"; readonly rule: SymbolicRule };

export class ForwardWalk {
  readonly table: SymbolicTable;
  readonly space: PacketSpace;
  readonly #steps = new Map<string, readonly Step[]>();
  readonly #sets = new Map<Step, Bounds>();
  readonly #passages = new Map<string, Passage>();
  #options: WalkOptions = {};
  #enough = false;

  constructor(table: SymbolicTable, space: PacketSpace) {
    this.table = table;
    this.space = space;
  }

  /** Lets packets enter a chain. Once `onAccept` has ended the walk, the passage is not complete. */
  enter(name: string, packets: Bounds, options: WalkOptions = {}): Passage {
    this.#options = options;
    this.#enough = false;
    this.#passages.clear();
    return this.#chain(name, packets);
  }

  /** Nothing to follow any more. */
  #gone({ under, over }: Bounds): boolean {
    return (this.#options.onlySure === true ? under : over) === NONE;
  }

  #chain(name: string, packets: Bounds): Passage {
    const key = `${name} ${packets.under} ${packets.over}`;
    const known = this.#passages.get(key);
    if (known !== undefined) return known;
    const passage = this.#walk(this.table.chains.get(name) as SymbolicChain, packets);
    if (!this.#enough) this.#passages.set(key, passage);
    return passage;
  }

  #walk(chain: SymbolicChain, packets: Bounds): Passage {
    let here = packets;
    let accepted = NOWHERE;
    let dropped = NOWHERE;
    let back = NOWHERE;
    const accept = (rule: SymbolicRule | undefined, taken: Bounds): void => {
      accepted = this.#union(accepted, taken);
      if (
        !this.#gone(taken) &&
        this.#options.onAccept?.({ table: this.table, chain, rule, packets: taken }) === true
      )
        this.#enough = true;
    };
    for (const step of this.#stepsOf(chain)) {
      if (this.#gone(here) || this.#enough) break;
      const test = this.#setOf(step);
      const matched = this.#both(here, test);
      if (matched.over === NONE) continue;
      const rest = this.#without(here, test);
      here = rest;
      if (step.kind === "drop") dropped = this.#union(dropped, matched);
      if (step.kind === "drop" || this.#gone(matched)) continue;
      const { rule } = step;
      if (rule.action.kind !== "effect") {
        const called = this.#chain(rule.action.chain, matched);
        accepted = this.#union(accepted, called.accepted);
        dropped = this.#union(dropped, called.dropped);
        if (rule.action.kind === "jump") here = this.#union(rest, called.back);
        else back = this.#union(back, called.back);
        continue;
      }
      const { effect } = rule.action;
      switch (effect.kind) {
        case "continue":
        case "write":
          here = this.#union(rest, this.#changed(matched, effect));
          break;
        case "return":
          back = this.#union(back, matched);
          break;
        case "accept":
        case "translate":
          accept(rule, matched);
          break;
        case "unknown":
          accept(rule, { under: NONE, over: matched.over });
          dropped = this.#union(dropped, { under: NONE, over: matched.over });
          here = this.#union(rest, { under: NONE, over: matched.over });
          break;
        case "drop":
        case "reject":
        case "stolen":
          dropped = this.#union(dropped, matched);
          break;
        default:
          assertNever(effect);
      }
    }
    back = this.#union(back, here);
    if (chain.policy === undefined) return { accepted, dropped, back };
    if (chain.policy === "DROP") dropped = this.#union(dropped, back);
    else if (!this.#enough) accept(undefined, back);
    return { accepted, dropped, back: NOWHERE };
  }

  #changed(packets: Bounds, effect: Effect): Bounds {
    if (effect.kind !== "write") return packets;
    return effect.writes.reduce((set, write) => imageOf(this.space, set, write), packets);
  }

  #stepsOf(chain: SymbolicChain): readonly Step[] {
    let steps = this.#steps.get(chain.name);
    if (steps === undefined) {
      steps = stepsOf(chain.rules);
      this.#steps.set(chain.name, steps);
    }
    return steps;
  }

  #setOf(step: Step): Bounds {
    let set = this.#sets.get(step);
    if (set === undefined) {
      set =
        step.kind === "rule"
          ? this.space.bounds(step.rule.condition)
          : this.space.bounds({ kind: "or", parts: step.rules.map(({ condition }) => condition) });
      this.#sets.set(step, set);
    }
    return set;
  }

  #union(a: Bounds, b: Bounds): Bounds {
    const { diagrams } = this.space;
    return { under: diagrams.or(a.under, b.under), over: diagrams.or(a.over, b.over) };
  }

  #both(a: Bounds, b: Bounds): Bounds {
    const { diagrams } = this.space;
    return { under: diagrams.and(a.under, b.under), over: diagrams.and(a.over, b.over) };
  }

  #without(a: Bounds, b: Bounds): Bounds {
    const { diagrams } = this.space;
    return { under: diagrams.minus(a.under, b.over), over: diagrams.minus(a.over, b.under) };
  }
}

function stepsOf(rules: readonly SymbolicRule[]): readonly Step[] {
  const steps: Step[] = [];
  let run: SymbolicRule[] = [];
  const flush = (): void => {
    if (run.length > 0) steps.push({ kind: "drop", rules: run });
    run = [];
  };
  for (const rule of rules) {
    const { action, condition } = rule;
    if (condition.kind === "none" || (action.kind === "effect" && action.effect.kind === "continue"))
      continue;
    if (action.kind === "effect" && ["drop", "reject", "stolen"].includes(action.effect.kind)) run.push(rule);
    else {
      flush();
      steps.push({ kind: "rule", rule });
    }
  }
  flush();
  return steps;
}

/** Whether a chain and what it leads to does anything beside letting packets through. */
export function canChange({ chains }: SymbolicTable): boolean {
  return [...chains.values()].some(
    ({ policy, rules }) =>
      policy === "DROP" ||
      rules.some(
        ({ action, condition }) =>
          condition.kind !== "none" &&
          action.kind === "effect" &&
          !["continue", "accept", "return"].includes(action.effect.kind),
      ),
  );
}
