import { expect, test } from "vitest";
import type { Table } from "../ruleset/index.ts";
import { parseRestore } from "../syntax/index.ts";
import { rulesOnly } from "./host-context.ts";
import { joinedRules } from "./joined-rules.ts";
import { symbolicTable } from "./symbolic-table.ts";

/** Index and effect of each joined rule, and how many ranges it tests. */
function joined(...rules: readonly string[]): readonly string[] {
  const text = `*filter\n:INPUT DROP [0:0]\n:A - [0:0]\n${rules.map((rule) => `-A INPUT ${rule}\n`).join("")}COMMIT\n`;
  const { ruleset } = parseRestore({ source: "test", text, family: "ipv4" });
  const table = symbolicTable(ruleset.tables.get("filter") as Table, rulesOnly("ipv4", "nft"));
  return joinedRules(table.chains.get("INPUT")?.rules ?? []).map(
    ({ index, action, condition }) =>
      `${index} ${action.kind === "effect" ? action.effect.kind : action.kind} ${condition.kind === "ranges" ? condition.ranges.length / 2 : condition.kind}`,
  );
}

test("neighbours that test one field and do the same are one rule, ranges that touch one range", () => {
  expect(joined("-s 10.0.0.1/32 -j DROP", "-s 10.0.0.2/32 -j DROP", "-s 10.0.0.9/32 -j DROP")).toEqual([
    "1 drop 2",
  ]);
});

test("another field, another effect or a rule between begins anew", () => {
  expect(
    joined(
      "-s 10.0.0.1/32 -j DROP",
      "-d 10.0.0.2/32 -j DROP",
      "-d 10.0.0.4/32 -j ACCEPT",
      "-d 10.0.0.6/32 -j ACCEPT",
      "-d 10.0.0.8/32 -p tcp -j ACCEPT",
      "-d 10.0.0.10/32 -j ACCEPT",
      "-d 10.0.0.12/32 -j A",
      "-d 10.0.0.14/32 -j A",
      "! -s 10.0.0.0/8 -j DROP",
      "! -s 10.0.0.0/9 -j DROP",
    ),
  ).toEqual([
    "1 drop masked",
    "2 drop masked",
    "3 accept 2",
    "5 accept and",
    "6 accept masked",
    "7 jump masked",
    "8 jump masked",
    "9 drop not",
    "10 drop not",
  ]);
});

test("no rules are none", () => {
  expect(joined()).toEqual([]);
});
