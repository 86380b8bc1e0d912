import { describe, expect, test } from "vitest";
import type { Family } from "../../net/index.ts";
import { rulesOnly } from "../../reach/index.ts";
import { parseRestore } from "../../syntax/index.ts";
import { type ShadowReport, shadowedRules } from "./shadow.ts";

interface Asked {
  readonly table?: string;
  readonly family?: Family;
  readonly policy?: string;
  /** The built-in chain that `F` stands for. */
  readonly base?: string;
  readonly chain?: string;
}

/** Rules as `CHAIN rest`, with `|` between them; every chain but F is user-defined. */
function report(
  rules: string,
  { table = "filter", family = "ipv4", policy = "ACCEPT", base = "FORWARD", chain }: Asked = {},
): ShadowReport {
  const lines = rules.split("|");
  const own = new Set([...rules.matchAll(/(?:^|\||-[jg] )([A-Z])\b/g)].map(([, name]) => name as string));
  const text = [
    `*${table}`,
    `:${base} ${policy} [0:0]`,
    ...[...own].filter((name) => name !== "F").map((name) => `:${name} - [0:0]`),
    ...lines.map((line) => `-A ${line.replace(/^F /, `${base} `)}`),
    "COMMIT\n",
  ].join("\n");
  const { ruleset, diagnostics } = parseRestore({ source: "test", text, family });
  expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
  return shadowedRules(ruleset, rulesOnly(family, "nft"), chain);
}

const short = (name: string): string => (name.length > 1 ? "F" : name);

/** `F2 unreachable F1`, the causes behind; `-` if there is none. */
const said = ({ findings }: ShadowReport): readonly string[] =>
  findings.map(
    ({ chain, index, kind, by }) =>
      `${short(chain)}${index} ${kind} ${by.map((each) => `${short(each.chain)}${each.index}`).join(",") || "-"}`,
  );

type Case = readonly [name: string, rules: string, findings: readonly string[], asked?: Asked];

