/** The rule that decided, for machines and for people. */
import type { MetRule } from "../../../reach/index.ts";
import type { AskedRuleset } from "./asked-ruleset.ts";

export function metRuleJson({ table, chain, rule, perhaps }: MetRule, asked: AskedRuleset): object {
  return {
    table: table.name,
    chain: chain.name,
    ...(rule === undefined
      ? { policy: chain.policy }
      : { index: rule.index, line: asked.lineOf(rule.rule.span), text: asked.textOf(rule.rule) }),
    ...(perhaps && { perhaps }),
  };
}

export function metRuleText({ table, chain, rule }: MetRule, asked: AskedRuleset): string {
  return rule === undefined
    ? `policy ${chain.policy} of ${table.name} ${chain.name}`
    : `${asked.source}:${asked.lineOf(rule.rule.span)}: ${asked.textOf(rule.rule)}`;
}
