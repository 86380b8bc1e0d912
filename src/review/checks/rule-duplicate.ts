/** Rules that stand twice in a chain, word for word, and never decide the second time. */
import type { Diagnostic } from "../../base/index.ts";
import { type Chain, isOpaque, type Rule } from "../../ruleset/index.ts";
import {
  type Check,
  chainName,
  finding,
  MAX_NOTES,
  placed,
  type ReviewContext,
  type TableView,
} from "../check.ts";
import { changesAnything, isDeciding, isRepeatable, isReporting, targetName } from "../extension-facts.ts";
import { isAlwaysTrue } from "../matches.ts";
import { count, quoteRule, ruleText } from "../rule-text.ts";

/** Chains nested deeper are not looked into. */
const MAX_DEPTH = 50;

export const ruleDuplicate: Check = {
  codes: ["rule/duplicate"],
  title: "rules that repeat an earlier one",
  run: (_ruleset, context) => {
    const diagnostics: Diagnostic[] = [];
    for (const view of context.views.values()) {
      for (const chain of view.table.chains.values()) {
        const repeated = view.covered(chain).filter(({ duplicate }) => duplicate);
        if (repeated.length > 0) diagnostics.push(deciding({ view, chain, context }, repeated));
        const jumps = repeatedJumps(view, chain, context);
        if (jumps.length > 0) diagnostics.push(jumping({ view, chain, context }, jumps));
      }
    }
    return diagnostics;
  },
};

interface Pair {
  readonly index: number;
  readonly by: number;
}

interface Where {
  readonly view: TableView;
  readonly chain: Chain;
  readonly context: ReviewContext;
}

function deciding({ view, chain, context }: Where, pairs: readonly Pair[]): Diagnostic {
  const [first, ...rest] = pairs as [Pair, ...Pair[]];
  const { rule, number } = placed(chain, first.index);
  const others =
    rest.length === 0
      ? ""
      : `; ${count(rest.length, "more rule")} of the chain repeat${rest.length === 1 ? "s" : ""} an earlier one`;
  return finding({
    code: "rule/duplicate",
    severity: "warning",
    message: `rule ${number} of ${chainName(view, chain)} repeats rule ${first.by + 1}, which has taken every packet that it could match: ${quoteRule(rule, context.print)} never decides here${others}`,
    span: rule.span,
    hint: "remove it, or correct what should differ from the earlier rule",
    notes: [
      { message: `rule ${first.by + 1} says the same`, span: placed(chain, first.by).rule.span },
      ...rest.slice(0, MAX_NOTES).map(({ index, by }) => ({
        message: `rule ${index + 1} repeats rule ${by + 1}: ${quoteRule(placed(chain, index).rule, context.print)}`,
        span: placed(chain, index).rule.span,
      })),
    ],
  });
}

function jumping({ view, chain, context }: Where, pairs: readonly Pair[]): Diagnostic {
  const [first, ...rest] = pairs as [Pair, ...Pair[]];
  const { rule, number } = placed(chain, first.index);
  const others = rest.length === 0 ? "" : `; ${count(rest.length, "more jump")} likewise`;
  return finding({
    code: "rule/duplicate",
    severity: "warning",
    message: `rule ${number} of ${chainName(view, chain)} repeats rule ${first.by + 1}: ${quoteRule(rule, context.print)} sends packets a second time through rules that have not decided them the first time, and cannot now${others}`,
    span: rule.span,
    hint: "remove it",
    notes: [
      { message: `rule ${first.by + 1} says the same`, span: placed(chain, first.by).rule.span },
      ...rest.slice(0, MAX_NOTES).map(({ index, by }) => ({
        message: `rule ${index + 1} repeats rule ${by + 1}`,
        span: placed(chain, index).rule.span,
      })),
    ],
  });
}

/** Jumps that stand twice, to chains that answer a packet the same each time and leave it as it is. */
function repeatedJumps(view: TableView, chain: Chain, { print }: ReviewContext): readonly Pair[] {
  if (changesAnything(view.targets)) return [];
  const end = view.endings.finalIndex(chain);
  const seen = new Map<string, number>();
  const pairs: Pair[] = [];
  for (let index = 0; index < end; index++) {
    const rule = chain.rules[index] as Rule;
    if (rule.jump?.kind !== "jump" || view.endings.alwaysEnds(rule.jump.chain) || !asksTheSame(rule, view))
      continue;
    const text = ruleText(rule, print);
    const by = seen.get(text);
    if (by === undefined) seen.set(text, index);
    else if (isRepeatableChain(view, rule.jump.chain)) pairs.push({ index, by });
  }
  return pairs;
}

function asksTheSame({ matches }: Rule, { targets }: TableView): boolean {
  return matches.every((use) => !isOpaque(use) && (isAlwaysTrue(use) || isRepeatable(use, targets)));
}

/** Nothing in the chain or below depends on how often it is asked, or changes the packet. */
function isRepeatableChain(view: TableView, name: string): boolean {
  const depths = new Map([[name, 0]]);
  for (const [each, depth] of depths) {
    const chain = view.table.chains.get(each);
    if (chain === undefined || depth > MAX_DEPTH || chain.rules.length === 0) return false;
    for (const rule of chain.rules) {
      const { jump } = rule;
      if (!asksTheSame(rule, view)) return false;
      if (jump?.kind === "jump" || jump?.kind === "goto") {
        if (!depths.has(jump.chain)) depths.set(jump.chain, depth + 1);
      } else if (
        jump !== undefined &&
        !isDeciding(jump) &&
        !isReporting(jump) &&
        targetName(rule) !== "RETURN"
      )
        return false;
    }
  }
  return true;
}
