/**
 * Each check on small rulesets. A case is rules and what is found in them: "code line", lines counted from the
 * first rule. `:` lines and tables are added: see `ruleset()`.
 */
import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { LineIndex } from "../base/index.ts";
import type { Family } from "../net/index.ts";
import { parseRestore } from "../syntax/index.ts";
import type { TableName } from "../xt/index.ts";
import { CHECKS, printChainMap, type Review, reviewRuleset } from "./index.ts";

const BUILTINS: Readonly<Record<TableName, string>> = {
  raw: ":PREROUTING ACCEPT [0:0] :OUTPUT ACCEPT [0:0]",
  mangle:
    ":PREROUTING ACCEPT [0:0] :INPUT ACCEPT [0:0] :FORWARD ACCEPT [0:0] :OUTPUT ACCEPT [0:0] :POSTROUTING ACCEPT [0:0]",
  nat: ":PREROUTING ACCEPT [0:0] :INPUT ACCEPT [0:0] :OUTPUT ACCEPT [0:0] :POSTROUTING ACCEPT [0:0]",
  filter: ":INPUT DROP [0:0] :FORWARD DROP [0:0] :OUTPUT ACCEPT [0:0]",
  security: ":INPUT ACCEPT [0:0] :FORWARD ACCEPT [0:0] :OUTPUT ACCEPT [0:0]",
};

/**
 * Rules with their tables: "*nat" begins one; before the first, table filter. Chains that are only named are declared.
 * A "|" or a new line ends a rule; "INPUT …" stands for "-A INPUT …".
 */
function parse(rules: string, family: Family = "ipv4") {
  const texts = rules
    .split(/\n|\|/)
    .map((rule) => rule.trim())
    .filter((rule) => rule !== "");
  const tables = new Map<TableName, { readonly declared: string[]; readonly rules: [string, number][] }>();
  let current: TableName = "filter";
  for (const [index, text] of texts.entries()) {
    if (text.startsWith("*")) {
      current = text.slice(1) as TableName;
      continue;
    }
    let table = tables.get(current);
    if (table === undefined) {
      table = { declared: [], rules: [] };
      tables.set(current, table);
    }
    if (text.startsWith(":")) table.declared.push(text);
    else table.rules.push([text.startsWith("-") || text.startsWith("[") ? text : `-A ${text}`, index + 1]);
  }
  let text = "";
  const lineOf = new Map<number, number>();
  const push = (line: string, number: number): void => {
    lineOf.set(text.split("\n").length, number);
    text += `${line}\n`;
  };
  for (const [name, { declared, rules: own }] of tables) {
    push(`*${name}`, 0);
    const stated = new Set(declared.map((line) => line.slice(1).split(" ")[0]));
    for (const line of BUILTINS[name].split(/ (?=:)/))
      if (!stated.has(line.slice(1).split(" ")[0])) push(line, 0);
    for (const line of declared)
      if (!line.endsWith(" none")) push(line.includes(" ") ? line : `${line} - [0:0]`, 0);
    const known = new Set([...BUILTINS[name].matchAll(/:(\w+)/g)].map(([, chain]) => chain));
    for (const [rule] of own) {
      const chain = /-A (\S+)/.exec(rule)?.[1] as string;
      if (!known.has(chain) && !stated.has(chain)) push(`:${chain} - [0:0]`, 0);
      known.add(chain);
    }
    for (const [rule, number] of own) push(rule, number);
    push("COMMIT", 0);
  }
  const file = parseRestore({ text, source: "<case>", family });
  const errors = file.diagnostics.filter(({ severity }) => severity === "error");
  expect(
    errors.map(({ message }) => message),
    text,
  ).toEqual([]);
  return { text, lineOf, ruleset: file.ruleset };
}

/** Findings as "code line"; 0 is a declaration. Only codes that begin with `only`. */
function findings(rules: string, only: string, family: Family = "ipv4"): readonly string[] {
  const { text, lineOf, ruleset } = parse(rules, family);
  const lines = new LineIndex(text);
  return reviewRuleset(ruleset)
    .findings.filter(({ code }) => code.startsWith(only))
    .map(({ code, span }) => `${code} ${lineOf.get(lines.position(span.start).line)}`);
}

function review(rules: string, family: Family = "ipv4"): Review {
  return reviewRuleset(parse(rules, family).ruleset);
}

function messages(rules: string, code: string, family: Family = "ipv4"): readonly string[] {
  return review(rules, family)
    .findings.filter((finding) => finding.code === code)
    .map(({ severity, message }) => `${severity}: ${message}`);
}

type Case = readonly [name: string, rules: string, found: readonly string[], family?: Family];

function cases(only: string, table: readonly Case[]): void {
  for (const [name, rules, found, family] of table) {
    test(`${only}: ${name}`, () => {
      expect(findings(rules, only, family)).toEqual(found);
    });
  }
}

// biome-ignore format: one line a case
cases("chains/unreferenced", [
  ["a chain that no rule jumps to", "OLD -j DROP", ["chains/unreferenced 0"]],
  ["a chain in use", "USED -j DROP|INPUT -j USED", []],
  ["a goto is a use", "USED -j DROP|INPUT -p tcp -g USED", []],
  ["a chain reached only from an unused one is named too", "A -j B|B -j DROP", ["chains/unreferenced 0", "chains/unreferenced 0"]],
  ["each table has its own chains", "*mangle|X -j DROP|*filter|X -j DROP|INPUT -j X", ["chains/unreferenced 0"]],
]);

// biome-ignore format: one line a case
cases("chains/empty", [
  ["a jump into nothing", ":HOOK|INPUT -j HOOK", ["chains/empty 2"]],
  ["one finding a chain", ":HOOK|INPUT -j HOOK|FORWARD -j HOOK", ["chains/empty 2"]],
  ["an empty chain that nothing uses is another finding", ":HOOK|INPUT -p tcp -j ACCEPT", []],
  ["a jump that is never reached does not count", ":HOOK|INPUT -j DROP|INPUT -j HOOK", []],
]);

