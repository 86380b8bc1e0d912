/** MASQUERADE of everything that leaves, by whichever interface. */
import { type Check, finding } from "../check.ts";
import { targetName } from "../extension-facts.ts";
import { isUnconditional } from "../matches.ts";

export const natMasqueradeEverywhere: Check = {
  codes: ["nat/masquerade-everywhere"],
  title: "MASQUERADE without a condition",
  run: (_ruleset, { views, role }) => {
    const view = views.get("nat");
    const chain = view?.table.chains.get("POSTROUTING");
    if (view === undefined || chain === undefined || role.role !== "gateway") return [];
    const index = chain.rules.findIndex((rule) => targetName(rule) === "MASQUERADE" && isUnconditional(rule));
    const rule = chain.rules[index];
    // A rule in front that takes packets away may be the condition.
    if (rule === undefined || chain.rules.slice(0, index).some((each) => each.jump !== undefined)) return [];
    return [
      finding({
        code: "nat/masquerade-everywhere",
        severity: "note",
        message:
          "every connection gets the host's own address, whichever way it leaves: also those that come in to hosts behind it, which then see this host for every sender",
        span: rule.span,
        hint: "name the interface to the outside: -A POSTROUTING -o eth0 -j MASQUERADE",
      }),
    ];
  },
};
