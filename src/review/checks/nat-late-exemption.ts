/** Exemptions from translation that stand behind rules which have translated part of the packets already. */
import type { Diagnostic } from "../../base/index.ts";
import type { Rule } from "../../ruleset/index.ts";
import { builtinHook } from "../../ruleset/index.ts";
import {
  type Check,
  chainName,
  finding,
  type LiveChain,
  liveChains,
  placed,
  type ReviewContext,
} from "../check.ts";
import { isDeciding, targetName } from "../extension-facts.ts";
import { headerCovers, headersDisjoint, isHost } from "../headers.ts";
import { isUnconditional } from "../matches.ts";
import { enumerate, quoteRule } from "../rule-text.ts";

/** In a chain with more rules the order is rarely a matter of exemptions, and comparing all pairs would be slow. */
const MAX_RULES = 200;

export const natLateExemption: Check = {
  codes: ["nat/late-exemption"],
  title: "exemptions from NAT behind the rules that they should precede",
  run: (_ruleset, context) => {
    const diagnostics: Diagnostic[] = [];
    for (const live of liveChains(context, ["nat"])) {
      if (live.rules.length > MAX_RULES || builtinHook("nat", live.chain.name) === undefined) continue;
      diagnostics.push(...lateIn(live, context));
    }
    return diagnostics;
  },
};

/** An exemption, the translations in front that take some of its packets, the rules behind from which it keeps some. */
interface Late {
  readonly index: number;
  readonly front: readonly number[];
  readonly behind: readonly number[];
}

function lateIn({ view, chain, rules }: LiveChain, { print }: ReviewContext): readonly Diagnostic[] {
  const dead = new Set(view.covered(chain).map(({ index }) => index));
  const found: Late[] = [];
  for (const [index, rule] of rules.entries()) {
    if (dead.has(index) || !exempts(rule) || isUnconditional(rule) || rule.matches.length > 0) continue;
    const meets = (other: number): boolean =>
      !dead.has(other) && !headersDisjoint((rules[other] as Rule).header, rule.header);
    const indexes = rules.map((_, at) => at);
    const front = indexes.filter(
      (at) =>
        at < index && translates(rules[at] as Rule) && (rules[at] as Rule).matches.length === 0 && meets(at),
    );
    const behind = indexes.filter(
      (at) =>
        at > index && !exempts(rules[at] as Rule) && (rules[at] as Rule).jump !== undefined && meets(at),
    );
    // Whoever translates particular packets first and exempts the rest from a general rule behind means it so.
    if (
      front.length === 0 ||
      behind.some(
        (at) => !isParticular(rules[at] as Rule) || headerCovers((rules[at] as Rule).header, rule.header),
      )
    )
      continue;
    if (front.every((at) => isParticular(rules[at] as Rule))) continue;
    found.push({ index, front, behind });
  }
  const groups = Map.groupBy(found, ({ front, behind }) => `${front.join()} ${behind.join()}`);
  return [...groups.values()].map((group) => {
    const [{ index, front, behind }, ...rest] = group as [Late, ...Late[]];
    const { rule } = placed(chain, index);
    const names = group.map((each) => quoteRule(placed(chain, each.index).rule, print));
    const keeps =
      behind.length === 0
        ? "no rule behind would translate them"
        : `of the rules behind only ${enumerate(behind.map((at) => `rule ${at + 1}, ${quoteRule(placed(chain, at).rule, print)},`))} would translate any of them`;
    return finding({
      code: "nat/late-exemption",
      severity: "note",
      message: `${enumerate(names)} exempt${rest.length === 0 ? "s" : ""} packets from translation in ${chainName(view, chain)}, but ${front.length === 1 ? "a rule" : "rules"} in front ${front.length === 1 ? "has" : "have"} translated part of them, and ${keeps}`,
      span: rule.span,
      hint: `if the exemption is meant for all of these packets, put it in front of rule ${(front[0] as number) + 1}; if not, it is hardly needed`,
      notes: front.map((at) => ({
        message: `rule ${at + 1}, ${quoteRule(placed(chain, at).rule, print)}, comes first`,
        span: placed(chain, at).rule.span,
      })),
    });
  });
}

function exempts(rule: Rule): boolean {
  return targetName(rule) === "RETURN" || targetName(rule) === "ACCEPT";
}

function translates(rule: Rule): boolean {
  return isDeciding(rule.jump) && !exempts(rule);
}

/** One host or one service, such as nobody would take for the general rule. */
function isParticular({ header, matches }: Rule): boolean {
  return (
    isHost(header.source) ||
    isHost(header.destination) ||
    (header.protocol !== undefined && !header.protocol.invert && matches.length > 0)
  );
}