// biome-ignore format: one line a case
cases("policy", [
  ["INPUT open", ":INPUT ACCEPT [0:0]|INPUT -s 192.0.2.1 -j DROP", ["policy/open 0"]],
  ["INPUT open, but the chain drops the rest", ":INPUT ACCEPT [0:0]|INPUT -p tcp --dport 22 -j ACCEPT|INPUT -j DROP", []],
  ["the rest is rejected in two halves", ":INPUT ACCEPT [0:0]|INPUT -p tcp -j REJECT --reject-with tcp-reset|INPUT ! -p tcp -j REJECT", []],
  ["one half only", ":INPUT ACCEPT [0:0]|INPUT -p tcp -j REJECT --reject-with tcp-reset|INPUT -p udp -j REJECT", ["policy/open 0"]],
  ["the last jump leads to a chain that drops", ":INPUT ACCEPT [0:0]|END -j LOG -m limit --limit 1/s|END -j DROP|INPUT -j END", []],
  ["that chain sends some back", ":INPUT ACCEPT [0:0]|END -p icmp -j RETURN|END -j DROP|INPUT -j END", ["policy/open 0"]],
  ["RETURN in INPUT goes to the policy", ":INPUT ACCEPT [0:0]|INPUT -s 192.0.2.1 -j RETURN|INPUT -j DROP", ["policy/open 0"]],
  ["a comment is no condition", ':INPUT ACCEPT [0:0]|INPUT -m comment --comment "the rest" -j DROP', []],
  ["FORWARD open on a gateway", ":FORWARD ACCEPT [0:0]|INPUT -p tcp -j DROP|*nat|POSTROUTING -o eth0 -j MASQUERADE", ["policy/open 0"]],
  ["FORWARD open on a host of services", ":FORWARD ACCEPT [0:0]|INPUT -p tcp --dport 22 -j ACCEPT", ["policy/forward-on-service-host 0"]],
  ["OUTPUT may be open", "INPUT -p tcp --dport 22 -j ACCEPT", []],
  ["nothing states FORWARD", ":FORWARD none|INPUT -p tcp --dport 22 -j ACCEPT", ["policy/not-stated 0"]],
  ["an unstated policy that is never reached", ":FORWARD none|INPUT -p tcp --dport 22 -j ACCEPT|FORWARD -j DROP", []],
]);

test("policy/open: the policy's counter is quoted, and the rules that refuse are counted", () => {
  expect(messages(":INPUT ACCEPT [253655:224837862]|INPUT -s 192.0.2.1 -j DROP", "policy/open")).toEqual([
    "warning: INPUT accepts by policy: apart from what 1 of its 1 rule refuses, every port of this host is open to whoever can send to it; the policy's counter stands at 253655 packets",
  ]);
});

// biome-ignore format: one line a case
cases("rule/accepts-everything", [
  ["unconditional ACCEPT in INPUT", "INPUT -j ACCEPT", ["rule/accepts-everything 1"]],
  ["and in FORWARD", "FORWARD -j ACCEPT", ["rule/accepts-everything 1"]],
  ["OUTPUT is usually open", "OUTPUT -j ACCEPT", []],
  ["loopback is a condition", "INPUT -i lo -j ACCEPT", []],
  ["answers are a condition", "INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT", []],
  ["NEW opens everything", "INPUT -m state --state NEW,ESTABLISHED,RELATED -j ACCEPT", ["rule/accepts-everything 1"]],
  ["any network is no condition", "INPUT -s 0.0.0.0/0 -i + -j ACCEPT", ["rule/accepts-everything 1"]],
  ["in a chain that all packets enter", "ALL -p icmp -j DROP|ALL -j ACCEPT|INPUT -j ALL", ["rule/accepts-everything 2"]],
  ["in a chain for some packets", "LOGGED -j LOG -m limit --limit 1/s|LOGGED -j ACCEPT|INPUT -p tcp --dport 22 -j LOGGED", []],
  ["behind a final DROP", "INPUT -j DROP|INPUT -j ACCEPT", []],
  ["other tables accept as they like", "*mangle|PREROUTING -j ACCEPT", []],
]);

// biome-ignore format: one line a case
cases("log/unlimited", [
  ["LOG of everything", 'INPUT -j LOG --log-prefix "in: "', ["log/unlimited 1"]],
  ["with a limit", "INPUT -m limit --limit 5/min -j LOG", []],
  ["with hashlimit", "INPUT -m hashlimit --hashlimit-upto 5/min --hashlimit-name l -j LOG", []],
  ["one host is a small audience", "INPUT -s 192.0.2.1 -j LOG", []],
  ["loopback", "INPUT -i lo -j LOG", []],
  ["the jumps are limited", "L -j LOG|L -j DROP|INPUT -m limit --limit 5/min -j L", []],
  ["one of two jumps is not", "L -j LOG|L -j DROP|INPUT -m limit --limit 5/min -j L|FORWARD -j L", ["log/unlimited 1"]],
  ["the jumps come from known senders", "L -j LOG|L -j DROP|INPUT -s 192.0.2.0/28 -j L", []],
  ["a limit in front takes the rest away", "L -m hashlimit --hashlimit-above 5/min --hashlimit-name l -j DROP|L -j LOG|L -j DROP|INPUT -j L", []],
  ["one finding a chain", "INPUT -p tcp --dport 22 -j LOG|INPUT -j LOG", ["log/unlimited 2"]],
  ["a log that no packet reaches", "INPUT -j DROP|INPUT -j LOG", []],
  ["a log to which an earlier rule leaves nothing", "INPUT -p tcp -j DROP|INPUT -p tcp --dport 22 -j LOG", []],
  ["a log in nat for packets that nat never sees", "*nat|PREROUTING -m conntrack --ctstate INVALID -j LOG", []],
]);

test("log/unlimited: a rule for one service, or NFLOG, is worth a note", () => {
  const severities = (rules: string): readonly string[] =>
    messages(rules, "log/unlimited").map((text) => text.split(":")[0] as string);
  expect(severities("INPUT -j LOG")).toEqual(["warning"]);
  expect(severities("INPUT -p tcp --dport 22 -j LOG")).toEqual(["note"]);
  expect(severities("INPUT -j NFLOG --nflog-group 1")).toEqual(["note"]);
  expect(severities("OUTPUT -j LOG")).toEqual(["note"]);
});

test("log/unlimited: a test that only some senders pass is not anyone's to fulfil", () => {
  const said = (rule: string): string => messages(rule, "log/unlimited").join();
  expect(said("INPUT -m conntrack --ctstate INVALID -j LOG")).toContain("anyone who can send a packet here");
  for (const test of [
    "policy --dir in --pol ipsec",
    "mark --mark 7",
    "iprange --src-range 192.0.2.1-192.0.2.3",
    "physdev --physdev-in eth0",
  ])
    expect(said(`INPUT -m ${test} -j LOG`), test).toMatch(/^note: .*anyone who can send a packet that fits/);
});

