/** Connection states that cannot be seen where a rule asks for them: in raw none, in nat only of first packets. */
import type { Diagnostic } from "../../base/index.ts";
import { isOpaque, type Rule } from "../../ruleset/index.ts";
import { CT_STATE } from "../../xt/ct-states.ts";
import type { CtInfo } from "../../xt/targets/ct.ts";
import {
  type Check,
  finding,
  likewise,
  liveChains,
  quotedNotes,
  type ReviewContext,
  type TableView,
} from "../check.ts";
import { targetName } from "../extension-facts.ts";
import { asksStates, isBlindInNat } from "../matches.ts";
import { quoteRule } from "../rule-text.ts";

const OF_TRACKED = CT_STATE.NEW | CT_STATE.ESTABLISHED | CT_STATE.RELATED;

export const pathConntrack: Check = {
  codes: ["path/before-conntrack", "path/first-packet-only"],
  title: "connection states that raw and nat do not see",
  run: (_ruleset, context) => [...inRaw(context), ...inNat(context)],
};

function inRaw(context: ReviewContext): readonly Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  for (const { view, chain, rules } of liveChains(context, ["raw"])) {
    if (attachesTemplates(view)) return [];
    const never = rules.filter(
      (rule) => asksStates(rule, (states) => (states & ~OF_TRACKED) === 0) || rule.matches.some(needsEntry),
    );
    const always = rules.filter((rule) => asksStates(rule, (states) => (states & CT_STATE.INVALID) !== 0));
    const report = (found: readonly Rule[], effect: string): void => {
      const [first] = found;
      if (first === undefined) return;
      diagnostics.push(
        finding({
          code: "path/before-conntrack",
          severity: "warning",
          message: `${quoteRule(first, context.print)} asks for the connection in table raw, which runs before connection tracking: ${effect}${likewise(found.length - 1, chain)}`,
          span: first.span,
          hint: "move the rule to table mangle or filter, which run after it",
          notes: quotedNotes(found.slice(1), context.print),
        }),
      );
    };
    report(never, "apart from packets on lo the rule never matches");
    report(always, "every packet is INVALID there, but for packets on lo and untracked ones");
  }
  return diagnostics;
}

/** `CT --zone` and the like attach an entry of a kind, whose state later rules of raw see. */
function attachesTemplates({ table }: TableView): boolean {
  return [...table.chains.values()].some(({ rules }) =>
    rules.some(
      ({ jump }) =>
        jump?.kind === "opaque" ||
        (jump?.kind === "target" && jump.extension.name === "CT" && !(jump.info as CtInfo).notrack),
    ),
  );
}

/** Tests that fail without an entry, whatever they ask. Kernel: connmark_mt(), connbytes_mt(). */
function needsEntry(use: Rule["matches"][number]): boolean {
  return !isOpaque(use) && (use.extension.name === "connmark" || use.extension.name === "connbytes");
}

function inNat(context: ReviewContext): readonly Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  for (const { chain, rules } of liveChains(context, ["nat"])) {
    const never = rules.filter(isBlindInNat);
    const [first] = never;
    if (first === undefined) continue;
    const returns =
      targetName(first) === "RETURN" || targetName(first) === "ACCEPT"
        ? "later packets of a connection follow its first one without any rule"
        : "nat is asked for the first packet of a connection only, which is NEW or RELATED";
    diagnostics.push(
      finding({
        code: "path/first-packet-only",
        severity: "warning",
        message: `${quoteRule(first, context.print)} never matches in table nat: ${returns}${likewise(never.length - 1, chain)}`,
        span: first.span,
        hint: "remove the rule, or leave the state out",
        notes: quotedNotes(never.slice(1), context.print),
      }),
    );
  }
  return diagnostics;
}
