/** Rules behind one that ends the chain for every packet. */
import type { Diagnostic } from "../../base/index.ts";
import type { Rule } from "../../ruleset/index.ts";
import { type Check, chainName, finding, quotedNotes } from "../check.ts";
import { targetName } from "../extension-facts.ts";
import { isUnconditional } from "../matches.ts";
import { count, quoteRule } from "../rule-text.ts";

export const ruleAfterFinal: Check = {
  codes: ["rule/after-final"],
  title: "rules behind an unconditional verdict",
  run: (_ruleset, { views, print }) => {
    const diagnostics: Diagnostic[] = [];
    for (const view of views.values()) {
      for (const chain of view.table.chains.values()) {
        const final = view.endings.finalIndex(chain);
        const first = chain.rules[final + 1];
        const ending = chain.rules[final];
        if (first === undefined || ending === undefined) continue;
        const dead = chain.rules.slice(final + 1);
        const many =
          dead.length === 1 ? "this rule" : `this rule and the ${count(dead.length - 1, "rule")} behind it`;
        diagnostics.push(
          finding({
            code: "rule/after-final",
            severity: "warning",
            message: `no packet comes to ${many} in ${chainName(view, chain)}: rule ${final + 1}, ${quoteRule(ending, print)}, ${ends(ending)}`,
            span: first.span,
            hint: `move what is still wanted in front of rule ${final + 1}, and remove the rest`,
            notes: [
              { message: `rule ${final + 1}, behind which nothing is left`, span: ending.span },
              ...quotedNotes(dead.slice(1), print),
            ],
          }),
        );
      }
    }
    return diagnostics;
  },
};

function ends(rule: Rule): string {
  const { jump } = rule;
  if (!isUnconditional(rule)) return "and an earlier rule leave nothing between them";
  if (jump?.kind === "goto") return "sends every packet away and none comes back";
  if (jump?.kind === "jump") return "sends every packet into a chain that decides them all";
  return targetName(rule) === "RETURN" ? "sends every packet back" : "takes them all";
}