test("policy/forward-on-service-host: ICMP and answers may pass, and nothing else is claimed", () => {
  const rules = ":FORWARD ACCEPT [0:0]|INPUT -p tcp --dport 22 -j ACCEPT|FORWARD -p icmp -j ACCEPT";
  expect(messages(rules, "policy/forward-on-service-host")).toEqual([
    expect.stringContaining("no rule of this host lets connections through it"),
  ]);
});

// biome-ignore format: one line a case
cases("table/", [
  ["DROP in mangle", "*mangle|PREROUTING -s 192.0.2.1 -j DROP", ["table/verdict-outside-filter 2"]],
  ["DROP in raw", "*raw|PREROUTING -s 192.0.2.1 -j DROP|PREROUTING -s 192.0.2.2 -j DROP", ["table/verdict-outside-filter 2"]],
  ["reverse path filtering belongs there", "*raw|PREROUTING -m rpfilter --invert -j DROP", []],
  ["ACCEPT ends a table", "*mangle|PREROUTING -s 192.0.2.1 -j ACCEPT", []],
  ["policy DROP in nat", "*nat|:PREROUTING DROP [0:0]|PREROUTING -p tcp -j ACCEPT", ["table/filtering-in-nat 0"]],
  ["policy DROP in mangle", "*mangle|:FORWARD DROP [0:0]|FORWARD -p tcp -j ACCEPT", ["table/verdict-outside-filter 0"]],
  ["a mark set in nat", "*nat|PREROUTING -s 192.0.2.0/24 -j MARK --set-mark 1", ["table/mark-outside-mangle 2"]],
  ["a mark set and used in nat", "*nat|KUBE -j MARK --or-mark 0x4000|PREROUTING -p tcp -j KUBE|POSTROUTING -m mark --mark 0x4000/0x4000 -j MASQUERADE", []],
  ["a mark set in filter FORWARD", "FORWARD -s 192.0.2.0/24 -j MARK --set-mark 1", ["table/mark-outside-mangle 1"]],
  ["a mark set in filter and read there", "FORWARD -s 192.0.2.0/24 -j MARK --set-mark 1|FORWARD -m mark --mark 1 -j ACCEPT", []],
  ["other bits are read", "FORWARD -s 192.0.2.0/24 -j MARK --set-xmark 1/1|FORWARD -m mark --mark 2/2 -j ACCEPT", ["table/mark-outside-mangle 1"]],
  ["a mark set in raw PREROUTING is in time", "*raw|PREROUTING -s 192.0.2.0/24 -j MARK --set-mark 1", []],
  ["a mark set in raw OUTPUT is not", "*raw|OUTPUT -p tcp -j MARK --set-mark 1", ["table/mark-outside-mangle 2"]],
  ["mangle is the place", "*mangle|PREROUTING -s 192.0.2.0/24 -j MARK --set-mark 1", []],
]);

// biome-ignore format: one line a case
cases("path/cannot-see", [
  ["-o in a chain of INPUT", "X -o eth0 -j DROP|INPUT -j X", ["path/cannot-see 1"]],
  ["-o in a chain of INPUT and FORWARD", "X -o eth0 -j DROP|INPUT -j X|FORWARD -j X", []],
  ["-o in a chain of FORWARD", "X -o eth0 -j DROP|FORWARD -j X", []],
  ["-i in a chain of OUTPUT", "X -i eth0 -j DROP|OUTPUT -j X", ["path/cannot-see 1"]],
  ["-i in a chain of POSTROUTING", "*mangle|X -i eth0 -j ACCEPT|POSTROUTING -j X", []],
  ["a negated interface tests something else", "X ! -o eth0 -j DROP|INPUT -j X", []],
  ["any interface", "X -o + -j DROP|INPUT -j X", []],
  ["-i lo in FORWARD", "FORWARD -i lo -j ACCEPT", ["path/cannot-see 1"]],
  ["-o lo in FORWARD", "FORWARD -o lo -j ACCEPT", ["path/cannot-see 1"]],
  ["loopback addresses in FORWARD", "FORWARD -d 127.0.0.1 -j ACCEPT", ["path/cannot-see 1"]],
  ["dropping them is harmless", "FORWARD -s 127.0.0.0/8 -j DROP", []],
  ["IPv6 loopback in FORWARD", "FORWARD -s ::1 -j ACCEPT", ["path/cannot-see 1"], "ipv6"],
  ["a network around the loopback one", "FORWARD -s 0.0.0.0/1 -j ACCEPT", []],
  ["the way out of a bridge in INPUT", "INPUT -m physdev --physdev-is-bridged -j ACCEPT", ["path/cannot-see 1"]],
  ["the way into a bridge in INPUT", "INPUT -m physdev --physdev-in eth0 -j ACCEPT", []],
  ["bridged packets in FORWARD", "FORWARD -m physdev --physdev-is-bridged -j ACCEPT", []],
  ["rules of one kind make one finding", "X -o eth0 -j DROP|X -o eth1 -j DROP|INPUT -j X", ["path/cannot-see 1"]],
  ["a chain that nothing reaches", "X -o eth0 -j DROP", []],
]);

// biome-ignore format: one line a case
cases("log/prefix-cut", [
  ["30 bytes", `INPUT -m limit --limit 1/min -j LOG --log-prefix ${"x".repeat(30)}`, ["log/prefix-cut 1"]],
  ["29 bytes", `INPUT -m limit --limit 1/min -j LOG --log-prefix ${"x".repeat(29)}`, []],
  ["15 letters of two bytes each", `INPUT -m limit --limit 1/min -j LOG --log-prefix ${"\u00e4".repeat(15)}`, ["log/prefix-cut 1"]],
]);

// biome-ignore format: one line a case
cases("path/before-conntrack", [
  ["NEW in raw", "*raw|PREROUTING -m conntrack --ctstate NEW -j ACCEPT", ["path/before-conntrack 2"]],
  ["INVALID in raw is everything", "*raw|PREROUTING -m conntrack --ctstate INVALID -j DROP", ["path/before-conntrack 2"]],
  ["connmark in raw", "*raw|PREROUTING -m connmark --mark 1 -j ACCEPT", ["path/before-conntrack 2"]],
  ["UNTRACKED is known in raw", "*raw|PREROUTING -p udp -j CT --notrack|PREROUTING -m conntrack --ctstate UNTRACKED -j ACCEPT", []],
  ["zones attach a state", "*raw|PREROUTING -j CT --zone 1|PREROUTING -m conntrack --ctstate NEW -j ACCEPT", []],
  ["mangle comes after tracking", "*mangle|PREROUTING -m conntrack --ctstate INVALID -j ACCEPT", []],
]);

