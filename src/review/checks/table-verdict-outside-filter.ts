/** Filtering outside table filter: DROP in raw or mangle, and policies that drop. */
import type { Diagnostic } from "../../base/index.ts";
import { isOpaque, type Rule } from "../../ruleset/index.ts";
import type { TableName } from "../../xt/index.ts";
import { type Check, finding, liveChains, quotedNotes, type ReviewContext } from "../check.ts";
import { targetName } from "../extension-facts.ts";
import { count, quoteRule } from "../rule-text.ts";

/** The table's own work, and what is particular about packets that are dropped there. */
const WORK: Readonly<Partial<Record<TableName, string>>> = {
  raw: "raw is for exempting packets from connection tracking; a drop here comes before tracking and before every table, so neither state nor the other rules can save the packet",
  mangle: "mangle is for changing packets; whoever reads table filter alone takes these packets for accepted",
};

export const tableVerdictOutsideFilter: Check = {
  codes: ["table/verdict-outside-filter", "table/filtering-in-nat"],
  title: "verdicts outside table filter",
  run: (_ruleset, context) => [...drops(context), ...policies(context)],
};

function drops(context: ReviewContext): readonly Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  for (const { view, chain, rules } of liveChains(context, ["raw", "mangle"])) {
    const dropping = rules.filter((rule) => targetName(rule) === "DROP" && !belongsHere(rule));
    const [first] = dropping;
    if (first === undefined) continue;
    const table = view.table.name;
    const others =
      dropping.length === 1 ? "" : `, and so do ${count(dropping.length - 1, "more rule")} of ${chain.name}`;
    diagnostics.push(
      finding({
        code: "table/verdict-outside-filter",
        severity: table === "raw" ? "note" : "warning",
        message: `${quoteRule(first, context.print)} drops in table ${table}${others}: ${WORK[table]}`,
        span: first.span,
        hint: "drop in table filter; if it must come this early (floods, spoofed sources), say so in a comment",
        notes: quotedNotes(dropping.slice(1), context.print),
      }),
    );
  }
  return diagnostics;
}

/** `rpfilter` exists only in raw and mangle, so that what fails it can only be dropped there. */
function belongsHere(rule: Rule): boolean {
  return rule.matches.some((use) => !isOpaque(use) && use.extension.name === "rpfilter");
}

function policies({ views }: ReviewContext): readonly Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  for (const { table, endings } of views.values()) {
    if (table.name === "filter" || table.name === "security") continue;
    for (const chain of table.chains.values()) {
      if (chain.policy !== "DROP" || endings.alwaysEnds(chain.name)) continue;
      const nat = table.name === "nat";
      diagnostics.push(
        finding({
          code: nat ? "table/filtering-in-nat" : "table/verdict-outside-filter",
          severity: "warning",
          message: nat
            ? `policy DROP of ${chain.name} in table nat filters by halves: nat sees only the first packet of a connection, and never packets that tracking calls INVALID or leaves out`
            : `policy DROP of ${chain.name} in table ${table.name} drops every packet that no rule there accepts: ${WORK[table.name] ?? "filtering is the work of table filter"}`,
          span: chain.span,
          hint: `write ":${chain.name} ACCEPT [0:0]" and drop in table filter`,
        }),
      );
    }
  }
  return diagnostics;
}
