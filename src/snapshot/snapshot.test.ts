import { expect, test } from "vitest";
import { seededRng } from "../base/index.ts";
import { World } from "../sim/index.ts";
import { type HostListing, readSnapshot } from "./snapshot.ts";

const RULES: HostListing = {
  kind: "ruleset",
  source: "rules",
  text: "*filter\n:FORWARD DROP [0:0]\n-A FORWARD -i eth0 -o wg0 -j ACCEPT\nCOMMIT\n",
  family: "ipv4",
};
const ADDRESSES: HostListing = {
  kind: "addresses",
  source: "addresses",
  text: "2: eth0: <UP,LOWER_UP> mtu 1400 state UP\n    inet 192.0.2.1/24 scope global eth0\n",
};
const hostOf = (...listings: readonly HostListing[]) =>
  readSnapshot(listings, "nft").makeHost(new World([], seededRng(1)));

test("devices are those of any listing: addresses, routes, rules", () => {
  const routes: HostListing = {
    kind: "routes",
    source: "routes",
    text: "default via 192.0.2.254 dev ppp0\n",
  };
  const { devices } = readSnapshot([RULES, ADDRESSES, routes], "nft");
  expect(devices.map(({ name, mtu }) => `${name} ${mtu}`)).toEqual(["eth0 1400", "ppp0 1500", "wg0 1500"]);
});

test("what no listing says is said to be assumed", () => {
  const { assumptions } = readSnapshot([RULES], "nft");
  expect(assumptions).toHaveLength(3);
  expect(assumptions.join()).toContain("taken to forward");
  const settings: HostListing = { kind: "sysctl", source: "sysctl", text: "net.ipv4.ip_forward = 0\n" };
  const listed = readSnapshot([RULES, settings], "nft");
  expect(listed.assumptions.join()).not.toContain("forward");
  expect(hostOf(RULES, settings).sysctls.forwards("ipv4", "eth0")).toBe(false);
});

test("settings of a sysctl.conf: patterns stand for devices, and a line without a value sets nothing", () => {
  const settings: HostListing = {
    kind: "sysctl",
    source: "sysctl.conf",
    text: "net.ipv4.conf.*.rp_filter = 2\n-net.ipv4.conf.wg0.rp_filter\nnet.ipv4.conf.eth0.log_martians = 1\n",
  };
  const { sysctls } = hostOf(RULES, ADDRESSES, settings);
  expect(sysctls.get("net.ipv4.conf.eth0.rp_filter")).toBe(2);
  expect(sysctls.get("net.ipv4.conf.all.rp_filter")).toBe(2);
  expect(sysctls.get("net.ipv4.conf.wg0.rp_filter")).toBeUndefined();
  expect(sysctls.get("net.ipv4.conf.eth0.log_martians")).toBe(1);
});

test("a route listing of another table is known by its name", () => {
  const other: HostListing = {
    kind: "routes",
    source: "ip-route-list-table-DSL.txt",
    text: "default via 192.0.2.254 dev eth0\n",
  };
  const routes = [...hostOf(ADDRESSES, other).network.fibs.ipv4.routes()];
  expect(routes.filter(({ prefixBits }) => prefixBits === 0).map(({ table }) => table)).toEqual(["DSL"]);
});

test("errors of any listing are reported with their source", () => {
  const broken: HostListing = { kind: "routes", source: "broken", text: "default via nowhere dev eth0\n" };
  const { diagnostics } = readSnapshot([RULES, broken], "nft");
  expect(diagnostics.map(({ span, severity }) => `${severity} ${span.source}`)).toEqual(["error broken"]);
});

const rulesNamed = (source: string, text: string): HostListing => ({ kind: "ruleset", source, text });

test("tables may come in a file each, but not twice", () => {
  const nat = rulesNamed("nat", "*nat\n:PREROUTING ACCEPT [0:0]\nCOMMIT\n");
  const { rulesets, diagnostics } = readSnapshot([RULES, nat], "nft");
  expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
  expect([...(rulesets.ipv4?.tables.keys() ?? [])]).toEqual(["filter", "nat"]);
  const again = readSnapshot([RULES, { ...RULES, source: "after" }], "nft");
  expect(again.diagnostics.map(({ code, span }) => `${code} ${span.source}`)).toContain(
    "hoststate/listed-twice after",
  );
});