// biome-ignore format: one line a case
cases("path/first-packet-only", [
  ["ESTABLISHED in nat", "*nat|PREROUTING -m state --state ESTABLISHED,RELATED -j ACCEPT|POSTROUTING -m state --state ESTABLISHED -j ACCEPT", ["path/first-packet-only 3"]],
  ["NEW in nat", "*nat|PREROUTING -m state --state NEW -j ACCEPT", []],
]);

const DNAT =
  "*nat|PREROUTING -i eth0 -d 198.51.100.1 -p tcp --dport 80 -j DNAT --to-destination 10.0.0.5:8080|*filter|";

// biome-ignore format: one line a case
cases("path/after-translation", [
  ["the address that the client asked for", `${DNAT}FORWARD -i eth0 -d 198.51.100.1 -p tcp --dport 80 -j ACCEPT`, ["path/after-translation 4"]],
  ["the new destination", `${DNAT}FORWARD -i eth0 -d 10.0.0.5 -p tcp --dport 8080 -j ACCEPT`, []],
  ["a rule that other packets pass too", `${DNAT}FORWARD -d 198.51.100.1 -p tcp --dport 80 -j ACCEPT`, []],
  ["another port", `${DNAT}FORWARD -i eth0 -d 198.51.100.1 -p tcp --dport 81 -j ACCEPT`, []],
  ["rules for answers", `${DNAT}FORWARD -i eth0 -d 198.51.100.1 -p tcp --dport 80 -m state --state ESTABLISHED -j ACCEPT`, []],
  ["in a chain below FORWARD", `${DNAT}X -i eth0 -d 198.51.100.1 -p tcp --dport 80 -j ACCEPT|FORWARD -j X`, ["path/after-translation 4"]],
  ["mangle FORWARD", "*nat|PREROUTING -d 198.51.100.1 -j DNAT --to-destination 10.0.0.5|*mangle|FORWARD -d 198.51.100.1 -j MARK --set-mark 1", ["path/after-translation 4"]],
  ["another translation leads there", "*nat|PREROUTING -d 198.51.100.1 -j DNAT --to-destination 10.0.0.5|PREROUTING -d 198.51.100.2 -j DNAT --to-destination 198.51.100.1|*filter|FORWARD -d 198.51.100.1 -j ACCEPT", []],
  ["a rule in front exempts some", "*nat|PREROUTING -s 10.0.0.0/8 -j RETURN|PREROUTING -d 198.51.100.1 -j DNAT --to-destination 10.0.0.5|*filter|FORWARD -d 198.51.100.1 -j ACCEPT", []],
  ["a rule in front for other packets", "*nat|PREROUTING -d 10.0.0.0/8 -j RETURN|PREROUTING -d 198.51.100.1 -j DNAT --to-destination 10.0.0.5|*filter|FORWARD -d 198.51.100.1 -j ACCEPT", ["path/after-translation 5"]],
  ["untracked packets pass by", "*raw|PREROUTING -p udp -j NOTRACK|*nat|PREROUTING -d 198.51.100.1 -j DNAT --to-destination 10.0.0.5|*filter|FORWARD -d 198.51.100.1 -j ACCEPT", []],
  ["REDIRECT never comes to FORWARD", "*nat|PREROUTING -i eth1 -p tcp --dport 80 -j REDIRECT --to-ports 3128|*filter|FORWARD -i eth1 -p tcp --dport 80 -j DROP", ["path/after-translation 4"]],
  ["REDIRECT to another port of INPUT", "*nat|PREROUTING -i eth1 -p tcp --dport 80 -j REDIRECT --to-ports 3128|*filter|INPUT -i eth1 -p tcp --dport 80 -j ACCEPT", ["path/after-translation 4"]],
  ["INPUT also gets what the host sends itself", "*nat|PREROUTING -p tcp --dport 80 -j REDIRECT --to-ports 3128|*filter|INPUT -p tcp --dport 80 -j ACCEPT", []],
  ["DNAT under a condition that FORWARD does not share", "*nat|PREROUTING -m mark --mark 1 -d 198.51.100.1 -j DNAT --to-destination 10.0.0.5|*filter|FORWARD -d 198.51.100.1 -j ACCEPT", []],
  ["NETMAP", "*nat|PREROUTING -d 198.51.100.0/24 -j NETMAP --to 10.0.0.0/24|*filter|FORWARD -d 198.51.100.7 -j ACCEPT", ["path/after-translation 4"]],
]);

// biome-ignore format: one line a case
cases("rule/after-final", [
  ["behind DROP", "INPUT -j DROP|INPUT -p tcp -j ACCEPT|INPUT -p udp -j ACCEPT", ["rule/after-final 2"]],
  ["behind LOG", "INPUT -m limit --limit 1/s -j LOG|INPUT -p tcp -j ACCEPT", []],
  ["behind a chain that decides all", "END -j DROP|INPUT -j END|INPUT -p tcp -j ACCEPT", ["rule/after-final 3"]],
  ["behind a chain that may come back", "END -p udp -j DROP|INPUT -j END|INPUT -p tcp -j ACCEPT", []],
  ["behind an unconditional goto", "X -p udp -j DROP|INPUT -g X|INPUT -p tcp -j ACCEPT", ["rule/after-final 3"]],
  ["behind RETURN", "X -j RETURN|X -j DROP|INPUT -j X", ["rule/after-final 2"]],
  ["behind both halves", "INPUT -p tcp -j ACCEPT|INPUT ! -p tcp -j DROP|INPUT -i eth0 -j DROP", ["rule/after-final 3"]],
  ["behind all but one network and all but another", "INPUT ! -s 10.0.0.0/8 -j DROP|INPUT ! -s 192.168.0.0/16 -j DROP|INPUT -p tcp -j ACCEPT", ["rule/after-final 3"]],
  ["behind all but one network and all but a part of it", "INPUT ! -s 10.0.0.0/8 -j DROP|INPUT ! -s 10.1.0.0/16 -j DROP|INPUT -p tcp -j ACCEPT", []],
  ["behind all but one source and all but one destination", "INPUT ! -s 10.0.0.0/8 -j DROP|INPUT ! -d 192.0.2.1 -j DROP|INPUT -p tcp -j ACCEPT", []],
  ["behind all but two kinds of interfaces", "INPUT ! -i eth+ -j DROP|INPUT ! -i br0 -j DROP|INPUT -p tcp -j ACCEPT", ["rule/after-final 3"]],
  ["behind a limited DROP", "INPUT -m limit --limit 1/s -j DROP|INPUT -p tcp -j ACCEPT", []],
  ["behind SNAT", "*nat|POSTROUTING -j MASQUERADE|POSTROUTING -o eth0 -j SNAT --to-source 192.0.2.1", ["rule/after-final 3"]],
]);

