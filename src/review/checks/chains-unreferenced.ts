/** User-defined chains into which no packet can come, because no rule leads there. */
import { builtinHook } from "../../ruleset/index.ts";
import { type Check, finding } from "../check.ts";
import { count, enumerate } from "../rule-text.ts";

export const chainsUnreferenced: Check = {
  codes: ["chains/unreferenced"],
  title: "chains that no rule leads to",
  run: (_ruleset, { views }) =>
    [...views.values()].flatMap(({ table, hooks, jumpsTo }) =>
      [...table.chains.values()].flatMap((chain) => {
        if (builtinHook(table.name, chain.name) !== undefined || (hooks.get(chain.name) ?? []).length > 0)
          return [];
        const jumps = jumpsTo.get(chain.name) ?? [];
        const rules =
          chain.rules.length === 0
            ? "it has no rules"
            : `its ${count(chain.rules.length, "rule")} never run${chain.rules.length === 1 ? "s" : ""}`;
        if (jumps.length === 0) {
          return finding({
            code: "chains/unreferenced",
            severity: chain.rules.length === 0 ? "note" : "warning",
            message: `no rule of table ${table.name} jumps to chain "${chain.name}": ${rules}`,
            span: chain.span,
            hint: `jump to it where it is meant to act, "-A INPUT -j ${chain.name}" for example, or remove it`,
          });
        }
        const from = enumerate([...new Set(jumps.map((jump) => `"${jump.from.name}"`))].slice(0, 5));
        return finding({
          code: "chains/unreferenced",
          severity: "note",
          message: `only ${from} jump${from.includes(" and ") ? "" : "s"} to chain "${chain.name}", where no packet comes: ${rules}`,
          span: chain.span,
          notes: jumps.map(({ rule, from: source }) => ({
            message: `the jump in "${source.name}"`,
            span: rule.span,
          })),
        });
      }),
    ),
};
