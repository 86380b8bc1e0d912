/**
 * What the kernel refuses of a ruleset whose every line was read: extensions in the wrong table, hook or protocol,
 * what their own checks refuse, and jumps that lead nowhere. Kernel: net/netfilter/x_tables.c, xt_check_match() and
 * xt_check_target().
 */
import type { Diagnostic, Span } from "../base/index.ts";
import { type Family, protocolName } from "../net/index.ts";
import { type AnyMatch, type AnyTarget, Refusal, type RulePlace } from "../xt/index.ts";
import { isOpaque, type Rule, type Ruleset, type Table } from "./model.ts";
import { loopDiagnostics, reachingHooks } from "./reachability.ts";

export function legality(ruleset: Ruleset): readonly Diagnostic[] {
  const tables = [...ruleset.tables.values()];
  return [...tables.flatMap((table) => tableLegality(table, ruleset.family)), ...disagreements(tables)];
}

/** Rules of one name that ask for different things of what the kernel keeps once for all of them. */
function disagreements(tables: readonly Table[]): readonly Diagnostic[] {
  const known = new Map<string, string>();
  const diagnostics: Diagnostic[] = [];
  for (const { chains } of tables) {
    for (const { rules } of chains.values()) {
      for (const { jump, span } of rules) {
        if (jump?.kind !== "target" || jump.extension.shared === undefined) continue;
        const { name, options } = jump.extension.shared(jump.info);
        const key = `${jump.extension.name} ${name}`;
        const earlier = known.get(key);
        if (earlier === undefined) known.set(key, options);
        if (earlier === undefined || earlier === options) continue;
        diagnostics.push({
          code: "xt/conflicting-options",
          severity: "error",
          message: `${jump.extension.name}: an earlier rule made "${name}" with ${earlier}, this one says ${options}`,
          span: { source: span.source, start: jump.start, end: jump.end },
          hint: "write the same in both, or choose another name",
        });
      }
    }
  }
  return diagnostics;
}

function tableLegality(table: Table, family: Family): readonly Diagnostic[] {
  const diagnostics: Diagnostic[] = [...loopDiagnostics(table)];
  const hooks = reachingHooks(table);
  for (const chain of table.chains.values()) {
    const reaching = hooks.get(chain.name) ?? [];
    const builtin = chain.policy !== undefined;
    for (const rule of chain.rules) {
      const { protocol } = rule.header;
      ruleLegality(rule, { family, table: table.name, hooks: reaching, protocol, builtin }, diagnostics);
    }
  }
  return diagnostics;
}

interface ChainPlace extends RulePlace {
  /** The rule stands in a built-in chain itself. */
  readonly builtin: boolean;
}

/** Appends what the kernel refuses of one rule; cheap where there is nothing, since it runs for every rule. */
function ruleLegality(rule: Rule, place: ChainPlace, diagnostics: Diagnostic[]): void {
  for (const use of rule.matches) {
    if (!isOpaque(use)) report(use.extension, use.info, use.start, use.end, rule, place, diagnostics);
  }
  const jump = rule.jump;
  if (jump?.kind === "target")
    report(jump.extension, jump.info, jump.start, jump.end, rule, place, diagnostics);
}

function report(
  extension: AnyMatch | AnyTarget,
  info: unknown,
  start: number,
  end: number,
  rule: Rule,
  place: ChainPlace,
  diagnostics: Diagnostic[],
): void {
  const refusal = placeRefusal(extension, place) ?? extension.check?.(info, place);
  if (refusal === undefined) return;
  // iptables-nft runs an extension's own check only where the rule is written: in a user-defined chain it knows no
  // hook, and loads what the check would refuse.
  const loads =
    !place.builtin &&
    refusal instanceof Refusal &&
    extension.check?.(info, { ...place, hooks: [] }) === undefined;
  const span: Span = { source: rule.span.source, start, end };
  const { code, message } = refusal;
  const hint = refusal.hint;
  diagnostics.push({
    code,
    severity: loads ? "warning" : "error",
    message: `${extension.name}: ${message}${loads ? " (iptables-nft loads it all the same)" : ""}`,
    span,
    ...(hint === undefined ? {} : { hint }),
  });
}

/** Not a Refusal, which is what an extension itself says. */
type PlaceRefusal = Pick<Refusal, "code" | "message" | "hint">;

function placeRefusal(
  extension: AnyMatch | AnyTarget,
  { table, hooks, protocol }: RulePlace,
): PlaceRefusal | undefined {
  const { tables, protocols, hooks: legalHooks } = extension;
  if (tables !== undefined && !tables.includes(table)) {
    return {
      code: "xt/wrong-table",
      message: `works only in ${list("table", tables)}, not in ${table}`,
      hint: `move the rule to table ${tables[0]}`,
    };
  }
  if (legalHooks !== undefined) {
    const wrong = hooks.filter((hook) => !legalHooks.includes(hook));
    if (wrong.length > 0) {
      return {
        code: "xt/wrong-hook",
        message: `works only in ${list("hook", legalHooks)}, and this rule is reached from ${wrong.join(", ")}`,
        hint: `put the rule into a chain that only ${legalHooks.join(" or ")} leads to`,
      };
    }
  }
  if (
    protocols !== undefined &&
    (protocol === undefined || protocol.invert || !protocols.includes(protocol.number))
  ) {
    const names = protocols.map((number) => protocolName(number) ?? `${number}`);
    return {
      code: "xt/wrong-protocol",
      message: `needs ${names.map((name) => `-p ${name}`).join(" or ")}`,
      hint:
        protocol === undefined
          ? `write -p ${names[0]} before it`
          : `the rule has ${protocol.invert ? "! " : ""}-p ${protocolName(protocol.number) ?? protocol.number}: write -p ${names[0]} in its place, or remove ${extension.name}`,
    };
  }
  return undefined;
}

function list(what: string, names: readonly string[]): string {
  return `${what}${names.length > 1 ? "s" : ""} ${names.join(", ")}`;
}