// biome-ignore format: one line a case
cases("rule/duplicate", [
  ["the same rule twice", "INPUT -s 192.0.2.1 -j DROP|INPUT -p tcp --dport 22 -j ACCEPT|INPUT -s 192.0.2.1 -j DROP", ["rule/duplicate 3"]],
  ["one finding a chain", "INPUT -s 192.0.2.1 -j DROP|INPUT -s 192.0.2.1 -j DROP|INPUT -s 192.0.2.1 -j DROP", ["rule/duplicate 2"]],
  ["in another chain", "INPUT -s 192.0.2.1 -j DROP|FORWARD -s 192.0.2.1 -j DROP", []],
  ["limits count each time", "INPUT -m limit --limit 1/s -j ACCEPT|INPUT -m limit --limit 1/s -j ACCEPT", []],
  ["chance is thrown each time", "INPUT -m statistic --mode random --probability 0.5 -j DROP|INPUT -m statistic --mode random --probability 0.5 -j DROP", []],
  ["a mark that changes between", "*mangle|PREROUTING -m mark --mark 1 -j ACCEPT|PREROUTING -p tcp -j MARK --set-mark 1|PREROUTING -m mark --mark 1 -j ACCEPT", []],
  ["a mark that a set gives between", "*mangle|PREROUTING -m mark --mark 1 -j ACCEPT|PREROUTING -j SET --map-set marks src --map-mark|PREROUTING -m mark --mark 1 -j ACCEPT", []],
  ["reverse paths under a mark that changes between", "*mangle|PREROUTING -m rpfilter --validmark -j ACCEPT|PREROUTING -j MARK --set-mark 1|PREROUTING -m rpfilter --validmark -j ACCEPT", []],
  ["an MSS that is stripped between", "*mangle|FORWARD -p tcp -m tcpmss --mss 1:9 -j ACCEPT|FORWARD -p tcp -j TCPOPTSTRIP --strip-options mss|FORWARD -p tcp -m tcpmss --mss 1:9 -j ACCEPT", []],
  ["a mark that nothing changes", "INPUT -m mark --mark 1 -j ACCEPT|INPUT -m mark --mark 1 -j ACCEPT", ["rule/duplicate 2"]],
  ["comments do not count", "INPUT -s 192.0.2.1 -j DROP|INPUT -s 192.0.2.1 -m comment --comment again -j DROP", ["rule/duplicate 2"]],
  ["marking twice is not deciding", "*mangle|PREROUTING -s 192.0.2.1 -j MARK --set-mark 1|PREROUTING -s 192.0.2.1 -j MARK --set-mark 1", []],
  ["a jump twice into a chain of plain rules", "F -s 192.0.2.1 -j DROP|F -j RETURN|INPUT -p tcp --dport 22 -j F|INPUT -p tcp --dport 22 -j F", ["rule/duplicate 4"]],
  ["a jump twice into a chain that counts", "F -m limit --limit 1/s -j ACCEPT|INPUT -p tcp --dport 22 -j F|INPUT -p tcp --dport 22 -j F", []],
]);

test("rule/duplicate: a repetition is found in a chain of very many kinds of rules", () => {
  const kinds = Array.from(
    { length: 64 },
    (_, at) => `INPUT -s 10.${at}.0.0/${16 + (at % 16)} -d 10.0.${at}.0/${24 + (at >> 4)} -j ACCEPT`,
  );
  const twice = "INPUT -d 192.0.2.1 -p tcp -j REJECT --reject-with tcp-reset";
  expect(findings([...kinds, twice, twice].join("|"), "rule/duplicate")).toEqual(["rule/duplicate 66"]);
});

