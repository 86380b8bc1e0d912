/** What a check is, and what it is given beside the ruleset. */
import type { Diagnostic, Severity, Span } from "../base/index.ts";
import type { Chain, ChainJump, Rule, Ruleset, Table } from "../ruleset/index.ts";
import type { Hook, PrintContext, TableName } from "../xt/index.ts";
import type { CoveredRule } from "./covered.ts";
import type { Endings } from "./endings.ts";
import type { RoleGuess } from "./role.ts";
import { count, quoteRule } from "./rule-text.ts";

export interface Check {
  /** Every code that it may report; each has a page in docs/checks. */
  readonly codes: readonly Diagnostic["code"][];
  /** One line: what it looks for. */
  readonly title: string;
  run(ruleset: Ruleset, context: ReviewContext): readonly Diagnostic[];
}

/** A table with what several checks ask of it, worked out once. */
export interface TableView {
  readonly table: Table;
  readonly hooks: ReadonlyMap<string, readonly Hook[]>;
  /** Jumps and gotos by the chain that they lead to, in rule order. */
  readonly jumpsTo: ReadonlyMap<string, readonly ChainJump[]>;
  readonly targets: ReadonlySet<string>;
  readonly endings: Endings;
  /** Rules of a chain to which an earlier rule of the chain leaves no packet. */
  covered(chain: Chain): readonly CoveredRule[];
}

export interface ReviewContext {
  readonly role: RoleGuess;
  readonly print: PrintContext;
  /** In the order of TABLE_NAMES; only tables that the ruleset has. */
  readonly views: ReadonlyMap<TableName, TableView>;
}

/** A place worth a look, with what is there. */
export interface Note {
  readonly message: string;
  readonly span: Span;
}

/** A diagnostic shows at most so many other places; the message says how many there are. */
export const MAX_NOTES = 5;

interface Finding {
  readonly code: Diagnostic["code"];
  readonly severity: Severity;
  readonly message: string;
  readonly span: Span;
  readonly hint?: string;
  readonly notes?: readonly Note[];
}

export function finding({ notes = [], ...rest }: Finding): Diagnostic {
  return notes.length === 0 ? rest : { ...rest, notes: notes.slice(0, MAX_NOTES) };
}

/** The rules themselves as notes, as many as are shown. */
export function quotedNotes(rules: readonly Rule[], print: PrintContext): readonly Note[] {
  return rules.slice(0, MAX_NOTES).map((rule) => ({ message: quoteRule(rule, print), span: rule.span }));
}

/** "; 3 more rules of INPUT likewise", empty for none. */
export function likewise(more: number, { name }: Chain): string {
  return more === 0 ? "" : `; ${count(more, "more rule")} of ${name} likewise`;
}

/** A rule and its number in its chain, counted from 1 as `iptables -L --line-numbers` does. */
export interface PlacedRule {
  readonly rule: Rule;
  readonly number: number;
}

export function placed(chain: Chain, index: number): PlacedRule {
  return { rule: chain.rules[index] as Rule, number: index + 1 };
}

/** A chain into which packets come, with its rules up to the one behind which none is left. */
export interface LiveChain {
  readonly view: TableView;
  readonly chain: Chain;
  readonly hooks: readonly Hook[];
  readonly rules: readonly Rule[];
}

/** The chains of some tables that a hook reaches. */
export function* liveChains({ views }: ReviewContext, tables?: readonly TableName[]): Generator<LiveChain> {
  for (const view of views.values()) {
    if (tables !== undefined && !tables.includes(view.table.name)) continue;
    for (const chain of view.table.chains.values()) {
      const hooks = view.hooks.get(chain.name) ?? [];
      if (hooks.length === 0 || chain.rules.length === 0) continue;
      const end = view.endings.finalIndex(chain) + 1;
      yield {
        view,
        chain,
        hooks,
        rules: end >= chain.rules.length ? chain.rules : chain.rules.slice(0, end),
      };
    }
  }
}

/** "chain FORWARD of table filter". */
export function chainName(view: TableView, chain: Chain): string {
  return `${chain.name} of table ${view.table.name}`;
}
