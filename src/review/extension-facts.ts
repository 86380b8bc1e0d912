/**
 * What the checks need to know of extensions by name: which targets end a traversal, which tests give one packet
 * one answer however often they are asked, which targets change what tests look at. An extension that is not
 * listed is taken to do anything, so that no claim rests on it.
 */
import {
  isOpaque,
  type Jump,
  type MatchUse,
  type OpaqueUse,
  type Rule,
  type Table,
} from "../ruleset/index.ts";
import type { ConntrackInfo } from "../xt/matches/conntrack.ts";
import type { SetMatchInfo } from "../xt/matches/set.ts";
import type { TcpInfo } from "../xt/matches/tcp.ts";

/** Targets after which the table is done with the packet. Kernel: what each target function returns. */
const DECIDING: ReadonlySet<string> = new Set([
  "ACCEPT",
  "DNAT",
  "DROP",
  "MASQUERADE",
  "NETMAP",
  "NFQUEUE",
  "QUEUE",
  "REDIRECT",
  "REJECT",
  "SNAT",
  "TPROXY",
]);

/** Targets that always return XT_CONTINUE and change nothing that a test could see. */
const REPORTING: ReadonlySet<string> = new Set(["AUDIT", "LED", "LOG", "NFLOG", "TRACE", "ULOG"]);

/** Tests of what no target changes. */
const CONSTANT: ReadonlySet<string> = new Set([
  "addrtype",
  "ah",
  "cgroup",
  "comment",
  "dccp",
  "devgroup",
  "dst",
  "esp",
  "eui64",
  "frag",
  "hbh",
  "icmp",
  "icmp6",
  "iprange",
  "ipv6header",
  "mac",
  "mh",
  "multiport",
  "owner",
  "physdev",
  "pkttype",
  "policy",
  "realm",
  "rt",
  "sctp",
  "tcp",
  "udp",
  "udplite",
]);

/** Targets that change the packet's mark and let it go on; SET does with --map-mark. */
const MARKING: readonly string[] = ["CONNMARK", "HMARK", "MARK", "SET"];

/** Tests of what a target can change in passing, and the targets that do. */
const CHANGED_BY: ReadonlyMap<string, readonly string[]> = new Map([
  ["conntrack", ["CT", "NOTRACK"]],
  ["state", ["CT", "NOTRACK"]],
  ["helper", ["CT", "NOTRACK"]],
  ["connmark", ["CONNMARK", "CT", "NOTRACK"]],
  ["mark", MARKING],
  ["dscp", ["DSCP", "TOS"]],
  ["tos", ["DSCP", "ECN", "TOS"]],
  ["ecn", ["ECN", "TOS"]],
  ["hl", ["HL"]],
  ["length", ["TCPMSS", "TCPOPTSTRIP"]],
  // It looks up a route with the packet's TOS, and under --validmark with its mark.
  ["rpfilter", [...MARKING, "DSCP", "TOS"]],
  ["ttl", ["TTL"]],
  ["set", ["SET"]],
  ["tcpmss", ["TCPMSS", "TCPOPTSTRIP"]],
]);

/** Targets that rewrite addresses and let the packet go on, so that the same rule may see another packet. */
const READDRESSING: readonly string[] = ["DNPT", "SNPT"];

/** Tests that let through a limited share of the packets. */
const LIMITING: ReadonlySet<string> = new Set([
  "connlimit",
  "hashlimit",
  "limit",
  "quota",
  "rateest",
  "recent",
  "statistic",
]);

/** Upper-case names of the targets that a rule jumps to; undefined for chains and rules without target. */
export function targetName(rule: Rule): string | undefined {
  return rule.jump?.kind === "target" ? rule.jump.extension.name : undefined;
}

/** The table is done with a packet that this target gets. RETURN is none of these: it leaves a chain. */
export function isDeciding(jump: Jump | undefined): boolean {
  return jump?.kind === "target" && DECIDING.has(jump.extension.name);
}

/** The target only reports: the packet goes on as it was. */
export function isReporting(jump: Jump | undefined): boolean {
  return jump?.kind === "target" && REPORTING.has(jump.extension.name);
}

export function isRefusing(jump: Jump | undefined): boolean {
  return jump?.kind === "target" && (jump.extension.name === "DROP" || jump.extension.name === "REJECT");
}

export function isLimiting(rule: Rule): boolean {
  return rule.matches.some((use) => isOpaque(use) || LIMITING.has(use.extension.name));
}

/** Names of the targets that a table uses; "?" stands for unknown ones. */
export function targetsOf(table: Table): ReadonlySet<string> {
  const names = new Set<string>();
  for (const chain of table.chains.values()) {
    for (const { jump } of chain.rules) {
      if (jump?.kind === "target") names.add(jump.extension.name);
      else if (jump?.kind === "opaque") names.add("?");
    }
  }
  return names;
}

/**
 * Whether a test answers one packet the same wherever in the table it stands; `targets` are those that the table
 * uses. `limit`, `recent` and the like never do.
 */
export function isRepeatable(use: MatchUse | OpaqueUse, targets: ReadonlySet<string>): boolean {
  if (isOpaque(use)) return false;
  const { name } = use.extension;
  if (name === "tcp" && (use.info as TcpInfo).option !== undefined)
    return !targets.has("TCPMSS") && !targets.has("TCPOPTSTRIP");
  // The rest of a connection's life runs on while the packet goes from rule to rule.
  if (name === "conntrack" && (use.info as ConntrackInfo).expiresSec !== undefined) return false;
  // Counters of a set rise with each look at it.
  if (name === "set") {
    const { packets, bytes } = use.info as SetMatchInfo;
    if (packets !== undefined || bytes !== undefined) return false;
  }
  if (CONSTANT.has(name)) return true;
  const changing = CHANGED_BY.get(name);
  return changing !== undefined && !changing.some((target) => targets.has(target));
}

/** The table has targets that may change anything, addresses included. */
export function changesAnything(targets: ReadonlySet<string>): boolean {
  return targets.has("?") || READDRESSING.some((name) => targets.has(name));
}