// biome-ignore format: one line a case
cases("rule/shadowed-by-one", [
  ["iptables-nft joins two negated ports into one: not both", "INPUT -p tcp ! --dport 2 -j ACCEPT|INPUT -p tcp ! --sport 5 ! --dport 2 -j DROP", []],
  ["any port covers two negated ones too", "INPUT -p tcp -m tcp -j ACCEPT|INPUT -p tcp ! --sport 5 ! --dport 2 -j DROP", ["rule/shadowed-by-one 2"]],
  ["a wider network first", "INPUT -s 10.0.0.0/8 -j DROP|INPUT -s 10.1.0.0/16 -j ACCEPT", ["rule/shadowed-by-one 2"]],
  ["the wider one behind", "INPUT -s 10.1.0.0/16 -j ACCEPT|INPUT -s 10.0.0.0/8 -j DROP", []],
  ["one more test", "INPUT -i eth0 -j DROP|INPUT -i eth0 -p tcp --dport 22 -j ACCEPT", ["rule/shadowed-by-one 2"]],
  ["a wildcard", "INPUT -i eth+ -j DROP|INPUT -i eth1 -p tcp --dport 22 -j ACCEPT", ["rule/shadowed-by-one 2"]],
  ["all but one protocol", "INPUT ! -p tcp -j DROP|INPUT -p icmp -j ACCEPT|INPUT -p tcp -j ACCEPT -s 192.0.2.1", ["rule/shadowed-by-one 2"]],
  ["all but one network", "INPUT ! -s 10.0.0.0/8 -j DROP|INPUT -s 192.0.2.1 -j ACCEPT|INPUT -s 10.1.1.1 -j ACCEPT", ["rule/shadowed-by-one 2"]],
  ["a range of ports", "INPUT -p tcp --dport 1:1023 -j DROP|INPUT -p tcp --dport 22 -j ACCEPT|INPUT -p tcp --dport 8080 -j ACCEPT", ["rule/shadowed-by-one 2"]],
  ["a range of ports of another protocol", "INPUT -p tcp --dport 1:1023 -j DROP|INPUT -p udp --dport 53 -j ACCEPT", []],
  ["SYN alone does not cover", "INPUT -p tcp --syn --dport 1:1023 -j DROP|INPUT -p tcp --dport 22 -j ACCEPT", []],
  ["the same match and an address", "INPUT -p tcp --dport 22 -j DROP|INPUT -p tcp --dport 22 -s 192.0.2.1 -j ACCEPT", ["rule/shadowed-by-one 2"]],
  ["fewer states behind", "INPUT -m state --state NEW,ESTABLISHED -j DROP|INPUT -m conntrack --ctstate NEW -p tcp -j ACCEPT", ["rule/shadowed-by-one 2"]],
  ["-m tcp spares fragments", "INPUT -p tcp -m tcp -j DROP|INPUT -p tcp -s 192.0.2.1 -j ACCEPT", []],
  ["a limit lets some through", "INPUT -p tcp -m limit --limit 1/s -j DROP|INPUT -p tcp -s 192.0.2.1 -j ACCEPT", []],
  ["LOG decides nothing", "INPUT -m limit --limit 1/s -s 10.0.0.0/8 -j LOG|INPUT -s 10.1.0.0/16 -j ACCEPT", []],
  ["a jump may come back", "X -p udp -j DROP|INPUT -s 10.0.0.0/8 -j X|INPUT -s 10.1.0.0/16 -j ACCEPT", []],
  ["a jump that does not", "X -j DROP|INPUT -s 10.0.0.0/8 -j X|INPUT -s 10.1.0.0/16 -j ACCEPT", ["rule/shadowed-by-one 3"]],
  ["a goto", "X -p udp -j DROP|INPUT -s 10.0.0.0/8 -g X|INPUT -s 10.1.0.0/16 -j ACCEPT", ["rule/shadowed-by-one 3"]],
  ["rules of one shadow make one finding", "INPUT -s 10.0.0.0/8 -j DROP|INPUT -s 10.1.0.0/16 -j ACCEPT|INPUT -s 10.2.0.0/16 -j ACCEPT", ["rule/shadowed-by-one 2"]],
  ["a list of sources is several rules", "INPUT -s 10.0.0.0/8,10.1.0.0/16 -j DROP", ["rule/shadowed-by-one 1"]],
  ["masks with holes", "INPUT -s 10.0.0.1/255.0.0.255 -j DROP|INPUT -s 10.7.7.1 -j ACCEPT|INPUT -s 10.7.7.2 -j ACCEPT", ["rule/shadowed-by-one 2"]],
  ["IPv6", "INPUT -s 2001:db8::/32 -j DROP|INPUT -s 2001:db8:1::/48 -j ACCEPT|INPUT -s 2001:db9::1 -j ACCEPT", ["rule/shadowed-by-one 2"], "ipv6"],
  ["prefix translation changes addresses on the way", "*mangle|PREROUTING -d 2001:db8::/32 -j ACCEPT|PREROUTING -j DNPT --src-pfx 2001:db9::/64 --dst-pfx 2001:db8::/64|PREROUTING -d 2001:db8::1 -j ACCEPT", [], "ipv6"],
  ["many shadows make one finding", Array.from( { length: 10 }, (_, net) => `INPUT -s 10.${net}.0.0/16 -j DROP|INPUT -s 10.${net}.1.0/24 -j ACCEPT`, ).join("|"), ["rule/shadowed-by-one 2"]],
]);

test("rule/shadowed-by-one: a chain that only shadowed rules lead to is named, and the same outcome is a note", () => {
  expect(
    messages(
      "*nat|POSTROUTING -o eth4 -j SNAT --to-source 192.0.2.1|POSTROUTING -o eth4 -j UPLINK|UPLINK -j SNAT --to-source 192.0.2.1",
      "rule/shadowed-by-one",
    ),
  ).toEqual([
    'note: no packet comes to rule 2 of POSTROUTING of table nat: rule 1, "-o eth4 -j SNAT --to-source 192.0.2.1", takes every packet that "-o eth4 -j UPLINK" could match; and none comes to chain "UPLINK"',
  ]);
});

// biome-ignore format: one line a case
cases("rule/same-as-policy", [
  ["ACCEPT under policy ACCEPT", ":INPUT ACCEPT [0:0]|INPUT -s 192.0.2.1 -j DROP|INPUT -p tcp --dport 22 -j ACCEPT", ["rule/same-as-policy 3"]],
  ["ACCEPT that saves packets from a DROP behind", ":INPUT ACCEPT [0:0]|INPUT -s 192.0.2.1 -j ACCEPT|INPUT -s 192.0.2.0/24 -j DROP", []],
  ["ACCEPT of other packets than the DROP behind", ":INPUT ACCEPT [0:0]|INPUT -i eth1 -j ACCEPT|INPUT -i eth0 -p tcp -j DROP", ["rule/same-as-policy 2"]],
  ["ACCEPT in front of a log", ":INPUT ACCEPT [0:0]|INPUT -i eth1 -j ACCEPT|INPUT -m limit --limit 1/s -j LOG", []],
  ["policy DROP", "INPUT -s 192.0.2.1 -j ACCEPT", []],
  ["a match that remembers acts even so", ":INPUT ACCEPT [0:0]|INPUT -m recent --set -j ACCEPT", []],
]);

// biome-ignore format: one line a case
cases("rule/never-matches", [
  ["a mark outside its mask", "*mangle|FORWARD -m mark --mark 0x10/0x0f -j ACCEPT", ["rule/never-matches 2"]],
  ["its negation always matches", "*mangle|FORWARD -m mark ! --mark 0x10/0x0f -j ACCEPT", []],
  ["flags that are not looked at", "INPUT -p tcp --tcp-flags SYN,RST ACK -j DROP", ["rule/never-matches 1"]],
  ["flags", "INPUT -p tcp --tcp-flags SYN,RST SYN,RST -j DROP", []],
  ["states that exclude each other", "INPUT -m state --state NEW -m conntrack --ctstate ESTABLISHED -j DROP", ["rule/never-matches 1"]],
  ["states that meet", "INPUT -m state --state NEW -m conntrack --ctstate NEW,ESTABLISHED -j DROP", []],
  ["two marks", "INPUT -m mark --mark 1 -m mark --mark 2 -j DROP", ["rule/never-matches 1"]],
  ["different bits of a mark", "INPUT -m mark --mark 1/1 -m mark --mark 2/2 -j DROP", []],
  ["ports that exclude each other", "INPUT -p tcp -m tcp --dport 22 -m multiport --dports 80,443 -j ACCEPT", ["rule/never-matches 1"]],
  ["source and destination ports", "INPUT -p tcp -m tcp --dport 22 -m multiport --sports 80,443 -j ACCEPT", []],
  ["no interface at all", "X ! -i + -j DROP|INPUT -j X", ["rule/never-matches 1"]],
  ["a range outside of the network", "INPUT -s 10.0.0.0/8 -m iprange --src-range 192.0.2.1-192.0.2.9 -j DROP", ["rule/never-matches 1"]],
]);