const CASES: readonly Case[] = [
  ["one wider rule", "F -s 10.0.0.0/8 -j DROP|F -s 10.1.0.0/16 -j ACCEPT", ["F2 unreachable F1"]],
  [
    "a duplicate: each could go, but for the other",
    "F -s 10.0.0.1 -j DROP|F -s 10.0.0.1 -j DROP",
    ["F1 redundant F2", "F2 unreachable F1"],
  ],
  [
    "two halves",
    "F -s 10.0.0.0/9 -j DROP|F -s 10.128.0.0/9 -j REJECT|F -s 10.0.0.0/8 -j DROP",
    ["F1 redundant F3", "F3 unreachable F1,F2"],
  ],
  [
    "a rule that is not needed for the cover is not a cause",
    "F -s 10.64.0.0/10 -p tcp -j DROP|F -s 10.0.0.0/9 -j REJECT|F -s 10.128.0.0/9 -j REJECT|F -s 10.0.0.0/8 -j DROP",
    ["F4 unreachable F2,F3"],
  ],
  [
    "! --dport of tcp says nothing of udp",
    "F -p tcp ! --dport 22 -j DROP|F -p udp --dport 80 -j DROP|F -p tcp --dport 80 -j DROP",
    ["F3 unreachable F1"],
  ],
  ["! -p tcp does", "F ! -p tcp -j DROP|F -p udp --dport 80 -j DROP", ["F2 unreachable F1"]],
  [
    "both sides of a negation",
    "F -p tcp --dport 22 -j DROP|F -p tcp ! --dport 22 -j REJECT|F -p tcp -j DROP",
    // Of whole packets: no rule asks for later fragments.
    ["F1 redundant F3", "F3 unreachable F1,F2"],
  ],
  [
    // On nft a later fragment has the ports that its data spell, so that both sides take it too.
    "and later fragments",
    "F -f -p tcp -j REJECT|F -p tcp --dport 22 -j DROP|F -p tcp ! --dport 22 -j REJECT|F -p tcp -j DROP",
    ["F2 redundant F4", "F4 unreachable F2,F3"],
  ],
  [
    "masks with holes",
    "F -s 0.0.0.1/0.0.0.1 -j DROP|F -s 10.0.0.3 -j ACCEPT|F -s 10.0.0.2 -j DROP",
    ["F2 unreachable F1"],
  ],
  [
    "both halves of a mask",
    "F -s 0.0.0.1/0.0.0.1 -j DROP|F -s 0.0.0.0/0.0.0.1 -j REJECT|F -s 10.0.0.0/8 -j DROP",
    ["F3 unreachable F1,F2"],
  ],
  ["wildcard interfaces", "F -i eth+ -j DROP|F -i eth0 -j ACCEPT|F -i ppp0 -j DROP", ["F2 unreachable F1"]],
  ["no name is left", "F -i eth+ -j DROP|F ! -i eth+ -j REJECT|F -i ppp0 -j DROP", ["F3 unreachable F2"]],
  [
    "all names of two",
    "F -i eth0 -j DROP|F -i eth1 -j DROP|F -i eth+ -j DROP",
    ["F1 redundant F3", "F2 redundant F3"],
  ],
  [
    "ports of either side",
    "F -p tcp -m multiport --ports 22,80 -j DROP|F -p tcp --sport 80 -j DROP|F -p tcp --dport 22 -j REJECT",
    ["F2 unreachable F1", "F3 unreachable F1"],
  ],
  [
    "states",
    "F -m conntrack --ctstate NEW,ESTABLISHED -j DROP|F -m state --state NEW -j ACCEPT",
    ["F2 unreachable F1"],
  ],
  ["a limit takes nothing for sure", "F -m limit --limit 5/s -j DROP|F -s 10.0.0.1 -j DROP", []],
  [
    "but may be out of reach itself",
    "F -s 10.0.0.0/8 -j DROP|F -s 10.0.0.1 -m limit --limit 5/s -j ACCEPT",
    ["F2 unreachable F1"],
  ],
  ["a rule with no packets", "F -m mark --mark 1/2 -j DROP", ["F1 unreachable -"]],
  ["log goes on", "F -s 10.0.0.1 -j LOG|F -s 10.0.0.1 -j DROP", []],

  [
    "a chain that takes all",
    "A -p tcp -j DROP|A -j REJECT|F -s 10.0.0.0/8 -j A|F -s 10.0.0.1 -j DROP",
    ["F2 unreachable F1"],
  ],
  ["one that does not", "A -p tcp -j DROP|F -s 10.0.0.0/8 -j A|F -s 10.0.0.1 -j DROP", []],
  [
    "goto takes whatever it matches",
    "A -p tcp -j DROP|F -s 10.0.0.0/8 -g A|F -s 10.0.0.1 -j DROP",
    ["F2 unreachable F1"],
  ],
  [
    "RETURN in a built-in chain is its policy",
    "F -s 10.0.0.0/8 -j RETURN|F -s 10.0.0.1 -j DROP|F -d 10.0.0.1 -j RETURN",
    ["F2 unreachable F1", "F3 redundant -"],
  ],
  [
    "RETURN takes from its chain only",
    "A -s 10.0.0.1 -j RETURN|A -s 10.0.0.1 -j DROP|F -j A|F -s 10.0.0.1 -j DROP",
    ["A2 unreachable A1"],
  ],
  ["nothing leads there", "A -j DROP", ["A1 unreachable -"]],
  ["nor to what that calls", "A -j B|B -j DROP", ["A1 unreachable -", "B1 unreachable -"]],
  [
    "nothing gets to what leads there",
    "F -j DROP|F -p tcp -j A|A -p tcp -j REJECT",
    ["F2 unreachable F1", "A1 unreachable F1"],
  ],
  ["callers send other packets", "F -p tcp -j A|A -p udp -j DROP", ["A1 unreachable F1"]],
  [
    "callers send too few",
    "F -p tcp --dport 22 -j DROP|F -p tcp -j A|A -p tcp --dport 22 -j DROP",
    ["F1 redundant F2", "A1 unreachable F1"],
  ],
  [
    "two callers",
    "F -i eth0 -p tcp -j A|F -i eth1 -p udp -j A|A -p 47 -j DROP|A -p udp -j DROP",
    ["A1 unreachable F1,F2"],
  ],

  ["a wider rule behind", "F -s 10.1.0.0/16 -j DROP|F -s 10.0.0.0/8 -j DROP", ["F1 redundant F2"]],
  [
    "with another between",
    "F -s 10.1.0.0/16 -j DROP|F -s 10.0.0.0/12 -p tcp -j ACCEPT|F -s 10.0.0.0/8 -j DROP",
    [],
  ],
  [
    "with another between that is elsewhere",
    "F -s 10.1.0.0/16 -j DROP|F -s 10.2.1.0/24 -j ACCEPT|F -s 10.0.0.0/8 -j DROP",
    ["F1 redundant F3"],
  ],
  [
    "what the one between would get is taken before",
    "F -s 10.1.1.0/24 -j REJECT|F -s 10.1.0.0/16 -j DROP|F -s 10.1.1.0/24 -j ACCEPT|F -s 10.0.0.0/8 -j DROP",
    ["F2 redundant F4", "F3 unreachable F1"],
  ],
  [
    "two behind",
    "F -s 10.0.0.0/8 -j DROP|F -s 10.0.0.0/9 -j DROP|F -s 10.128.0.0/9 -j DROP",
    ["F1 redundant F2,F3", "F2 unreachable F1", "F3 unreachable F1"],
  ],
  [
    "the policy",
    "F -s 10.0.0.1 -j DROP|F -p tcp -j DROP",
    ["F1 redundant -", "F2 redundant -"],
    { policy: "DROP" },
  ],
  ["an exception is needed", "F -s 10.0.0.1 -j DROP|F -s 10.0.0.0/8 -j ACCEPT", [], { policy: "DROP" }],
  ["rejects of two kinds", "F -s 10.0.0.1 -j REJECT|F -j REJECT --reject-with icmp-host-prohibited", []],
  ["rejects of one kind", "F -s 10.0.0.1 -j REJECT|F -j REJECT", ["F1 redundant F2"]],
  ["what would be logged is not", "F -s 10.0.0.1 -j DROP|F -j LOG|F -j DROP", []],
  ["what would only be counted is", "F -s 10.0.0.1 -j DROP|F -p tcp|F -j DROP", ["F1 redundant F3"]],
  [
    "a limit behind would be spent",
    "F -s 10.0.0.1 -j DROP|F -m limit --limit 5/s -j DROP|F -j DROP",
    ["F2 redundant F3"],
  ],
  ["a chain that does the same", "A -j DROP|F -s 10.0.0.1 -j DROP|F -j A", ["F1 redundant F2"]],
  ["one that does not for all", "A -p tcp -j ACCEPT|A -j DROP|F -s 10.0.0.1 -j DROP|F -j A", []],
  ["one that does for these", "A -p tcp -j ACCEPT|A -j DROP|F -p udp -j DROP|F -j A", ["F1 redundant F2"]],
  ["accept in a user chain is not its end", "A -s 10.0.0.1 -j ACCEPT|F -j A", []],
  ["a RETURN at the end is", "A -p tcp -j DROP|A -j RETURN|F -j A", ["A2 redundant -"]],

  [
    "a mark that is changed between",
    "F -m mark --mark 1 -j ACCEPT|F -j MARK --set-mark 1|F -m mark --mark 1 -j DROP",
    [],
    { table: "mangle" },
  ],
  [
    "a mark that is not",
    "F -m mark --mark 1 -j ACCEPT|F -m mark --mark 1 -j DROP|F -j MARK --set-mark 1",
    ["F2 unreachable F1"],
    { table: "mangle" },
  ],
  [
    "others do not depend on it",
    "F -p tcp -j ACCEPT|F -j MARK --set-mark 1|F -p tcp -m mark --mark 1 -j DROP",
    ["F3 unreachable F1"],
    { table: "mangle" },
  ],
  [
    "a translation ends the table",
    "F -s 10.0.0.0/8 -j DNAT --to-destination 192.0.2.1|F -s 10.0.0.1 -j ACCEPT",
    ["F2 unreachable F1"],
    { table: "nat", base: "PREROUTING" },
  ],

  [
    "IPv6",
    "F -s 2001:db8::/33 -j DROP|F -s 2001:db8:8000::/33 -j REJECT|F -s 2001:db8::/32 -j DROP|F -s 2001:db9::1 -j ACCEPT",
    ["F1 redundant F3", "F3 unreachable F1,F2", "F4 redundant -"],
    { family: "ipv6" },
  ],
];

