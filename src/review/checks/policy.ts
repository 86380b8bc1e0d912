/** Policies of table filter's built-in chains: stated, and fitting the host's role. */
import type { Diagnostic } from "../../base/index.ts";
import type { Chain } from "../../ruleset/index.ts";
import type { Hook } from "../../xt/index.ts";
import { type Check, finding, type ReviewContext, type TableView } from "../check.ts";
import { isRefusing } from "../extension-facts.ts";
import { excludesNew } from "../matches.ts";
import { count, enumerate } from "../rule-text.ts";

export const policy: Check = {
  codes: ["policy/not-stated", "policy/open", "policy/forward-on-service-host"],
  title: "policies of INPUT, FORWARD and OUTPUT that are not stated, or open",
  run: (_ruleset, context) => {
    const view = context.views.get("filter");
    return view === undefined ? [] : [...notStated(view), ...openInput(view), ...openForward(view, context)];
  },
};

function notStated(view: TableView): readonly Diagnostic[] {
  // A chain that decides every packet itself never comes to its policy.
  const missing = [...view.table.chains.values()].filter(
    (chain) => chain.policy !== undefined && !chain.policyStated && !view.endings.alwaysEnds(chain.name),
  );
  const [first] = missing;
  if (first === undefined) return [];
  const one = missing.length === 1;
  const names = missing.map(({ name }) => name);
  const lines = names.map((name) => `":${name} ${name === "OUTPUT" ? "ACCEPT" : "DROP"} [0:0]"`);
  return [
    finding({
      code: "policy/not-stated",
      severity: names.some((name) => name !== "OUTPUT") ? "warning" : "note",
      message: `nothing states the ${one ? "policy" : "policies"} of ${enumerate(names)}: iptables-nft then makes ${one ? "it" : "them"} ACCEPT, iptables-legacy leaves what the host has`,
      span: first.span,
      hint: `write ${enumerate(lines)}, whichever policy is meant`,
    }),
  ];
}

/** The chain, if packets come to its policy and the policy lets them all through. */
function openChain(view: TableView, hook: Hook): Chain | undefined {
  const chain = view.table.chains.get(hook);
  return chain?.policy === "ACCEPT" &&
    chain.policyStated &&
    !view.endings.alwaysEnds(hook) &&
    !endsInAccept(view, chain)
    ? chain
    : undefined;
}

/** An unconditional ACCEPT ends the chain; that rule is the thing to report, not the policy behind it. */
function endsInAccept(view: TableView, chain: Chain): boolean {
  const final = chain.rules[view.endings.finalIndex(chain)];
  return final?.jump?.kind === "target" && final.jump.extension.name === "ACCEPT";
}

function openInput(view: TableView): readonly Diagnostic[] {
  const chain = openChain(view, "INPUT");
  if (chain === undefined) return [];
  return [
    finding({
      code: "policy/open",
      severity: "warning",
      message: `INPUT accepts by policy: ${reachOf(chain, "every port of this host is open to whoever can send to it")}`,
      span: chain.span,
      hint: closeHint(chain),
    }),
  ];
}

function openForward(view: TableView, { role }: ReviewContext): readonly Diagnostic[] {
  const chain = openChain(view, "FORWARD");
  if (chain === undefined) return [];
  if (role.role === "service-host") {
    return [
      finding({
        code: "policy/forward-on-service-host",
        severity: "note",
        message:
          "FORWARD accepts by policy, and no rule of this host lets connections through it: as soon as something turns on ip_forward (a container engine, a VPN), the host routes for everyone",
        span: chain.span,
        hint: 'write ":FORWARD DROP [0:0]"',
      }),
    ];
  }
  return [
    finding({
      code: "policy/open",
      severity: role.role === "gateway" ? "warning" : "note",
      message: `FORWARD accepts by policy${role.role === "gateway" ? " on a gateway" : ""}: ${reachOf(chain, "whatever is routed here passes, in every direction")}`,
      span: chain.span,
      hint: closeHint(chain),
    }),
  ];
}

function reachOf(chain: Chain, consequence: string): string {
  const refusing = chain.rules.filter((rule) => isRefusing(rule.jump)).length;
  const calls = chain.rules.some(({ jump }) => jump?.kind === "jump" || jump?.kind === "goto");
  const refused =
    refusing > 0
      ? `apart from what ${refusing} of its ${count(chain.rules.length, "rule")} refuse${refusing === 1 ? "s" : ""}, `
      : calls
        ? "apart from what the chains that it calls refuse, "
        : "";
  const passed = chain.counters?.packets ?? 0n;
  return `${refused}${consequence}${passed > 0n ? `; the policy's counter stands at ${passed} packet${passed === 1n ? "" : "s"}` : ""}`;
}

function closeHint(chain: Chain): string {
  const answers = chain.rules.some(
    (rule) => rule.jump?.kind === "target" && rule.jump.extension.name === "ACCEPT" && excludesNew(rule),
  );
  const first = answers
    ? "accept by rules what is wanted"
    : `accept answers first, "-A ${chain.name} -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT", and what is wanted`;
  return `${first}; then write ":${chain.name} DROP [0:0]"`;
}