// biome-ignore format: one line a case
cases("nat/", [
  ["an exemption behind the translation", "*nat|POSTROUTING -s 10.0.0.0/8 -j MASQUERADE|POSTROUTING -o br1 -j RETURN", ["nat/late-exemption 3"]],
  ["an exemption in front", "*nat|POSTROUTING -o br1 -j RETURN|POSTROUTING -s 10.0.0.0/8 -j MASQUERADE", []],
  ["other packets", "*nat|POSTROUTING -s 10.0.0.0/8 -o eth0 -j MASQUERADE|POSTROUTING -o br1 -j RETURN", []],
  ["a general rule behind, from which it exempts", "*nat|POSTROUTING -s 10.0.0.0/8 -o eth+ -j SNAT --to-source 192.0.2.1|POSTROUTING -d 10.0.0.0/8 -j RETURN|POSTROUTING -j MASQUERADE", []],
]);

// biome-ignore format: one line a case
cases("nat/masquerade", [
  ["without a condition", "*nat|POSTROUTING -j MASQUERADE", ["nat/masquerade-everywhere 2"]],
  ["with a way out", "*nat|POSTROUTING -o eth0 -j MASQUERADE", []],
  ["behind an exemption", "*nat|POSTROUTING -d 10.0.0.0/8 -j RETURN|POSTROUTING -j MASQUERADE", []],
  ["in a chain of its own", "*nat|M -j MASQUERADE|POSTROUTING -s 10.0.0.0/8 -j M", []],
]);

// biome-ignore format: one line a case
cases("path/output-shut", [
  ["nothing leaves", ":OUTPUT DROP [0:0]|INPUT -p tcp --dport 22 -j ACCEPT", ["path/output-shut 0"]],
  ["only a log and a refusal", ":OUTPUT DROP [0:0]|OUTPUT -m limit --limit 1/s -j LOG|OUTPUT -j REJECT|INPUT -p tcp --dport 22 -j ACCEPT", ["path/output-shut 0"]],
  ["answers leave", ":OUTPUT DROP [0:0]|OUTPUT -m state --state ESTABLISHED -j ACCEPT|INPUT -p tcp --dport 22 -j ACCEPT", []],
  ["by a chain", ":OUTPUT DROP [0:0]|O -p tcp -j ACCEPT|OUTPUT -j O|INPUT -p tcp --dport 22 -j ACCEPT", []],
  ["something unknown", ":OUTPUT DROP [0:0]|OUTPUT -j NFQUEUE --queue-num 1|INPUT -p tcp --dport 22 -j ACCEPT", []],
  ["shut in both directions", ":OUTPUT DROP [0:0]|INPUT -i lo -j ACCEPT", []],
]);

// biome-ignore format: one line a case
cases("path/no-neighbours", [
  ["no rule for them", "INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT|INPUT -p tcp --dport 22 -j ACCEPT", ["path/no-neighbours 0"], "ipv6"],
  ["echo only", "INPUT -p ipv6-icmp --icmpv6-type echo-request -j ACCEPT", ["path/no-neighbours 0"], "ipv6"],
  ["all of ICMPv6", "INPUT -p ipv6-icmp -j ACCEPT|INPUT -p tcp --dport 22 -j ACCEPT", [], "ipv6"],
  ["solicitation", "INPUT -p ipv6-icmp --icmpv6-type 135 -j ACCEPT|INPUT -p tcp --dport 22 -j ACCEPT", [], "ipv6"],
  ["all but echo", "INPUT -p ipv6-icmp ! --icmpv6-type 128 -j ACCEPT", [], "ipv6"],
  ["by another chain", "I -p ipv6-icmp -j ACCEPT|INPUT -p tcp --dport 22 -j ACCEPT|INPUT -j I", [], "ipv6"],
  ["from a network", "INPUT -s fe80::/10 -j ACCEPT|INPUT -p tcp --dport 22 -j ACCEPT", [], "ipv6"],
  ["UNTRACKED", "INPUT -m conntrack --ctstate UNTRACKED -j ACCEPT", [], "ipv6"],
  ["a host that is shut", "INPUT -i lo -j ACCEPT", [], "ipv6"],
  ["a tunnel has no neighbours", "INPUT -i wg0 -p tcp --dport 22 -j ACCEPT", [], "ipv6"],
  ["IPv4 has ARP", "INPUT -p tcp --dport 22 -j ACCEPT", []],
]);

// biome-ignore format: one line a case
cases("rule/list-never-filled", [
  ["two names", "INPUT -m recent --update --seconds 60 --name a -j DROP|INPUT -m recent --set --name b -j ACCEPT", ["rule/list-never-filled 1"]],
  ["one name", "INPUT -m recent --update --seconds 60 --name a -j DROP|INPUT -m recent --set --name a -j ACCEPT", []],
  ["set in another table", "INPUT -m recent --rcheck --name a -j DROP|*mangle|INPUT -m recent --set --name a", []],
  ["the default name", "INPUT -m recent --rcheck -j DROP|INPUT -m recent --set -j ACCEPT", []],
]);

test("a plain, closed ruleset has no findings", () => {
  const rules = `
    INPUT -i lo -j ACCEPT
    INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT
    INPUT -m conntrack --ctstate INVALID -j DROP
    INPUT -p icmp -m limit --limit 5/s -j ACCEPT
    INPUT -p tcp -m tcp --dport 22 -m conntrack --ctstate NEW -j ACCEPT
    INPUT -j REFUSE
    FORWARD -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT
    FORWARD -i eth1 -o eth0 -j ACCEPT
    FORWARD -d 10.0.0.5 -i eth0 -p tcp -m tcp --dport 8080 -j ACCEPT
    FORWARD -j REFUSE
    REFUSE -m limit --limit 10/min -j LOG --log-prefix "refused: "
    REFUSE -p tcp -j REJECT --reject-with tcp-reset
    REFUSE -j DROP
    *nat
    PREROUTING -d 198.51.100.1 -i eth0 -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.0.0.5:8080
    POSTROUTING -s 10.0.0.0/24 -o eth0 -j MASQUERADE
    *mangle
    FORWARD -o eth0 -p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu
    PREROUTING -i eth1 -j MARK --set-xmark 0x1/0xffffffff
    PREROUTING -s 10.0.0.9 -i eth1 -j MARK --set-xmark 0x2/0xffffffff`;
  expect(review(rules).findings.map(({ message }) => message)).toEqual([]);
});

