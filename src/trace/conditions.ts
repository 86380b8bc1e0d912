/**
 * Which of a rule's conditions a packet fails, all of them and not just the first: asked of matches that only read, since
 * asking the others (a rate, a counter, a list) would change what they answer next.
 */
import type { Packet, RunningRule } from "../sim/index.ts";

/** Matches whose answer depends on the packet and its connection alone, and that keep nothing. */
const READING: ReadonlySet<string> = new Set([
  "addrtype",
  "ah",
  "comment",
  "connmark",
  "conntrack",
  "dccp",
  "dscp",
  "dst",
  "ecn",
  "esp",
  "eui64",
  "frag",
  "hbh",
  "helper",
  "hl",
  "icmp",
  "icmp6",
  "iprange",
  "ipv6header",
  "length",
  "mac",
  "mark",
  "mh",
  "multiport",
  "owner",
  "physdev",
  "pkttype",
  "policy",
  "realm",
  "rpfilter",
  "rt",
  "sctp",
  "state",
  "string",
  "tcp",
  "tcpmss",
  "tos",
  "ttl",
  "u32",
  "udp",
]); // prettier-ignore

export interface Conditions {
  /** All conditions of the rule, as its author would name them: `-s`, `-m tcp`. */
  readonly all: readonly string[];
  readonly failing: readonly string[];
  /** Matches that were not asked. */
  readonly unasked: readonly string[];
}

const HEADER_OPTIONS = [
  ["source", "-s"],
  ["destination", "-d"],
  ["inInterface", "-i"],
  ["outInterface", "-o"],
  ["protocol", "-p"],
  ["fragment", "-f"],
] as const;

export function conditionsOf(rule: RunningRule, skb: Packet): Conditions {
  const { header } = rule.source;
  const all: string[] = HEADER_OPTIONS.filter(([field]) => header[field] !== undefined).map(
    ([, option]) => option,
  );
  const failing = [...rule.headerFailures(skb)];
  const unasked: string[] = [];
  // Of a packet of another protocol a match cannot be asked.
  const askable = !failing.includes("-p") && !failing.includes("-f");
  for (const { name, test } of rule.matches) {
    const condition = `-m ${name}`;
    if (name === "comment") continue;
    all.push(condition);
    if (!askable || !READING.has(name)) unasked.push(condition);
    else if (test(skb) !== true) failing.push(condition);
  }
  return { all, failing, unasked };
}

/** Whether the rule says something of where the packet comes from, goes to or what it is; not only of states. */
export function isSpecific({ source: { header, matches } }: RunningRule): boolean {
  return (
    header.source !== undefined ||
    header.destination !== undefined ||
    matches.some(
      (use) =>
        "extension" in use && ["tcp", "udp", "multiport", "icmp", "icmp6"].includes(use.extension.name),
    )
  );
}
