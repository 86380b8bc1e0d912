/** Rules whose every packet one earlier, wider rule of the chain takes. */
import type { Diagnostic } from "../../base/index.ts";
import type { Chain, Rule } from "../../ruleset/index.ts";
import {
  type Check,
  chainName,
  finding,
  MAX_NOTES,
  placed,
  type ReviewContext,
  type TableView,
} from "../check.ts";
import type { CoveredRule } from "../covered.ts";
import { isDeciding } from "../extension-facts.ts";
import { isUnconditional } from "../matches.ts";
import { count, jumpText, quoteRule } from "../rule-text.ts";

/** A chain with more earlier rules that shadow others gets one finding for them all. */
const MAX_GROUPS = 8;

export const ruleShadowedByOne: Check = {
  codes: ["rule/shadowed-by-one"],
  title: "rules to which one earlier rule leaves no packet",
  run: (_ruleset, context) => {
    const diagnostics: Diagnostic[] = [];
    for (const view of context.views.values()) {
      for (const chain of view.table.chains.values()) {
        const shadowed = view.covered(chain).filter(({ duplicate }) => !duplicate);
        const groups = Map.groupBy(shadowed, ({ by }) => by);
        if (groups.size > MAX_GROUPS) diagnostics.push(many({ view, chain, context }, shadowed));
        else for (const [by, rules] of groups) diagnostics.push(one({ view, chain, context }, by, rules));
      }
    }
    return diagnostics;
  },
};

interface Where {
  readonly view: TableView;
  readonly chain: Chain;
  readonly context: ReviewContext;
}

function one(where: Where, by: number, shadowed: readonly CoveredRule[]): Diagnostic {
  const { view, chain, context } = where;
  const wide = placed(chain, by);
  const [first, ...rest] = shadowed.map(({ index }) => placed(chain, index)) as [
    ReturnType<typeof placed>,
    ...ReturnType<typeof placed>[],
  ];
  const all = [first, ...rest];
  const wideOutcome = outcome(wide.rule, where);
  const contrary = all.some(({ rule }) => outcome(rule, where) !== wideOutcome);
  const which =
    rest.length === 0
      ? `rule ${first.number}`
      : `rule ${first.number} and ${count(rest.length, "more rule")}`;
  const starved = starvedChains(view, all);
  return finding({
    code: "rule/shadowed-by-one",
    severity: contrary ? "warning" : "note",
    message: `no packet comes to ${which} of ${chainName(view, chain)}: rule ${wide.number}, ${quoteRule(wide.rule, context.print)}, takes every packet that ${quoteRule(first.rule, context.print)} could match${starved}`,
    span: first.rule.span,
    hint: contrary
      ? `if the narrow rule is to act, put it in front of rule ${wide.number}; else remove it`
      : "remove it: the wider rule does the same",
    notes: [
      { message: `rule ${wide.number}, the wider one`, span: wide.rule.span },
      ...rest.slice(0, MAX_NOTES).map(({ rule, number }) => ({
        message: `rule ${number}: ${quoteRule(rule, context.print)}`,
        span: rule.span,
      })),
    ],
  });
}

function many(where: Where, shadowed: readonly CoveredRule[]): Diagnostic {
  const { view, chain, context } = where;
  const first = shadowed[0] as CoveredRule;
  const differing = shadowed.filter(
    ({ index, by }) => outcome(placed(chain, index).rule, where) !== outcome(placed(chain, by).rule, where),
  );
  const example = differing[0] ?? first;
  const { rule, number } = placed(chain, example.index);
  const wide = placed(chain, example.by);
  const contrary =
    differing.length === 0
      ? ""
      : ` (${differing.length} of them say something else than the rule that takes their packets)`;
  return finding({
    code: "rule/shadowed-by-one",
    severity: differing.length > 0 ? "warning" : "note",
    message: `no packet comes to ${count(shadowed.length, "rule")} of ${chainName(view, chain)}${contrary}, since an earlier, wider rule takes all that they could match: rule ${number}, ${quoteRule(rule, context.print)}, stands behind rule ${wide.number}, ${quoteRule(wide.rule, context.print)}`,
    span: rule.span,
    hint: "put each narrow rule in front of the wider one if it is to act; else remove it",
    notes: [
      { message: `rule ${wide.number}, the wider one`, span: wide.rule.span },
      ...(differing.length > 0 ? differing : shadowed).slice(1, MAX_NOTES + 1).map(({ index, by }) => ({
        message: `rule ${index + 1}, ${quoteRule(placed(chain, index).rule, context.print)}, stands behind rule ${by + 1}`,
        span: placed(chain, index).rule.span,
      })),
    ],
  });
}

/** What happens to a packet that the rule takes; a chain that does one thing for all stands for that thing. */
function outcome({ jump }: Rule, where: Where): string {
  if (jump === undefined) return "";
  if (jump.kind === "jump" || jump.kind === "goto") {
    const only = where.view.table.chains.get(jump.chain)?.rules[0];
    if (
      only?.jump?.kind === "target" &&
      only.jump.extension.name !== "RETURN" &&
      isDeciding(only.jump) &&
      isUnconditional(only)
    )
      return jumpText(only.jump, where.context.print);
  }
  return jumpText(jump, where.context.print);
}

/** Chains that only these rules lead to, and that therefore get no packet either. */
function starvedChains({ jumpsTo }: TableView, dead: readonly { readonly rule: Rule }[]): string {
  const rules = new Set(dead.map(({ rule }) => rule));
  const names = new Set<string>();
  for (const { rule } of dead) {
    const { jump } = rule;
    if (jump?.kind !== "jump" && jump?.kind !== "goto") continue;
    if ((jumpsTo.get(jump.chain) ?? []).every((other) => rules.has(other.rule))) names.add(`"${jump.chain}"`);
  }
  return names.size === 0
    ? ""
    : `; and none comes to ${names.size === 1 ? "chain" : "chains"} ${[...names].join(", ")}`;
}
