/** What each rule of a table does, in the terms of this question: whether it decides, goes elsewhere or has an effect. */
import type { Condition, FieldName, PacketSpace } from "../../pktset/index.ts";
import type { SymbolicChain, SymbolicRule, SymbolicTable } from "../../reach/index.ts";
import { printJump } from "../../syntax/index.ts";
import { BoxIndex } from "./box-index.ts";
import { RuleBoxes } from "./rule-boxes.ts";

/**
 * What becomes of a packet: `accept`, `drop`, `return`, a reject with how it tells the sender. `next`: nothing yet.
 * `other`: something that is not only a decision, or is not known.
 */
export type Fate = string;
export const NEXT_RULE: Fate = "next";
export const OTHER: Fate = "other";
export const RETURN: Fate = "return";

export type RuleWay =
  /** Packets pass it unchanged and unseen. */
  | { readonly kind: "pass" }
  /** Ends the way through this chain. */
  | { readonly kind: "end"; readonly fate: Fate }
  | { readonly kind: "jump" | "goto"; readonly chain: RuleChain }
  /** The packet goes on, but something has happened; or nobody knows what does. */
  | { readonly kind: "effect" };

export interface RuleChain {
  readonly name: string;
  readonly symbolic: SymbolicChain;
  /** What happens to packets that come out of its end: a policy, or `return`. */
  readonly end: Fate;
  /** Its rules are rows from `start` to `stop`, the latter not included. */
  readonly start: number;
  readonly stop: number;
  readonly index: BoxIndex;
  /** Rows of the rules that lead here. */
  readonly callers: number[];
  /** It and all that it calls only decide: nothing is logged, changed or unknown. */
  readonly pure: boolean;
}

export class ChainRules {
  readonly table: SymbolicTable;
  readonly space: PacketSpace;
  readonly boxes: RuleBoxes;
  /** Callers before those they call. */
  readonly chains: readonly RuleChain[];
  readonly ways: readonly RuleWay[];
  readonly rules: readonly SymbolicRule[];
  /** Fields that rules of this table both test and change. */
  readonly written: ReadonlySet<FieldName>;
  /** By row: how many rules before it in its chain may change a written field. */
  readonly segment: Int32Array;
  readonly unsure: Uint8Array;
  readonly testsWritten: Uint8Array;
  readonly #chainOf: RuleChain[] = [];

  constructor(table: SymbolicTable, space: PacketSpace) {
    this.table = table;
    this.space = space;
    const order = callersFirst(table);
    this.rules = order.flatMap(({ rules }) => rules);
    this.written = writtenFields(this.rules, space);
    this.boxes = new RuleBoxes(this.rules, space, this.written);
    this.unsure = new Uint8Array(this.rules.length);
    this.testsWritten = new Uint8Array(this.rules.length);
    this.rules.forEach(({ condition }, row) => {
      if (isUnsure(condition)) this.unsure[row] = 1;
      if (this.boxes.testsWritten(row, this.written)) this.testsWritten[row] = 1;
    });
    const ways: RuleWay[] = new Array(this.rules.length);
    this.ways = ways;
    this.segment = new Int32Array(this.rules.length);
    const made = new Map<string, RuleChain>();
    const writes = new Set<string>();
    let stop = this.rules.length;
    // From the called ones up, so that a rule's way can hold the chain it leads to.
    for (const symbolic of order.toReversed()) {
      const start = stop - symbolic.rules.length;
      symbolic.rules.forEach((rule, at) => {
        ways[start + at] = this.#way(rule, start + at, symbolic, made);
      });
      const chain = this.#chain(symbolic, start, stop, ways);
      made.set(symbolic.name, chain);
      if (this.#number(symbolic, start, writes)) writes.add(symbolic.name);
      stop = start;
    }
    this.chains = order.map(({ name }) => made.get(name) as RuleChain);
    for (const chain of this.chains)
      for (let row = chain.start; row < chain.stop; row++) this.#chainOf[row] = chain;
  }

  chainOf(row: number): RuleChain {
    return this.#chainOf[row] as RuleChain;
  }

  #way(rule: SymbolicRule, row: number, { policy }: SymbolicChain, made: Map<string, RuleChain>): RuleWay {
    const { action } = rule;
    if (action.kind !== "effect") return { kind: action.kind, chain: made.get(action.chain) as RuleChain };
    const { effect } = action;
    const { jump } = rule.rule;
    switch (effect.kind) {
      case "continue":
        // A test with an unknown outcome may keep a record of the packet, as `recent --set` does.
        return { kind: jump === undefined && this.unsure[row] === 0 ? "pass" : "effect" };
      case "write":
      case "unknown":
        return { kind: "effect" };
      case "return":
        return { kind: "end", fate: policy === undefined ? RETURN : policyFate(policy) };
      case "accept":
      case "drop":
        return { kind: "end", fate: onlyDecides(rule) ? effect.kind : OTHER };
      case "reject":
        return {
          kind: "end",
          fate: jump === undefined ? OTHER : `reject${printJump(jump, { family: this.space.family })}`,
        };
      default:
        return { kind: "end", fate: OTHER };
    }
  }

