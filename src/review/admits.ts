/** Which rules may let a packet through at a hook: for checks that say of a whole hook that something cannot pass. */
import { isOpaque, type Rule } from "../ruleset/index.ts";
import type { Hook } from "../xt/index.ts";
import type { TableView } from "./check.ts";
import { isRefusing, isReporting, targetName } from "./extension-facts.ts";

/** Rules that a hook comes to and that may end in letting a packet through; whatever is not known may. */
export function* admittingRules({ table, hooks }: TableView, hook: Hook): Generator<Rule> {
  for (const chain of table.chains.values()) {
    if (!hooks.get(chain.name)?.includes(hook)) continue;
    for (const rule of chain.rules) {
      const { jump } = rule;
      // What a jump leads to is among these chains itself.
      if (jump === undefined || jump.kind === "jump" || jump.kind === "goto") continue;
      if (isRefusing(jump) || isReporting(jump) || targetName(rule) === "RETURN") continue;
      yield rule;
    }
  }
}

/** Only packets that the host sends to itself pass the test. */
export function isLoopbackOnly({ header: { inInterface, outInterface } }: Rule): boolean {
  return [inInterface, outInterface].some((test) => test?.name === "lo" && !test.invert);
}

/** The rule has an extension of which nothing is known. */
export function hasOpaque({ matches, jump }: Rule): boolean {
  return jump?.kind === "opaque" || matches.some(isOpaque);
}