describe("shadow", () => {
  test.each(CASES.map((each) => [each[0], each] as const))("%s", (_, [, rules, expected, asked]) => {
    expect(said(report(rules, asked))).toEqual(expected);
  });

  test("a rule that only the union of a hundred others covers", () => {
    const parts = Array.from(
      { length: 100 },
      (_, at) => `F -p tcp --dport ${at * 100}:${at * 100 + 99} -j DROP`,
    );
    const fragments = "F -p tcp -f -j DROP";
    const last = (low: number, high: number): string => `F -p tcp --dport ${low}:${high} -j REJECT`;
    const { findings } = report([...parts, fragments, last(0, 9999), last(50, 10_000)].join("|"));
    expect(findings.map(({ index, kind, by }) => [index, kind, by.length])).toEqual([
      [102, "unreachable", 100],
    ]);
  });

  test("more others than are tried one by one", () => {
    const parts = Array.from({ length: 700 }, (_, at) => `F -s 10.${at >> 8}.${at & 255}.0/24 -j DROP`);
    const { findings } = report(
      [...parts, "F -s 10.0.0.0/15 -j REJECT", "F -s 10.0.0.0/14 -j REJECT"].join("|"),
    );
    expect(findings.map(({ index, kind, by }) => [index, kind, by.length])).toEqual([
      [701, "unreachable", 512],
    ]);
  });

  test("only one chain is asked about, whatever leads to it", () => {
    const rules =
      "F -p tcp --dport 22 -j DROP|F -p tcp -j A|A -p tcp --dport 22 -j DROP|F -p tcp --dport 22 -j DROP";
    const asked = report(rules, { chain: "A" });
    expect(asked.rules).toBe(1);
    expect(said(asked)).toEqual(["A1 unreachable F1"]);
  });

  test("why a rule without causes is one", () => {
    const why = (rules: string, asked?: Asked) => report(rules, asked).findings.map((each) => each.why);
    expect(why("A -j DROP")).toEqual(["no-caller"]);
    expect(why("F -j ACCEPT")).toEqual(["end"]);
    expect(why("F -m mark --mark 1/2 -j DROP")).toEqual(["matches-nothing"]);
  });
});