test("two address listings add up family by family, and must not contradict each other", () => {
  const six: HostListing = {
    kind: "addresses",
    source: "addresses6",
    text: "2: eth0: <UP,LOWER_UP> mtu 1400 state UP\n    inet6 2001:db8::1/64 scope global\n",
  };
  const { devices } = readSnapshot([RULES, ADDRESSES, six], "nft");
  expect(devices[0]?.addresses.map(({ family }) => family)).toEqual(["ipv4", "ipv6"]);
  const other = { ...ADDRESSES, source: "other", text: ADDRESSES.text.replace("2.1/24", "2.2/24") };
  expect(readSnapshot([RULES, ADDRESSES, other], "nft").diagnostics.map(({ code }) => code)).toEqual([
    "hoststate/listed-twice",
  ]);
});

const ruleListing = (source: string, text: string): HostListing => ({ kind: "routing rules", source, text });
const IPV4_RULES = "0: from all lookup local\n32766: from all lookup main\n32767: from all lookup default\n";
const MARKED = "0: from all lookup local\n500: from all fwmark 0x1 lookup 100\n32766: from all lookup main\n";

test.each([
  ["a file name with 6", [ruleListing("ip-6-rule.txt", MARKED)], "ipv6", ""],
  [
    "another listing that is IPv4's",
    [ruleListing("a", IPV4_RULES), ruleListing("b", MARKED)],
    "ipv6",
    "IPv6",
  ],
  [
    "an address",
    [ruleListing("a", MARKED.replace("from all fwmark", "from 2001:db8::/32 fwmark"))],
    "ipv6",
    "",
  ],
  ["the table default", [ruleListing("rules6", MARKED + IPV4_RULES.slice(-38))], "ipv4", ""],
  ["both listings in one file", [ruleListing("a", IPV4_RULES + MARKED)], "ipv6", "IPv6"],
  ["nothing", [ruleListing("a", MARKED)], "ipv4", "IPv4"],
] as const)("the family of routing rules is told by %s", (_, listings, family, assumed) => {
  const { makeHost, assumptions } = readSnapshot([RULES, ADDRESSES, ...listings], "nft");
  const { fibs } = makeHost(new World([], seededRng(1))).network;
  const marked = (of: "ipv4" | "ipv6"): boolean => fibs[of].nextPriority() === 499;
  expect([marked("ipv4"), marked("ipv6")]).toEqual([family === "ipv4", family === "ipv6"]);
  const said = assumptions.filter((each) => each.includes("routing rules"));
  expect(said.join()).toContain(assumed);
  expect(said).toHaveLength(assumed === "" ? 0 : 1);
});

test("what a listing says and is not understood is said; of what a person typed it is an error", () => {
  const typo: HostListing = { kind: "routes", source: "r", text: "default vai 1.2.3.4 dev eth0\n" };
  const read = readSnapshot([RULES, typo], "nft");
  expect(read.assumptions.join()).toContain("r:1: ");
  const said = readSnapshot([RULES, { ...typo, said: true }], "nft");
  expect(said.diagnostics.map(({ severity }) => severity)).toEqual(["error"]);
});

test.each([
  ["net.ipv4.ip_forwrd = 0", "did you mean net.ipv4.ip_forward?"],
  ["net.core.somaxconn = 3", "does not read"],
])("a setting that a person typed, %s, is checked", (text, message) => {
  const settings: HostListing = { kind: "sysctl", source: "--sysctl", text: `${text}\n` };
  expect(readSnapshot([RULES, settings], "nft").diagnostics).toEqual([]);
  const [wrong] = readSnapshot([RULES, { ...settings, said: true }], "nft").diagnostics;
  expect(`${wrong?.message} ${wrong?.hint}`).toContain(message);
});

test("a value that no kernel would list is wrong wherever it stands", () => {
  const settings: HostListing = { kind: "sysctl", source: "s", text: "net.ipv4.ip_forward = yes\n" };
  expect(readSnapshot([RULES, settings], "nft").diagnostics.map(({ code }) => code)).toEqual([
    "hoststate/bad-sysctl",
  ]);
});

test("that two listings disagree about a setting is said", () => {
  const one: HostListing = { kind: "sysctl", source: "a", text: "net.ipv4.ip_forward = 0\n" };
  const other: HostListing = { ...one, source: "b", text: "net.ipv4.ip_forward = 1\n" };
  expect(readSnapshot([RULES, one, other], "nft").assumptions.join()).toContain("1 in b, not 0 in a");
});

test("a rule that a person adds comes beside those that every host has", () => {
  const said: HostListing = { ...ruleListing("--rule", "500: from all fwmark 0x1 lookup 100\n"), said: true };
  const { fibs } = hostOf(RULES, ADDRESSES, { ...said, family: "ipv6" }).network;
  expect([fibs.ipv4.nextPriority(), fibs.ipv6.nextPriority()]).toEqual([32_765, 499]);
});
