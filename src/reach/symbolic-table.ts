/** A table whose rules are data about all packets: what each tests and where each leads. */
import type { Condition, Effect } from "../pktset/index.ts";
import { builtinHook, type ChainPolicy, type Rule, type Table } from "../ruleset/index.ts";
import type { SymbolicContext, TableName } from "../xt/index.ts";
import { type Assumptions, assume } from "./assume.ts";
import { ruleCondition, ruleEffect } from "./rule-condition.ts";

export type SymbolicAction =
  | { readonly kind: "effect"; readonly effect: Effect }
  | { readonly kind: "jump" | "goto"; readonly chain: string };

export interface SymbolicRule {
  readonly rule: Rule;
  /** From 1, as iptables counts. */
  readonly index: number;
  readonly condition: Condition;
  readonly action: SymbolicAction;
}

export interface SymbolicChain {
  readonly name: string;
  /** undefined: user-defined. */
  readonly policy: ChainPolicy | undefined;
  readonly rules: readonly SymbolicRule[];
}

export interface SymbolicTable {
  readonly name: TableName;
  readonly chains: ReadonlyMap<string, SymbolicChain>;
}

/**
 * @param roots only these chains and what they lead to; absent, all of the table.
 * @param assumptions fields whose values are taken for granted: tests of them are decided here.
 */
export function symbolicTable(
  table: Table,
  context: SymbolicContext,
  assumptions: Assumptions = new Map(),
  roots: readonly string[] = [...table.chains.keys()],
): SymbolicTable {
  const chains = new Map<string, SymbolicChain>();
  const waiting = [...roots];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const chain = table.chains.get(name);
    if (chains.has(name) || chain === undefined) continue;
    const own = { ...context, hook: builtinHook(table.name, name) };
    const rules = chain.rules.map((rule, at) => symbolicRule(rule, at + 1, own, assumptions));
    chains.set(name, { name, policy: chain.policy, rules });
    for (const { action } of rules) if (action.kind !== "effect") waiting.push(action.chain);
  }
  return { name: table.name, chains };
}

function symbolicRule(
  rule: Rule,
  index: number,
  context: SymbolicContext,
  assumptions: Assumptions,
): SymbolicRule {
  const { jump } = rule;
  const action: SymbolicAction =
    jump?.kind === "jump" || jump?.kind === "goto"
      ? { kind: jump.kind, chain: jump.chain }
      : { kind: "effect", effect: ruleEffect(rule, context) };
  return { rule, index, condition: assume(ruleCondition(rule, context), assumptions), action };
}

/**
 * Whole packets and first fragments, unless some rule asks for later ones (`-f`): these come to a table only where
 * nothing puts fragments together, and have no ports.
 */
export function fragmentAssumption(tables: Iterable<Table>): Assumptions {
  for (const { chains } of tables)
    for (const { rules } of chains.values())
      if (rules.some(({ header }) => header.fragment !== undefined)) return new Map();
  return WHOLE_PACKETS;
}

const WHOLE_PACKETS: Assumptions = new Map([["fragment", 0]]);
