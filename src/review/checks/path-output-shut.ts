/** A host that takes packets in and lets none out: not even the answers to what it accepts. */
import { admittingRules, isLoopbackOnly } from "../admits.ts";
import { type Check, finding } from "../check.ts";

export const pathOutputShut: Check = {
  codes: ["path/output-shut"],
  title: "an OUTPUT that lets nothing out, beside an INPUT that accepts",
  run: (_ruleset, { views }) => {
    const view = views.get("filter");
    const output = view?.table.chains.get("OUTPUT");
    if (view === undefined || output?.policy !== "DROP") return [];
    const [out] = admittingRules(view, "OUTPUT");
    // A host that is shut in both directions is meant to be.
    const accepted = [...admittingRules(view, "INPUT")].find((rule) => !isLoopbackOnly(rule));
    if (out !== undefined || accepted === undefined) return [];
    return [
      finding({
        code: "path/output-shut",
        severity: "warning",
        message:
          "OUTPUT drops by policy and no rule lets anything out: not even answers to what INPUT accepts, nor what the host sends to itself",
        span: output.span,
        hint: "accept what may leave, answers first: -A OUTPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT",
        notes: [{ message: "a rule of INPUT that accepts", span: accepted.span }],
      }),
    ];
  },
};
