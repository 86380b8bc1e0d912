/** Rules that let through what would pass anyway: nothing behind them, and not the policy, decides otherwise. */
import type { Diagnostic } from "../../base/index.ts";
import type { Chain, HeaderMatch, Rule } from "../../ruleset/index.ts";
import {
  type Check,
  chainName,
  finding,
  MAX_NOTES,
  placed,
  type ReviewContext,
  type TableView,
} from "../check.ts";
import { isRepeatable, targetName } from "../extension-facts.ts";
import { headersDisjoint } from "../headers.ts";
import { count, quoteRule } from "../rule-text.ts";

/** Later rules with another outcome that a rule is compared with; a chain with more is judged from its end only. */
const MAX_OTHERS = 64;

export const ruleSameAsPolicy: Check = {
  codes: ["rule/same-as-policy"],
  title: "rules that decide what the policy decides anyway",
  run: (_ruleset, context) => {
    const view = context.views.get("filter");
    if (view === undefined) return [];
    return [...view.table.chains.values()].flatMap((chain) =>
      chain.policy === undefined || !chain.policyStated ? [] : sameAsPolicy(view, chain, context),
    );
  },
};

function sameAsPolicy(view: TableView, chain: Chain, { print }: ReviewContext): readonly Diagnostic[] {
  const { rules, policy } = chain;
  if (policy === undefined || view.endings.finalIndex(chain) < rules.length) return [];
  const dead = new Set(view.covered(chain).map(({ index }) => index));
  const others: HeaderMatch[] = [];
  const idle: number[] = [];
  for (let index = rules.length - 1; index >= 0 && others.length <= MAX_OTHERS; index--) {
    const rule = rules[index] as Rule;
    if (dead.has(index)) continue;
    // A rule that only reports, or only counts, would see more packets: that is a difference too.
    const same =
      (targetName(rule) === policy || targetName(rule) === "RETURN") &&
      rule.matches.every((use) => isRepeatable(use, view.targets));
    if (!same) others.push(rule.header);
    else if (others.every((other) => headersDisjoint(other, rule.header))) idle.push(index);
  }
  const [last] = idle;
  if (last === undefined) return [];
  idle.reverse();
  const [first, ...rest] = idle.map((index) => placed(chain, index)) as [
    ReturnType<typeof placed>,
    ...ReturnType<typeof placed>[],
  ];
  const verb = policy === "ACCEPT" ? "accept" : "drop";
  const what =
    rest.length === 0
      ? `rule ${first.number} of ${chainName(view, chain)} ${verb}s`
      : `${count(idle.length, "rule")} of the ${rules.length} in ${chainName(view, chain)} ${verb}`;
  const same =
    rest.length === 0
      ? quoteRule(first.rule, print)
      : `${quoteRule(first.rule, print)}, for one, changes nothing`;
  return [
    finding({
      code: "rule/same-as-policy",
      severity: "note",
      message: `${what} what policy ${policy} ${verb}s anyway, and no rule behind decides otherwise: ${same}`,
      span: first.rule.span,
      hint:
        policy === "ACCEPT"
          ? `they take effect with ":${chain.name} DROP [0:0]"; with policy ACCEPT they only count`
          : "keep them only for their counters",
      notes: rest.slice(0, MAX_NOTES).map(({ rule, number }) => ({
        message: `rule ${number}: ${quoteRule(rule, print)}`,
        span: rule.span,
      })),
    }),
  ];
}
