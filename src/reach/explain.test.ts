import { expect, test } from "vitest";
import type { FieldName } from "../pktset/index.ts";
import type { Table } from "../ruleset/index.ts";
import { parseRestore } from "../syntax/index.ts";
import { explainPacket } from "./explain.ts";
import { rulesOnly } from "./host-context.ts";
import { spaceFor } from "./space-for.ts";
import { symbolicTable } from "./symbolic-table.ts";

/** `chain index` of every rule met, `policy` at the end. */
function met(...rules: readonly string[]): readonly string[] {
  const text = `*filter\n:INPUT DROP [0:0]\n:A - [0:0]\n${rules.map((rule) => `-A ${rule}\n`).join("")}COMMIT\n`;
  const { ruleset } = parseRestore({ source: "test", text, family: "ipv4" });
  const table = symbolicTable(ruleset.tables.get("filter") as Table, rulesOnly("ipv4", "nft"));
  const { interfaces } = spaceFor([table], { family: "ipv4" });
  const packet = new Map<FieldName, number>([["protocol", 6]]);
  return explainPacket(table, "INPUT", packet, interfaces).map(
    ({ chain, rule, perhaps }) => `${chain.name} ${rule?.index ?? "policy"}${perhaps ? "?" : ""}`,
  );
}

test("a packet that matches nothing meets the policy", () => {
  expect(met("INPUT -p udp -j ACCEPT")).toEqual(["INPUT policy"]);
});

test("RETURN in a built-in chain leads to its policy", () => {
  expect(met("INPUT -j RETURN", "INPUT -j ACCEPT")).toEqual(["INPUT 1", "INPUT policy"]);
});

test("goto out of a built-in chain comes back to its policy, a jump to the next rule", () => {
  expect(met("INPUT -g A", "INPUT -j ACCEPT")).toEqual(["INPUT 1", "INPUT policy"]);
  expect(met("INPUT -j A", "INPUT -j ACCEPT")).toEqual(["INPUT 1", "INPUT 2"]);
  expect(met("INPUT -g A", "A -j ACCEPT")).toEqual(["INPUT 1", "A 1"]);
});

test("a rule that may match is met perhaps, and what follows too", () => {
  expect(met("INPUT -m limit --limit 1/sec -j ACCEPT")).toEqual(["INPUT 1?", "INPUT policy"]);
});
