import { expect, test } from "vitest";
import { describePacket } from "../pktset/index.ts";
import { rulesOnly } from "../reach/index.ts";
import { parseRestore } from "../syntax/index.ts";
import { type DiffSide, diffRulesets } from "./diff.ts";

const HEAD = "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\n:A - [0:0]\n:B - [0:0]\n";

function side(rules: readonly string[], head = HEAD): DiffSide {
  const text = `${head}${rules.map((rule) => `-A ${rule}\n`).join("")}COMMIT\n`;
  const { ruleset, diagnostics } = parseRestore({ source: "test", text, family: "ipv4" });
  expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
  return {
    ruleset,
    context: rulesOnly("ipv4", "nft"),
    textOf: ({ span }) => text.slice(span.start, span.end),
  };
}

const WEB = "FORWARD -s 10.0.0.0/8 -d 192.0.2.1 -p tcp --dport 80 -j ACCEPT";

test.each<[string, readonly string[], readonly string[]]>([
  ["nothing", [], []],
  ["the same", [WEB], [WEB]],
  [
    "another order of rules that do not meet",
    [WEB, "FORWARD -p udp -j ACCEPT"],
    ["FORWARD -p udp -j ACCEPT", WEB],
  ],
  [
    "another spelling",
    ["FORWARD -p tcp --dport 80:81 -j ACCEPT"],
    ["FORWARD -p tcp -m multiport --dports 81,80 -j ACCEPT"],
  ],
  [
    "a prefix in two halves",
    ["FORWARD -s 10.0.0.0/8 -j ACCEPT"],
    ["FORWARD -s 10.0.0.0/9 -j ACCEPT", "FORWARD -s 10.128.0.0/9 -j ACCEPT"],
  ],
  [
    "a chain in place of its rules",
    [WEB],
    ["FORWARD -s 10.0.0.0/8 -j A", "A -d 192.0.2.1 -p tcp --dport 80 -j ACCEPT"],
  ],
  [
    "a rule behind one that takes all it had",
    [WEB, "FORWARD -j DROP"],
    [WEB, "FORWARD -j DROP", "FORWARD -j ACCEPT"],
  ],
  [
    "a goto that comes back to the caller's caller",
    ["FORWARD -j A", "A -g B"],
    ["FORWARD -j A", "A -j B", "A -j RETURN"],
  ],
])("equal: %s", (_, before, after) => {
  expect(diffRulesets(side(before), side(after))).toEqual({ equal: true, exact: true, changes: [] });
});

test("what becomes denied is named, counted and shown, with the rules of both sides", () => {
  const { equal, exact, changes } = diffRulesets(
    side([WEB]),
    side(["FORWARD -s 10.0.0.0/8 -d 192.0.2.1 -p tcp --dport 80 -j DROP"]),
  );
  expect([equal, exact, changes.length]).toEqual([false, true, 1]);
  const [change] = changes;
  expect(change).toMatchObject({
    table: "filter",
    chain: "FORWARD",
    before: "accept",
    after: "drop",
    count: 1n << 40n,
  });
  expect(change?.packets).toEqual(["tcp src 10.0.0.0/8 dst 192.0.2.1 dport 80"]);
  expect(describePacket(change?.space as never, change?.witness as never)).toBe(
    "tcp src 10.0.0.1 dst 192.0.2.1 dport 80",
  );
  expect(change?.rulesBefore.map(({ rule }) => rule?.index)).toEqual([1]);
});

test("a changed policy is a difference for all that no rule takes", () => {
  const after = side([WEB], HEAD.replace("FORWARD DROP", "FORWARD ACCEPT"));
  const { changes } = diffRulesets(side([WEB]), after);
  expect(changes.map(({ before, after: to, count }) => [before, to, count])).toEqual([
    ["drop", "accept", (1n << 104n) - (1n << 40n)],
  ]);
});

test("another mark, another translation", () => {
  const mangle = "*mangle\n:PREROUTING ACCEPT [0:0]\n";
  const marks = (mark: number) => side([`PREROUTING -s 192.0.2.1 -j MARK --set-mark ${mark}`], mangle);
  expect(diffRulesets(marks(1), marks(2)).changes.map(({ before, after }) => [before, after])).toEqual([
    ["accept, mark set to 0x1", "accept, mark set to 0x2"],
  ]);
  const nat = "*nat\n:PREROUTING ACCEPT [0:0]\n";
  const translated = (port: number) =>
    side([`PREROUTING -d 192.0.2.1 -p tcp --dport 80 -j DNAT --to-destination 10.0.0.1:${port}`], nat);
  expect(
    diffRulesets(translated(80), translated(81)).changes.map(({ before, after }) => [before, after]),
  ).toEqual([["accept, dst to 10.0.0.1:80", "accept, dst to 10.0.0.1:81"]]);
});

test("a new limit is not equal, and not exact", () => {
  const { equal, exact } = diffRulesets(side([WEB]), side([WEB.replace("-j", "-m limit --limit 1/s -j")]));
  expect([equal, exact]).toEqual([false, false]);
});

test("an unknown that stands in both is no difference", () => {
  const limited = WEB.replace("-j", "-m limit --limit 1/s -j");
  expect(diffRulesets(side([limited]), side([limited])).equal).toBe(true);
});

test("only the asked chain", () => {
  const after = side([WEB, "INPUT -s 192.0.2.9 -j DROP"]);
  expect(diffRulesets(side([WEB]), after, "FORWARD").equal).toBe(true);
  expect(diffRulesets(side([WEB]), after).changes.map(({ chain }) => chain)).toEqual(["INPUT"]);
});
