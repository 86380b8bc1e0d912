import { expect, test } from "vitest";
import { hasErrors } from "../base/index.ts";
import { parseIpv4 } from "../net/index.ts";
import { describePacket, type Ranges } from "../pktset/index.ts";
import { rulesOnly } from "../reach/index.ts";
import type { Table } from "../ruleset/index.ts";
import { parseRestore } from "../syntax/index.ts";
import { type SpoofState, spoofing } from "./spoof.ts";

const INSIDE: Ranges = [parseIpv4("10.0.0.0") as number, parseIpv4("10.0.0.255") as number];
const OUTSIDE: Ranges = [0, INSIDE[0] as number, (INSIDE[1] as number) + 1, 0xffffffff].map((value, at) =>
  at === 1 ? Number(value) - 1 : value,
);
const BEHIND = new Map([
  ["lan", INSIDE],
  ["wan", OUTSIDE],
]);

/** What is said of lan and wan: `safe`, `open` (may pass) or the packet that passes. */
function said(text: string, state: SpoofState = "new", chain = "FORWARD"): readonly string[] {
  const { ruleset, diagnostics } = parseRestore({ source: "test", text, family: "ipv4" });
  if (hasErrors(diagnostics)) throw new Error(JSON.stringify(diagnostics));
  const answer = spoofing({
    ruleset,
    context: rulesOnly("ipv4", "nft"),
    table: ruleset.tables.get("filter") as Table,
    chain,
    behind: BEHIND,
    state,
  });
  return answer.interfaces.map(({ safe, exact, witness }) =>
    safe ? "safe" : exact ? describePacket(answer.space, witness ?? new Map()) : "open",
  );
}

const filter = (policy: string, ...rules: readonly string[]): string =>
  `*filter\n:FORWARD ${policy} [0:0]\n:GUARD - [0:0]\n${rules.map((rule) => `-A ${rule}\n`).join("")}COMMIT\n`;

test("a chain that accepts everything lets every foreign source in", () => {
  expect(said(filter("ACCEPT"))).toEqual([
    "in lan state NEW src 203.0.113.7",
    "in wan state NEW src 10.0.0.1",
  ]);
});

test("a chain that drops everything is safe", () => {
  expect(said(filter("DROP"))).toEqual(["safe", "safe"]);
});

test("dropping what comes from elsewhere proves an interface safe, in a chain of its own too", () => {
  const rules = [
    "FORWARD -i lan -j GUARD",
    "FORWARD -j ACCEPT",
    "GUARD -s 10.0.0.0/24 -j RETURN",
    "GUARD -j DROP",
  ];
  expect(said(filter("DROP", ...rules))[0]).toBe("safe");
  expect(said(filter("DROP", ...rules))[1]).toBe("in wan state NEW src 10.0.0.1");
});

test("a guard behind the accepting rule comes too late", () => {
  const rules = ["FORWARD -p tcp -m tcp --dport 80 -j ACCEPT", "FORWARD -i lan ! -s 10.0.0.0/24 -j DROP"];
  expect(said(filter("DROP", ...rules))[0]).toBe("tcp in lan state NEW src 203.0.113.7 dport 80");
});

test("goto into a guard that returns goes on behind the caller", () => {
  const rules = ["FORWARD -g GUARD", "FORWARD -j DROP", "GUARD -i wan -s 10.0.0.0/24 -j DROP"];
  expect(said(filter("ACCEPT", ...rules))).toEqual(["in lan state NEW src 203.0.113.7", "safe"]);
});

test("a limit before the guard lets some foreign packets through; one on the guard proves nothing", () => {
  expect(said(filter("DROP", "FORWARD -m limit --limit 1/sec -j ACCEPT"))).toEqual(["open", "open"]);
  expect(said(filter("ACCEPT", "FORWARD -i lan ! -s 10.0.0.0/24 -m limit --limit 1/sec -j DROP"))).toEqual([
    "open",
    "in wan state NEW src 10.0.0.1",
  ]);
});

test("an unknown test that only drops more does not stand in the way of safe", () => {
  const rules = [
    "FORWARD -m recent --update --seconds 60 --name X --rsource -j DROP",
    "FORWARD -i wan -s 10.0.0.0/24 -j DROP",
    "FORWARD -i wan -j ACCEPT",
  ];
  expect(said(filter("DROP", ...rules))).toEqual(["safe", "safe"]);
});

test("established connections are no matter of state new, but of any", () => {
  const rules = ["FORWARD -m conntrack --ctstate ESTABLISHED -j ACCEPT"];
  expect(said(filter("DROP", ...rules))).toEqual(["safe", "safe"]);
  expect(said(filter("DROP", ...rules), "any")[0]).toContain("state ESTABLISHED");
});

test("what raw and mangle drop does not come", () => {
  const raw = "*raw\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -i wan -s 10.0.0.0/24 -j DROP\nCOMMIT\n";
  const mangle = "*mangle\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -i lan ! -s 10.0.0.0/24 -j DROP\nCOMMIT\n";
  expect(said(raw + mangle + filter("ACCEPT"))).toEqual(["safe", "safe"]);
});

test("what raw exempts from tracking is UNTRACKED, not NEW", () => {
  const raw =
    "*raw\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -p udp -m udp --dport 53 -j CT --notrack\nCOMMIT\n";
  const rules = filter("DROP", "FORWARD -m conntrack --ctstate UNTRACKED -j ACCEPT");
  expect(said(raw + rules)).toEqual(["safe", "safe"]);
  expect(said(raw + rules, "untracked")[1]).toBe("udp in wan state UNTRACKED src 10.0.0.1 dport 53");
  expect(said(rules, "untracked")).toEqual(["safe", "safe"]);
});

test("a mark set in PREROUTING is seen in FORWARD", () => {
  const mangle =
    "*mangle\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -s 10.0.0.0/24 -j MARK --set-mark 7\nCOMMIT\n";
  const rules = filter("DROP", "FORWARD -m mark --mark 7 -j ACCEPT");
  expect(said(mangle + rules)[1]).toBe("in wan state NEW src 10.0.0.1 mark 0x7");
  // Nothing is sure of marks from outside the rules.
  expect(said(rules)).toEqual(["open", "open"]);
});

test("a destination that nat may change is not relied on", () => {
  const nat =
    "*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -d 192.0.2.1/32 -j DNAT --to-destination 10.0.0.5\nCOMMIT\n";
  const rules = filter("DROP", "FORWARD -i wan -d 10.0.0.5/32 -j ACCEPT");
  const raw = "*raw\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -d 10.0.0.0/24 -j DROP\nCOMMIT\n";
  expect(said(raw + nat + rules)).toEqual(["safe", "open"]);
  expect(said(raw + rules)).toEqual(["safe", "safe"]);
});

test("a user-defined chain is asked by itself", () => {
  expect(said(filter("DROP", "GUARD -i wan -j ACCEPT"), "new", "GUARD")).toEqual([
    "safe",
    "in wan state NEW src 10.0.0.1",
  ]);
});
