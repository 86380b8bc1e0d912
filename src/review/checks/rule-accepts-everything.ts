/** ACCEPT without a condition where it opens INPUT or FORWARD to everything. */
import type { Diagnostic, Span } from "../../base/index.ts";
import type { Chain, Rule } from "../../ruleset/index.ts";
import { type Check, finding, type ReviewContext, type TableView } from "../check.ts";
import { targetName } from "../extension-facts.ts";
import { acceptsAnyNew, isUnconditional } from "../matches.ts";
import { count, quoteRule } from "../rule-text.ts";

export const ruleAcceptsEverything: Check = {
  codes: ["rule/accepts-everything"],
  title: "ACCEPT without a condition in INPUT or FORWARD",
  run: (_ruleset, context) => {
    const view = context.views.get("filter");
    if (view === undefined) return [];
    const seen = new Set<Chain>();
    return (["INPUT", "FORWARD"] as const).flatMap((hook) => {
      const chain = view.table.chains.get(hook);
      return chain === undefined ? [] : openings({ view, context, hook, seen }, chain);
    });
  },
};

interface Search {
  readonly view: TableView;
  readonly context: ReviewContext;
  readonly hook: "INPUT" | "FORWARD";
  /** Chains that every packet of a hook enters; each is reported once. */
  readonly seen: Set<Chain>;
}

function openings(search: Search, builtin: Chain): readonly Diagnostic[] {
  const { view, context, hook, seen } = search;
  const diagnostics: Diagnostic[] = [];
  const todo: { readonly chain: Chain; readonly via: Span | undefined }[] = [
    { chain: builtin, via: undefined },
  ];
  for (const { chain, via } of todo) {
    if (seen.has(chain)) continue;
    seen.add(chain);
    const final = view.endings.finalIndex(chain);
    for (let index = 0; index <= final && index < chain.rules.length; index++) {
      const rule = chain.rules[index] as Rule;
      const { jump } = rule;
      if (jump === undefined) continue;
      if (jump.kind === "target") {
        if (targetName(rule) === "ACCEPT" && acceptsAnyNew(rule))
          diagnostics.push(opening({ view, context, hook, chain, index, via }));
      } else if (jump.kind !== "opaque" && isUnconditional(rule)) {
        const next = view.table.chains.get(jump.chain);
        if (next !== undefined) todo.push({ chain: next, via: rule.span });
      }
    }
  }
  return diagnostics;
}

interface Opening {
  readonly view: TableView;
  readonly context: ReviewContext;
  readonly hook: "INPUT" | "FORWARD";
  readonly chain: Chain;
  readonly index: number;
  readonly via: Span | undefined;
}

function opening({ view, context, hook, chain, index, via }: Opening): Diagnostic {
  const rule = chain.rules[index] as Rule;
  const all = isUnconditional(rule);
  const what = all ? "every packet" : "every new connection";
  const above =
    index === 0 ? "" : ` that the ${count(index, "rule")} above ha${index === 1 ? "s" : "ve"} not decided`;
  const way = chain.name === hook ? "" : `; every packet of ${hook} goes through ${chain.name}`;
  const dropped =
    all && view.table.chains.get(hook)?.policy === "DROP"
      ? `; ${hook}'s policy DROP is left with nothing`
      : "";
  return finding({
    code: "rule/accepts-everything",
    severity: "warning",
    message: `${quoteRule(rule, context.print)} accepts ${what} of ${hook}${above}${way}${dropped}`,
    span: rule.span,
    hint: "name what may pass: an interface (-i), a source (-s) or a service (-p tcp --dport)",
    ...(via === undefined
      ? {}
      : { notes: [{ message: `every packet of ${hook} comes to ${chain.name} from here`, span: via }] }),
  });
}