test("what a container engine sets up yields no false findings", () => {
  const rules = `
    :DOCKER-ISOLATION
    FORWARD -j DOCKER-USER
    FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
    FORWARD -o docker0 -j DOCKER
    FORWARD -i docker0 ! -o docker0 -j ACCEPT
    FORWARD -i docker0 -o docker0 -j ACCEPT
    DOCKER -d 172.17.0.2/32 ! -i docker0 -o docker0 -p tcp -m tcp --dport 80 -j ACCEPT
    DOCKER-USER -j RETURN
    INPUT -p tcp -m tcp --dport 22 -j ACCEPT
    *nat
    PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
    OUTPUT ! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j DOCKER
    POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE
    DOCKER -i docker0 -j RETURN
    DOCKER ! -i docker0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80`;
  expect(review(rules).findings.map(({ code, severity }) => `${severity} ${code}`)).toEqual([
    "note chains/unreferenced",
  ]);
});

test("the role is guessed with its evidence", () => {
  expect(review("INPUT -p tcp --dport 22 -j ACCEPT").role).toEqual({
    role: "service-host",
    because: "INPUT has 1 rule, and none lets connections through FORWARD",
  });
  expect(review("FORWARD -i eth1 -j ACCEPT").role).toEqual({
    role: "gateway",
    because: "1 rule lets connections through FORWARD",
  });
  expect(review("*nat|POSTROUTING -o eth0 -j MASQUERADE").role.role).toBe("gateway");
  expect(review("*mangle|PREROUTING -p tcp -j ACCEPT").role.role).toBe("unknown");
  // ufw lets answers and pings through FORWARD on every host.
  expect(
    review(
      "INPUT -p tcp --dport 22 -j ACCEPT|U -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT|U -p icmp -j ACCEPT|FORWARD -j U",
    ).role.role,
  ).toBe("service-host");
});

test("every check names its codes, and every code has a page with an example that yields it", () => {
  const codes = CHECKS.flatMap((check) => check.codes);
  expect(new Set(codes).size).toBe(codes.length);
  for (const code of codes) {
    const path = `docs/checks/${code.replace("/", "-")}.md`;
    expect(existsSync(path), path).toBe(true);
    const page = readFileSync(path, "utf8");
    expect(
      page.split("\n").filter((line) => line.startsWith("#")),
      path,
    ).toEqual([`# ${code}`, "## What it means", "## Why it matters", "## What to do", "## Example"]);
    const example = /## Example[\s\S]*?```\n([\s\S]*?)```/.exec(page)?.[1] ?? "";
    const family = code === "path/no-neighbours" ? "ipv6" : "ipv4";
    const { ruleset, diagnostics } = parseRestore({ text: example, source: path, family });
    expect(
      diagnostics.filter(({ severity }) => severity === "error"),
      path,
    ).toEqual([]);
    expect(
      reviewRuleset(ruleset).findings.map((finding) => finding.code),
      path,
    ).toContain(code);
  }
});

test("a broken ruleset is reviewed as far as it goes", () => {
  const text =
    "*filter\n:INPUT DROP [0:0]\n:A - [0:0]\n:B - [0:0]\n-A INPUT -j NOWHERE\n-A INPUT -j A\n-A A -j B\n-A B -j A\n-A B -g A\n-A INPUT -j FORWARD\nCOMMIT\n";
  const { ruleset } = parseRestore({ text, source: "<broken>", family: "ipv4" });
  expect(() => [reviewRuleset(ruleset), printChainMap(ruleset)]).not.toThrow();
});

test("100,000 rules in one chain are reviewed in linear time", () => {
  const rules = (count: number): string =>
    `*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n${Array.from({ length: count }, (_, i) => `-A INPUT -s 10.${i >> 16}.${(i >> 8) & 255}.${i & 255}/32 -p tcp -m tcp --dport ${1 + (i % 60_000)} -j ACCEPT\n`).join("")}COMMIT\n`;
  const { ruleset } = parseRestore({ text: rules(100_000), source: "<large>", family: "ipv4" });
  const start = process.cpuUsage();
  expect(reviewRuleset(ruleset).findings).toEqual([]);
  // A pairwise comparison would take minutes; the margin is for a busy machine.
  expect(process.cpuUsage(start).user / 1e6).toBeLessThan(5);
});

test("the chain map draws each chain once and names it after that", () => {
  const { ruleset } = parse(
    "INPUT -p tcp -j SERVICES|INPUT -j REFUSE|SERVICES -p tcp --dport 22 -j ACCEPT|SERVICES -p tcp --dport 23 -j REFUSE|REFUSE -j DROP|FORWARD -j REFUSE|FORWARD -j REFUSE|OLD -j REFUSE",
  );
  expect(printChainMap(ruleset)).toBe(
    `table filter
  INPUT  policy DROP, 2 rules
    SERVICES  2 rules: 1 ACCEPT  from rule 1: -p tcp
      REFUSE  1 rule: 1 DROP  from rule 2: -p tcp -m tcp --dport 23
    REFUSE  (drawn above)  from rule 2: all
  FORWARD  policy DROP, 2 rules
    REFUSE  (drawn above)  from 2 rules, first 1
  OUTPUT  policy ACCEPT, no rules
  OLD  no packet comes here, 1 rule: 1 DROP
`.replace(
      "  OLD  no packet comes here, 1 rule: 1 DROP\n",
      "  OLD  no packet comes here, 1 rule\n    REFUSE  (drawn above)  from rule 1: all\n",
    ),
  );
});

test("the chain map stays within 80 columns and grows with the chains only", () => {
  const chains = Array.from({ length: 200 }, (_, chain) => `a-chain-with-a-long-name-${chain}`);
  const jumps = chains.flatMap((chain, at) =>
    Array.from(
      { length: 25 },
      (_, rule) =>
        `${chain} -s 10.${at}.${rule}.0/24 -m comment --comment "why this rule stands here, at length" -j ${chains[at + 1] ?? "ACCEPT"}`,
    ),
  );
  const map = printChainMap(parse(`INPUT -j ${chains[0]}\n${jumps.join("\n")}`).ruleset);
  const lines = map.trimEnd().split("\n");
  expect(lines.length).toBe(204);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
});
