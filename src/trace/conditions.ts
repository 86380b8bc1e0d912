/**
 * Which of a rule's conditions a packet fails, all of them and not just the first: asked of matches that only read, since
 * asking the others (a rate, a counter, a list) would change what they answer next.
 */
import { isOpaque } from "../ruleset/index.ts";
import type { Host, Packet, RunningRule } from "../sim/index.ts";
import { parseRestore } from "../syntax/index.ts";

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

/**
 * Which options of a match fail, each asked as if it stood alone; `-m NAME` if that cannot be told. The options are those
 * of the canonical text, read again one by one.
 */
export function failingOptions(rule: RunningRule, name: string, skb: Packet, host: Host): string {
  const whole = `-m ${name}`;
  const use = rule.source.matches.find((each) => !isOpaque(each) && each.extension.name === name);
  if (use === undefined || isOpaque(use) || !READING.has(name)) return whole;
  const options = use.extension.print(use.info, { family: rule.family }).split(/ (?=(?:! )?--)/);
  if (options.length === 1) return options[0] === "" ? whole : `${whole} ${options[0]}`;
  const failing = options.filter((option) => {
    const text = `*${rule.table}\n:ASKED - [0:0]\n-A ASKED ${protocolOf(rule)}-m ${name} ${option}\nCOMMIT\n`;
    const { ruleset } = parseRestore({ source: "", text, family: rule.family });
    const alone = ruleset.tables.get(rule.table)?.chains.get("ASKED")?.rules[0]?.matches[0];
    if (alone === undefined || isOpaque(alone)) return false;
    return alone.extension.evaluate(alone.info, host.views[rule.family])(skb) === false;
  });
  return failing.length === 0 ? whole : `${whole} ${failing.join(" ")}`;
}

const protocolOf = ({ source: { header } }: RunningRule): string =>
  header.protocol === undefined || header.protocol.invert ? "" : `-p ${header.protocol.number} `;
