/** Packet marks set outside table mangle, where they come too late, or for one packet of many. */
import type { Diagnostic } from "../../base/index.ts";
import { isOpaque, type Rule, type Table } from "../../ruleset/index.ts";
import type { Hook, TableName } from "../../xt/index.ts";
import type { Masked } from "../../xt/masked.ts";
import type { ConnmarkInfo } from "../../xt/targets/connmark.ts";
import { type Check, finding, liveChains, quotedNotes } from "../check.ts";
import { targetName } from "../extension-facts.ts";
import { count, quoteRule } from "../rule-text.ts";

export const tableMarkOutsideMangle: Check = {
  codes: ["table/mark-outside-mangle"],
  title: "marks set outside table mangle",
  run: (ruleset, context) => {
    const read = new Map([...ruleset.tables].map(([name, table]) => [name, readBits(table)]));
    const diagnostics: Diagnostic[] = [];
    for (const { view, chain, hooks, rules } of liveChains(context, ["nat", "filter", "raw", "security"])) {
      const table = view.table.name;
      const setting = rules.filter((rule) => {
        const bits = markedBits(rule);
        return bits !== 0 && !isReadLater({ read, table, bits });
      });
      const [first] = setting;
      const why = consequence(table, hooks);
      if (first === undefined || why === undefined) continue;
      const others =
        setting.length === 1 ? "" : `, as do ${count(setting.length - 1, "more rule")} of ${chain.name}`;
      diagnostics.push(
        finding({
          code: "table/mark-outside-mangle",
          severity: "warning",
          message: `${quoteRule(first, context.print)} sets the packet's mark in table ${table}${others}: ${why}`,
          span: first.span,
          hint: `set the mark in table mangle, ${hooks.includes("OUTPUT") ? "OUTPUT" : "PREROUTING"}${table === "nat" ? "; keep it for a whole connection with CONNMARK --save-mark and --restore-mark" : ""}`,
          notes: quotedNotes(setting.slice(1), context.print),
        }),
      );
    }
    return diagnostics;
  },
};

/** Bits of the packet's mark that a rule may change; 0 if it leaves the mark alone. */
function markedBits(rule: Rule): number {
  if (rule.jump?.kind !== "target") return 0;
  const { info } = rule.jump;
  switch (targetName(rule)) {
    case "MARK":
      return ((info as Masked).value | (info as Masked).mask) >>> 0;
    case "CONNMARK":
      return (info as ConnmarkInfo).action === "restore" ? 0xffffffff : 0;
    default:
      return 0;
  }
}

interface Setting {
  /** Bits that each table reads. */
  readonly read: ReadonlyMap<TableName, number>;
  readonly table: TableName;
  readonly bits: number;
}

/** Tables of which a chain at the same hook, or a later one, sees a mark that `table` sets. */
const READERS: Readonly<Partial<Record<TableName, readonly TableName[]>>> = {
  raw: ["raw", "mangle", "nat", "filter", "security"],
  nat: ["nat", "filter", "security", "mangle"],
  filter: ["filter", "security", "nat", "mangle"],
  security: ["security", "nat", "mangle"],
};

/** Some rule asks for one of the bits, or saves the mark, so that setting it here may well be right. */
function isReadLater({ read, table, bits }: Setting): boolean {
  return (READERS[table] ?? []).some((name) => ((read.get(name) ?? 0) & bits) !== 0);
}

/** Bits of the mark that a table tests or saves. */
function readBits(table: Table): number {
  let bits = 0;
  for (const { rules } of table.chains.values()) {
    for (const rule of rules) {
      for (const use of rule.matches) {
        // An unknown match may read the mark, and so may a program of bpf.
        if (isOpaque(use) || use.extension.name === "bpf") return ~0;
        if (use.extension.name === "mark") bits |= (use.info as Masked).mask;
      }
      if (rule.jump?.kind === "opaque") return ~0;
      if (targetName(rule) === "CONNMARK") bits |= ~0;
    }
  }
  return bits;
}

/** What is lost; undefined where nothing certain is. */
function consequence(table: TableName, hooks: readonly Hook[]): string | undefined {
  if (table === "nat")
    return "nat sees only the first packet of a connection, so all others go without the mark";
  if (table === "raw") {
    return hooks.every((hook) => hook === "OUTPUT")
      ? "the route is already chosen, and only a mark that mangle OUTPUT changes makes the kernel choose again"
      : undefined;
  }
  if (hooks.every((hook) => hook === "INPUT"))
    return "the packet has arrived, no route is chosen for it any more, and no later rule reads the mark";
  return "the route is already chosen, so ip rule fwmark does not see it, and no later rule reads the mark; only tc and ipsec could";
}
