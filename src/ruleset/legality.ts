/**
 * What the kernel refuses of a ruleset whose every line was read: extensions in the wrong table, hook or protocol,
 * what their own checks refuse, and jumps that lead nowhere. Kernel: net/netfilter/x_tables.c, xt_check_match() and
 * xt_check_target().
 */
import type { Diagnostic, Span } from "../base/index.ts";
import { type Family, protocolName } from "../net/index.ts";
import type { AnyMatch, AnyTarget, Refusal, RulePlace } from "../xt/index.ts";
import { isOpaque, type Rule, type Ruleset, type Table } from "./model.ts";
import { jumpDiagnostics, reachingHooks } from "./reachability.ts";

export function legality(ruleset: Ruleset): readonly Diagnostic[] {
  return [...ruleset.tables.values()].flatMap((table) => tableLegality(table, ruleset.family));
}

function tableLegality(table: Table, family: Family): readonly Diagnostic[] {
  const diagnostics: Diagnostic[] = [...jumpDiagnostics(table)];
  const hooks = reachingHooks(table);
  for (const chain of table.chains.values()) {
    const reaching = hooks.get(chain.name) ?? [];
    for (const rule of chain.rules) ruleLegality(rule, { family, table: table.name, hooks: reaching, protocol: rule.header.protocol }, diagnostics);
  }
  return diagnostics;
}

/** Appends what the kernel refuses of one rule; cheap where there is nothing, since it runs for every rule. */
export function ruleLegality(rule: Rule, place: RulePlace, diagnostics: Diagnostic[]): void {
  for (const use of rule.matches) {
    if (!isOpaque(use)) report(use.extension, use.info, use.start, use.end, rule, place, diagnostics);
  }
  const jump = rule.jump;
  if (jump?.kind === "target") report(jump.extension, jump.info, jump.start, jump.end, rule, place, diagnostics);
}

function report(
  extension: AnyMatch | AnyTarget,
  info: unknown,
  start: number,
  end: number,
  rule: Rule,
  place: RulePlace,
  diagnostics: Diagnostic[],
): void {
  const refusal = placeRefusal(extension, place) ?? extension.check?.(info, place);
  if (refusal === undefined) return;
  const span: Span = { source: rule.span.source, start, end };
  const { code, message } = refusal;
  const hint = refusal.hint;
  diagnostics.push({ code, severity: "error", message: `${extension.name}: ${message}`, span, ...(hint === undefined ? {} : { hint }) });
}

type PlaceRefusal = Pick<Refusal, "code" | "message" | "hint">;

function placeRefusal(extension: AnyMatch | AnyTarget, { table, hooks, protocol }: RulePlace): PlaceRefusal | undefined {
  const { tables, protocols, hooks: legalHooks } = extension;
  if (tables !== undefined && !tables.includes(table)) {
    return { code: "xt/wrong-table", message: `works only in ${list("table", tables)}, not in ${table}`, hint: `move the rule to table ${tables[0]}` };
  }
  if (legalHooks !== undefined) {
    const wrong = hooks.filter((hook) => !legalHooks.includes(hook));
    if (wrong.length > 0) {
      return { code: "xt/wrong-hook", message: `works only in ${list("hook", legalHooks)}, and this rule is reached from ${wrong.join(", ")}`, hint: `put the rule where only ${legalHooks.join(", ")} leads` };
    }
  }
  if (protocols !== undefined && (protocol === undefined || protocol.invert || !protocols.includes(protocol.number))) {
    const names = protocols.map((number) => protocolName(number) ?? `${number}`);
    return { code: "xt/wrong-protocol", message: `needs ${names.map((name) => `-p ${name}`).join(" or ")}`, hint: `write -p ${names[0]} before it` };
  }
  return undefined;
}

function list(what: string, names: readonly string[]): string {
  return `${what}${names.length > 1 ? "s" : ""} ${names.join(", ")}`;
}
