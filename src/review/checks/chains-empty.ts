/** Jumps into chains without rules: the packet comes back as it went. */
import { type Check, finding, liveChains, MAX_NOTES } from "../check.ts";
import { count, quoteRule } from "../rule-text.ts";

export const chainsEmpty: Check = {
  codes: ["chains/empty"],
  title: "jumps into chains without rules",
  run: (_ruleset, context) =>
    [...context.views.values()].flatMap((view) => {
      const live = new Set(
        [...liveChains(context, [view.table.name])].flatMap(({ rules }) =>
          rules.filter(({ jump }) => jump?.kind === "jump" || jump?.kind === "goto"),
        ),
      );
      return [...view.table.chains.values()].flatMap((chain) => {
        if (chain.rules.length > 0) return [];
        const jumps = (view.jumpsTo.get(chain.name) ?? []).filter(({ rule }) => live.has(rule));
        const [first] = jumps;
        if (first === undefined) return [];
        const leaves = first.rule.jump?.kind === "goto";
        const effect = leaves
          ? `the packet leaves ${first.from.name} at once, as with -j RETURN`
          : "the packet comes back at once and goes on with the next rule, so the jump only counts";
        const others = jumps.length === 1 ? "" : ` (${count(jumps.length, "rule")} lead there)`;
        return finding({
          code: "chains/empty",
          severity: "note",
          message: `${quoteRule(first.rule, context.print)} leads into chain "${chain.name}", which has no rules${others}: ${effect}`,
          span: first.rule.span,
          hint: "fill the chain, or remove it and the jump; leave both if a program fills it while it runs",
          notes: [
            { message: `"${chain.name}" is declared here`, span: chain.span },
            ...jumps
              .slice(1, MAX_NOTES + 1)
              .map(({ rule }) => ({ message: "leads there too", span: rule.span })),
          ],
        });
      });
    }),
};
