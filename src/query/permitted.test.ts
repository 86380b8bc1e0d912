import { expect, test } from "vitest";
import { rulesOnly } from "../reach/index.ts";
import type { Table } from "../ruleset/index.ts";
import { parseRestore } from "../syntax/index.ts";
import { permitted } from "./permitted.ts";

function ask(rules: readonly string[], policy = "DROP", chain = "FORWARD") {
  const text = `*filter\n:FORWARD ${policy} [0:0]\n:SUB - [0:0]\n${rules.map((rule) => `-A ${rule}\n`).join("")}COMMIT\n`;
  const { ruleset, diagnostics } = parseRestore({ source: "test", text, family: "ipv4" });
  expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
  const { count, countAtMost, exact } = permitted(
    ruleset.tables.get("filter") as Table,
    chain,
    rulesOnly("ipv4", "nft"),
  );
  return exact ? count : [count, countAtMost];
}

const ALL = 1n << 104n;
/** Ports and protocol are free: 2^40 five-tuples a pair of addresses. */
const PAIR = 1n << 40n;

test.each<[readonly string[], bigint]>([
  [[], 0n],
  [["FORWARD -j ACCEPT"], ALL],
  [["FORWARD -s 10.0.0.0/8 -d 192.0.2.1 -j ACCEPT"], (1n << 24n) * PAIR],
  [["FORWARD -s 192.0.2.1 -d 192.0.2.2 -p tcp --dport 22 -j ACCEPT"], 65536n],
  // "Not port 22" of tcp says nothing of udp.
  [["FORWARD -s 192.0.2.1 -d 192.0.2.2 -p tcp ! --dport 22 -j ACCEPT"], 65536n * 65535n],
  [["FORWARD -s 192.0.2.1 -d 192.0.2.2 ! -p tcp -j ACCEPT"], 255n << 32n],
  [["FORWARD -s 192.0.2.0/30 -d 192.0.2.1 -p tcp -m multiport --dports 1,5:9 -j ACCEPT"], 4n * 6n * 65536n],
  // A mask with holes.
  [["FORWARD -s 10.0.0.1/255.0.0.255 -d 192.0.2.1 -p 47 -j ACCEPT"], 65536n << 32n],
  // Established packets are not asked for.
  [
    ["FORWARD -m conntrack --ctstate ESTABLISHED -j ACCEPT", "FORWARD -s 192.0.2.1 -d 192.0.2.2 -j ACCEPT"],
    PAIR,
  ],
  [["FORWARD -m conntrack ! --ctstate NEW -j DROP", "FORWARD -j ACCEPT"], ALL],
  // RETURN and goto.
  [
    [
      "FORWARD -s 192.0.2.1 -j SUB",
      "SUB -d 192.0.2.2 -j RETURN",
      "SUB -j DROP",
      "FORWARD -s 192.0.2.0/31 -d 192.0.2.2/31 -j ACCEPT",
    ],
    3n * PAIR,
  ],
  [
    ["FORWARD -s 192.0.2.1 -g SUB", "SUB -d 192.0.2.2 -j ACCEPT", "FORWARD -j ACCEPT"],
    ALL - (1n << 32n) * PAIR + PAIR,
  ],
])("%j", (rules, count) => {
  expect(ask(rules)).toBe(count);
});

test("a rule that an interface decides makes two numbers", () => {
  expect(ask(["FORWARD -i eth0 -s 192.0.2.1 -d 192.0.2.2 -j ACCEPT"])).toEqual([0n, PAIR]);
});

test("a limit may hold or not", () => {
  expect(ask(["FORWARD -s 192.0.2.1 -d 192.0.2.2 -m limit --limit 1/s -j ACCEPT"])).toEqual([0n, PAIR]);
});

test("a user chain alone: what it accepts itself", () => {
  expect(ask(["SUB -s 192.0.2.1 -d 192.0.2.2 -j ACCEPT"], "ACCEPT", "SUB")).toBe(PAIR);
});
