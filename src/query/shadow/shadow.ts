/**
 * Rules that no packet gets to, and rules that could go: per table, chain by chain, callers first. Only what is proved for
 * all packets is reported.
 */
import type { FieldName } from "../../pktset/index.ts";
import { fragmentAssumption, spaceFor, symbolicTable } from "../../reach/index.ts";
import type { Rule, Ruleset, Table } from "../../ruleset/index.ts";
import type { SymbolicContext, TableName } from "../../xt/index.ts";
import { ChainRules, type RuleChain } from "./chain-rules.ts";
import { Question } from "./question.ts";
import { redundantBy } from "./redundant.ts";
import { arrivalAt } from "./unreachable.ts";

export interface RulePlace {
  readonly table: TableName;
  readonly chain: string;
  /** From 1. */
  readonly index: number;
  readonly rule: Rule;
}

export interface ShadowFinding extends RulePlace {
  /** `unreachable`: no packet gets there. `redundant`: without it, every packet ends as with it. */
  readonly kind: "unreachable" | "redundant";
  /** The rules that make it so. None: the chain's end does, nothing leads to the chain, or the rule matches nothing. */
  readonly by: readonly RulePlace[];
  readonly why: "rules" | "end" | "no-caller" | "matches-nothing";
  readonly exact: boolean;
}

export interface ShadowReport {
  /** How many rules were asked about. */
  readonly rules: number;
  readonly findings: readonly ShadowFinding[];
}

/** Good for most rulesets; sets are made of few rules, so that a better one would hardly show. */
const ORDER: readonly FieldName[] = ["src", "dst", "dport", "protocol", "sport"];

/** @param only the one chain that is asked about. */
export function shadowedRules(ruleset: Ruleset, context: SymbolicContext, only?: string): ShadowReport {
  const findings: ShadowFinding[] = [];
  let rules = 0;
  for (const table of ruleset.tables.values()) {
    if (only !== undefined && !table.chains.has(only)) continue;
    const report = inTable(table, context, only);
    rules += report.rules;
    for (const finding of report.findings) findings.push(finding);
  }
  return { rules, findings };
}

function inTable(table: Table, context: SymbolicContext, only: string | undefined): ShadowReport {
  const symbolic = symbolicTable(table, context, fragmentAssumption([table]));
  const space = spaceFor([symbolic], { family: context.family, order: ORDER });
  const chains = new ChainRules(symbolic, space);
  const question = new Question(chains);
  const asked = only === undefined ? undefined : withCallers(chains, only);
  /** Causes by row, of unreachable rules. */
  const causes = new Map<number, readonly number[]>();
  const found: ShadowFinding[] = [];
  let rules = 0;
  const place = (row: number): RulePlace => {
    const { index, rule } = chains.rules[row] as (typeof chains.rules)[number];
    return { table: table.name, chain: chains.chainOf(row).name, index, rule };
  };
  for (const chain of chains.chains) {
    if (asked !== undefined && !asked.has(chain)) continue;
    const reported = only === undefined || chain.name === only;
    if (reported) rules += chain.stop - chain.start;
    const dead = causesOfDeath(chain, causes);
    for (let row = chain.start; row < chain.stop; row++) {
      const arrival = dead === undefined ? arrivalAt(question, row) : { takers: dead };
      const takers = "takers" in arrival ? arrival.takers : undefined;
      if (takers !== undefined) causes.set(row, takers);
      if (!reported) continue;
      const by = "takers" in arrival ? takers : redundantBy(question, row, arrival.witness);
      if (by === undefined) continue;
      found.push({
        ...place(row),
        kind: takers === undefined ? "redundant" : "unreachable",
        by: by.map(place),
        why: by.length > 0 ? "rules" : reasonWithoutRules(takers, chain, dead),
        exact: true,
      });
    }
  }
  const order = new Map([...table.chains.keys()].map((name, at) => [name, at]));
  const findings = found.sort(
    (a, b) => (order.get(a.chain) as number) - (order.get(b.chain) as number) || a.index - b.index,
  );
  return { rules, findings };
}

function reasonWithoutRules(
  takers: readonly number[] | undefined,
  chain: RuleChain,
  dead: readonly number[] | undefined,
): ShadowFinding["why"] {
  if (takers === undefined) return "end";
  return dead !== undefined && chain.symbolic.policy === undefined ? "no-caller" : "matches-nothing";
}

/** Why no packet comes into a chain; undefined: some may. */
function causesOfDeath(
  { symbolic, callers }: RuleChain,
  causes: ReadonlyMap<number, readonly number[]>,
): readonly number[] | undefined {
  if (symbolic.policy !== undefined || callers.some((row) => !causes.has(row))) return undefined;
  return [...new Set(callers.flatMap((row) => causes.get(row) as readonly number[]))].sort((a, b) => a - b);
}

/** A chain and all that lead to it. */
function withCallers(chains: ChainRules, name: string): ReadonlySet<RuleChain> {
  const found = new Set<RuleChain>();
  const waiting = chains.chains.filter((chain) => chain.name === name);
  for (let chain = waiting.pop(); chain !== undefined; chain = waiting.pop()) {
    if (found.has(chain)) continue;
    found.add(chain);
    for (const row of chain.callers) waiting.push(chains.chainOf(row));
  }
  return found;
}
