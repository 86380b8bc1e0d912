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
