/** What leaves a match's `symbolic` open, over the rules that its case file accepts. */
import { unknowns } from "../../src/pktset/index.ts";
import { builtinHook, isOpaque } from "../../src/ruleset/index.ts";
import type { AnyMatch } from "../../src/xt/index.ts";
import { usesOf } from "./accepted-rules.ts";
import { stubContext } from "./stub-machine.ts";

/** The reasons of all unknowns on a host that knows its sets, routes and groups; empty: exact. */
export function openQuestions(match: AnyMatch): ReadonlySet<string> {
  return new Set(
    usesOf(match).flatMap(({ rule, family, table, chain }) => {
      const context = stubContext(family, "nft", builtinHook(table, chain));
      return rule.matches.flatMap((use) =>
        isOpaque(use) || use.extension !== match ? [] : unknowns(match.symbolic(use.info, context)),
      );
    }),
  );
}
