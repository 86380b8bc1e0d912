/** Runs every check over a ruleset. */
import type { Diagnostic } from "../base/index.ts";
import {
  type Chain,
  type ChainJump,
  chainJumps,
  type Ruleset,
  reachingHooks,
  type Table,
} from "../ruleset/index.ts";
import type { PrintContext, TableName } from "../xt/index.ts";
import type { ReviewContext, TableView } from "./check.ts";
import { CHECKS } from "./checks/index.ts";
import { type CoveredRule, coveredRules } from "./covered.ts";
import { Endings } from "./endings.ts";
import { targetsOf } from "./extension-facts.ts";
import { guessRole, type RoleGuess } from "./role.ts";

export interface Review {
  readonly role: RoleGuess;
  /** In the order of their places. */
  readonly findings: readonly Diagnostic[];
}

export function reviewRuleset(ruleset: Ruleset): Review {
  const print: PrintContext = { family: ruleset.family };
  const views = new Map<TableName, TableView>();
  for (const [name, table] of ruleset.tables) views.set(name, viewTable(table, print));
  const context: ReviewContext = { role: guessRole(ruleset), print, views };
  const findings = CHECKS.flatMap((check) => check.run(ruleset, context));
  return { role: context.role, findings: findings.sort((a, b) => a.span.start - b.span.start) };
}

function viewTable(table: Table, print: PrintContext): TableView {
  const jumpsTo = new Map<string, ChainJump[]>();
  for (const jump of chainJumps(table)) {
    const known = jumpsTo.get(jump.to);
    if (known === undefined) jumpsTo.set(jump.to, [jump]);
    else known.push(jump);
  }
  const endings = new Endings(table);
  const targets = targetsOf(table);
  const covered = new Map<Chain, readonly CoveredRule[]>();
  return {
    table,
    hooks: reachingHooks(table),
    jumpsTo,
    targets,
    endings,
    covered: (chain) => {
      const known = covered.get(chain) ?? coveredRules({ chain, endings, targets, print });
      covered.set(chain, known);
      return known;
    },
  };
}
