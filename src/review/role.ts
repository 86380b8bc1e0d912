/** What the host is for, guessed from its rules: whether packets pass through it, or end there. */
import type { Rule, Ruleset, Table } from "../ruleset/index.ts";
import { reachingHooks } from "../ruleset/index.ts";
import { isDeciding, isRefusing, targetName } from "./extension-facts.ts";
import { excludesNew, isUnconditional } from "./matches.ts";
import { count } from "./rule-text.ts";

export type Role = "gateway" | "service-host" | "unknown";

export interface RoleGuess {
  readonly role: Role;
  /** The evidence, as the end of a sentence: "12 rules of FORWARD let connections through". */
  readonly because: string;
}

const SOURCE_TRANSLATION: ReadonlySet<string> = new Set(["SNAT", "MASQUERADE", "NETMAP"]);
const ICMP = 1;
const ICMPV6 = 58;

export function guessRole(ruleset: Ruleset): RoleGuess {
  const forwarding = forwardingEvidence(ruleset);
  if (forwarding.length > 0) return { role: "gateway", because: forwarding.join("; ") };
  const filter = ruleset.tables.get("filter");
  const input = filter?.chains.get("INPUT");
  if (filter === undefined || input === undefined)
    return { role: "unknown", because: "there is no table filter" };
  if (input.rules.length === 0 && input.policy !== "DROP")
    return { role: "unknown", because: "INPUT has no rules and no rule forwards" };
  const rules =
    input.rules.length === 0 ? "INPUT drops by policy" : `INPUT has ${count(input.rules.length, "rule")}`;
  return { role: "service-host", because: `${rules}, and none lets connections through FORWARD` };
}

/**
 * Connections let through FORWARD, or translated on their way out, or sent on to another host. Answers and ICMP do
 * not count: ufw and others let them through FORWARD on every host.
 */
function forwardingEvidence({ tables }: Ruleset): readonly string[] {
  const evidence: string[] = [];
  const filter = tables.get("filter");
  if (filter !== undefined) {
    const lets = countRules(filter, "FORWARD", opensConnections);
    if (lets > 0)
      evidence.push(`${count(lets, "rule")} let${lets === 1 ? "s" : ""} connections through FORWARD`);
    else if (isDenylist(filter)) evidence.push("FORWARD accepts by policy and refuses only some");
  }
  const nat = tables.get("nat");
  if (nat !== undefined) {
    const translated = countRules(nat, "POSTROUTING", (rule) =>
      SOURCE_TRANSLATION.has(targetName(rule) ?? ""),
    );
    if (translated > 0)
      evidence.push(
        `${count(translated, "rule")} of table nat translate${translated === 1 ? "s" : ""} sources on the way out`,
      );
    const published = countRules(nat, "PREROUTING", (rule) => targetName(rule) === "DNAT");
    if (published > 0)
      evidence.push(
        `${count(published, "rule")} of table nat send${published === 1 ? "s" : ""} connections on by DNAT`,
      );
  }
  return evidence;
}

function countRules(
  table: Table,
  hook: "FORWARD" | "POSTROUTING" | "PREROUTING",
  wanted: (rule: Rule) => boolean,
): number {
  const hooks = reachingHooks(table);
  let found = 0;
  for (const chain of table.chains.values()) {
    if (!hooks.get(chain.name)?.includes(hook)) continue;
    for (const rule of chain.rules) if (wanted(rule)) found++;
  }
  return found;
}

function opensConnections(rule: Rule): boolean {
  if (targetName(rule) !== "ACCEPT" || excludesNew(rule)) return false;
  const { protocol, inInterface, outInterface } = rule.header;
  if (inInterface?.name === "lo" || outInterface?.name === "lo") return false;
  return (
    protocol === undefined || protocol.invert || (protocol.number !== ICMP && protocol.number !== ICMPV6)
  );
}

function isDenylist(filter: Table): boolean {
  const forward = filter.chains.get("FORWARD");
  if (forward?.policy !== "ACCEPT" || !forward.policyStated) return false;
  const refusing = forward.rules.filter((rule) => isRefusing(rule.jump));
  return (
    refusing.length > 0 &&
    refusing.every((rule) => !isUnconditional(rule)) &&
    !forward.rules.some((rule) => isDeciding(rule.jump) && isUnconditional(rule))
  );
}
