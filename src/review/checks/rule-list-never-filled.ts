/** `recent` tests of lists that no rule puts an address into. */
import type { Diagnostic } from "../../base/index.ts";
import { isOpaque, type MatchUse, type Ruleset } from "../../ruleset/index.ts";
import type { RecentInfo } from "../../xt/matches/recent.ts";
import { type Check, finding } from "../check.ts";

export const ruleListNeverFilled: Check = {
  codes: ["rule/list-never-filled"],
  title: "tests of `recent` lists into which no rule puts an address",
  run: (ruleset) => {
    const filled = new Set<string>();
    for (const { info } of recentUses(ruleset)) if (info.operation === "--set") filled.add(info.name);
    const diagnostics: Diagnostic[] = [];
    for (const { info, use, source } of recentUses(ruleset)) {
      const { operation, name, invert } = info;
      if ((operation !== "--rcheck" && operation !== "--update") || filled.has(name)) continue;
      diagnostics.push(
        finding({
          code: "rule/list-never-filled",
          severity: "warning",
          message: `no rule puts an address into the list "${name}", so that ${operation} ${invert ? "always" : "never"} matches`,
          span: { source, start: use.start, end: use.end },
          hint: `correct the name${filled.size > 0 ? ` (there is ${[...filled].join(", ")})` : ""}, or add a rule with -m recent --set --name ${name}`,
        }),
      );
    }
    return diagnostics;
  },
};

interface RecentUse {
  readonly info: RecentInfo;
  readonly use: MatchUse;
  readonly source: string;
}

function* recentUses({ tables }: Ruleset): Generator<RecentUse> {
  for (const { chains } of tables.values())
    for (const { rules } of chains.values())
      for (const { matches, span } of rules)
        for (const use of matches)
          if (!isOpaque(use) && use.extension.name === "recent")
            yield { info: use.info as RecentInfo, use, source: span.source };
}