  #chain(symbolic: SymbolicChain, start: number, stop: number, ways: readonly RuleWay[]): RuleChain {
    const rows: number[] = [];
    let pure = true;
    for (let row = start; row < stop; row++) {
      const way = ways[row] as RuleWay;
      if (way.kind === "jump" || way.kind === "goto") {
        way.chain.callers.push(row);
        pure &&= way.chain.pure;
      }
      if (way.kind === "effect" || this.unsure[row] === 1) pure = false;
      if (way.kind !== "pass" && !this.boxes.matchesNothing(row)) rows.push(row);
    }
    const { name, policy } = symbolic;
    return {
      name,
      symbolic,
      end: policy === undefined ? RETURN : policyFate(policy),
      start,
      stop,
      index: new BoxIndex(this.boxes, Int32Array.from(rows), (row) => {
        const { kind } = ways[row] as RuleWay;
        return (kind === "end" || kind === "goto") && this.boxes.isBox(row);
      }),
      callers: [],
      pure,
    };
  }

  /** Numbers the segments of a chain. @returns whether it changes written fields. */
  #number({ rules }: SymbolicChain, start: number, writing: ReadonlySet<string>): boolean {
    let segment = 0;
    rules.forEach(({ action }, at) => {
      this.segment[start + at] = segment;
      const changes =
        action.kind === "effect"
          ? action.effect.kind === "write" &&
            action.effect.writes.some(({ field }) => this.written.has(field))
          : writing.has(action.chain);
      if (changes) segment++;
    });
    return segment > 0;
  }
}

const policyFate = (policy: "ACCEPT" | "DROP"): Fate => (policy === "DROP" ? "drop" : "accept");

/** Whether the target does nothing but decide; others that end in a decision do more. */
function onlyDecides({ rule: { jump } }: SymbolicRule): boolean {
  return jump?.kind === "target" && (jump.extension.name === "ACCEPT" || jump.extension.name === "DROP");
}

function isUnsure(condition: Condition): boolean {
  switch (condition.kind) {
    case "unknown":
      return true;
    case "not":
      return isUnsure(condition.part);
    case "and":
    case "or":
      return condition.parts.some(isUnsure);
    default:
      return false;
  }
}

function writtenFields(rules: readonly SymbolicRule[], space: PacketSpace): ReadonlySet<FieldName> {
  const written = new Set<FieldName>();
  for (const { action } of rules)
    if (action.kind === "effect" && action.effect.kind === "write")
      for (const { field } of action.effect.writes) if (space.has(field)) written.add(field);
  return written;
}

/** No chain before one that calls it; none calls itself, which the kernel refuses. */
function callersFirst({ chains }: SymbolicTable): readonly SymbolicChain[] {
  const order: SymbolicChain[] = [];
  const seen = new Set<string>();
  const visit = (chain: SymbolicChain): void => {
    if (seen.has(chain.name)) return;
    seen.add(chain.name);
    for (const { action } of chain.rules)
      if (action.kind !== "effect") visit(chains.get(action.chain) as SymbolicChain);
    order.push(chain);
  };
  for (const chain of chains.values()) visit(chain);
  return order.reverse();
}
