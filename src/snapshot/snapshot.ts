/** From listings to a host that packets can be sent through. */
import { type Diagnostic, hasErrors } from "../base/index.ts";
import {
  type ConntrackEntry,
  type Interface,
  type IpSet,
  parseConntrack,
  parseIpAddress,
  parseIpRoute,
  parseIpRule,
  parseIpSets,
  parseSysctl,
  type Route,
  type RoutingRule,
  type SysctlSetting,
  sysctlValue,
} from "../hoststate/index.ts";
import { type Family, familyOf, toWords } from "../net/index.ts";
import { builtinHook, type Ruleset } from "../ruleset/index.ts";
import {
  adoptConnection,
  type Choices,
  type Device,
  type DeviceAddress,
  Host,
  IpSets,
  Sysctls,
} from "../sim/index.ts";
import { parseRestore } from "../syntax/index.ts";
import type { Backend } from "../xt/index.ts";

export type ListingKind =
  | "ruleset"
  | "ipset"
  | "addresses"
  | "routes"
  | "routing rules"
  | "conntrack"
  | "sysctl";

export interface HostListing {
  readonly kind: ListingKind;
  readonly source: string;
  readonly text: string;
  /** Rulesets: the family that it is for. */
  readonly family?: Family;
}

export interface Snapshot {
  readonly diagnostics: readonly Diagnostic[];
  readonly rulesets: Readonly<Partial<Record<Family, Ruleset>>>;
  readonly devices: readonly Device[];
  /** What no listing said and was taken for granted, a sentence each. */
  readonly assumptions: readonly string[];
  /** Addresses or routes were not listed: where a packet goes is not known. */
  readonly lacksRoutes: boolean;
  /** What was listed, for questions about all packets. */
  readonly listed: {
    readonly interfaces: readonly Interface[];
    readonly routes: readonly Route[];
    readonly rules: readonly RoutingRule[];
    readonly sets: readonly IpSet[];
  };
  /** Each call gives a host of its own. */
  makeHost(choices: Choices): Host;
}

const USUAL_MTU = 1500;

/** Reads all listings of a host. Kinds may repeat: routes of several tables, rulesets of both families. */
export function readSnapshot(listings: readonly HostListing[], backend: Backend): Snapshot {
  const diagnostics: Diagnostic[] = [];
  const assumptions: string[] = [];
  const rulesets: Partial<Record<Family, Ruleset>> = {};
  const interfaces: Interface[] = [];
  const routes: Route[] = [];
  const rules: RoutingRule[] = [];
  const sets: IpSet[] = [];
  const settings: SysctlSetting[] = [];
  const entries: ConntrackEntry[] = [];
  for (const { kind, source, text, family } of listings) {
    switch (kind) {
      case "ruleset": {
        const parsed = parseRestore({ source, text, family: family ?? "ipv4" });
        diagnostics.push(...parsed.diagnostics);
        if (!hasErrors(parsed.diagnostics)) rulesets[parsed.ruleset.family] = parsed.ruleset;
        break;
      }
      case "addresses": {
        const parsed = parseIpAddress(text, source);
        diagnostics.push(...parsed.diagnostics);
        interfaces.push(...parsed.interfaces);
        break;
      }
      case "routes": {
        const parsed = parseIpRoute(text, source);
        diagnostics.push(...parsed.diagnostics);
        const table = tableOf(source);
        routes.push(
          ...parsed.routes.map((route) => (route.table === undefined ? { ...route, table } : route)),
        );
        break;
      }
      case "routing rules": {
        const parsed = parseIpRule(text, source);
        diagnostics.push(...parsed.diagnostics);
        rules.push(...parsed.rules);
        break;
      }
      case "ipset": {
        const parsed = parseIpSets(text, source);
        diagnostics.push(...parsed.diagnostics);
        sets.push(...parsed.sets);
        break;
      }
      case "sysctl": {
        const parsed = parseSysctl(text, source);
        diagnostics.push(...parsed.diagnostics);
        settings.push(...parsed.settings);
        break;
      }
      case "conntrack": {
        const parsed = parseConntrack(text, source);
        diagnostics.push(...parsed.diagnostics);
        entries.push(...parsed.entries);
        break;
      }
    }
  }
  const devices = devicesOf(interfaces, routes, Object.values(rulesets));
  const values = valuesOf(settings, devices);
  assumeSettings(values, rulesets, settings.length > 0, assumptions);
  if (interfaces.length === 0)
    assumptions.push("no addresses given: no address is taken for the host's own (`ip address` lists them)");
  if (routes.length === 0)
    assumptions.push("no routes given beside those of the addresses (`ip route show table all` lists them)");
  const makeHost = (choices: Choices): Host => {
    const host = new Host({
      backend,
      devices,
      sysctls: new Sysctls(values),
      sockets: undefined,
      sets: new IpSets(sets),
      rulesets,
      choices,
      wallClockStart: undefined,
    });
    // Routes that the addresses brought already are in both listings.
    for (const route of routes) host.network.addRoute(route);
    for (const family of ["ipv4", "ipv6"] as const) {
      const own = rules.filter((rule) => (rule.family ?? familyOfRules(rules)) === family);
      if (own.length > 0) host.network.fibs[family].setRules(own);
    }
    for (const entry of entries) adoptConnection(host, entry);
    return host;
  };
  const lacksRoutes = interfaces.length === 0 || routes.length === 0;
  const listed = { interfaces, routes, rules, sets };
  return { diagnostics, rulesets, devices, assumptions, lacksRoutes, listed, makeHost };
}

/** Rules that name no address say nothing of their family: that of the others in the listing, else IPv4. */
const familyOfRules = (rules: readonly RoutingRule[]): Family =>
  rules.find(({ family }) => family !== undefined)?.family ?? "ipv4";

/** The table that a listing was asked for, if its name says so: `ip-route-list-table-DSL.txt`. */
const tableOf = (source: string): string => /table[-_ ](?!all\b)([\w]+)/.exec(source)?.[1] ?? "main";

/** All devices that any listing speaks of. */
/**
 * What settings amount to by key. A pattern such as `net.ipv4.conf.*.rp_filter`, as sysctl.conf(5) has them, stands
 * for the devices that are known, `all` and `default`; patterns elsewhere in a key are not followed.
 */
function valuesOf(
  settings: readonly SysctlSetting[],
  devices: readonly Device[],
): Record<string, string | number> {
  const keys = new Set(settings.map(({ key }) => key));
  const names = ["all", "default", "lo", ...devices.map(({ name }) => name.replaceAll(".", "/"))];
  for (const { key } of settings) {
    const [, before, after] = /^(net\.ipv[46]\.conf\.)[^.]*[*?[][^.]*(\.[^.]+)$/.exec(key) ?? [];
    if (before !== undefined) for (const name of names) keys.add(`${before}${name}${after}`);
  }
  const named = new Map(settings.map(({ key, value }) => [key, value]));
  const values: Record<string, string | number> = {};
  for (const key of keys) {
    const value = named.has(key) ? named.get(key) : sysctlValue(settings, key);
    if (value !== undefined) values[key] = value;
  }
  return values;
}

function devicesOf(
  interfaces: readonly Interface[],
  routes: readonly Route[],
  rulesets: readonly Ruleset[],
): readonly Device[] {
  const devices = new Map<string, Device>();
  for (const each of interfaces) {
    if (each.name === "lo") continue;
    const octets = (each.hardwareAddress ?? "").split(":").map((octet) => Number.parseInt(octet, 16));
    devices.set(each.name, {
      name: each.name,
      index: each.index,
      mtu: each.mtu ?? USUAL_MTU,
      mac: Uint8Array.from(octets.length === 6 ? octets : []),
      group: 0,
      up: each.flags?.includes("UP") ?? true,
      addresses: each.addresses.map(
        ({ address, prefixBits, flags }): DeviceAddress => ({
          family: familyOf(address),
          address,
          words: toWords(address),
          prefixBits,
          secondary: familyOf(address) === "ipv4" && flags.includes("secondary"),
        }),
      ),
    });
  }
  const add = (name: string | undefined): void => {
    if (name === undefined || name === "" || name === "lo" || name.endsWith("+") || devices.has(name)) return;
    const index = Math.max(1, ...[...devices.values()].map((device) => device.index)) + 1;
    devices.set(name, {
      name,
      index,
      mtu: USUAL_MTU,
      mac: Uint8Array.of(),
      group: 0,
      up: true,
      addresses: [],
    });
  };
  for (const { nexthops } of routes) for (const { dev } of nexthops) add(dev);
  for (const { tables } of rulesets)
    for (const { chains } of tables.values())
      for (const { rules } of chains.values())
        for (const { header } of rules) {
          add(header.inInterface?.name);
          add(header.outInterface?.name);
        }
  return [...devices.values()];
}

/** Whether the host forwards is what a trace cannot do without; the rest are the kernel's own defaults. */
function assumeSettings(
  values: Record<string, string | number>,
  rulesets: Partial<Record<Family, Ruleset>>,
  listed: boolean,
  assumptions: string[],
): void {
  if (listed) return;
  const families = (["ipv4", "ipv6"] as const).filter((family) => {
    const ruleset = rulesets[family];
    return ruleset !== undefined && speaksOfForwarding(ruleset);
  });
  for (const family of families)
    values[family === "ipv4" ? "net.ipv4.ip_forward" : "net.ipv6.conf.all.forwarding"] = 1;
  assumptions.push(
    `no sysctls given: ${families.length > 0 ? "taken to forward, since there are rules for it" : "taken not to forward"}, rp_filter off (\`sysctl -a\` lists them)`,
  );
}

/** Rules in FORWARD or PREROUTING, or translation on the way out. */
function speaksOfForwarding({ tables }: Ruleset): boolean {
  for (const [table, { chains }] of tables) {
    for (const { name, rules, policy } of chains.values()) {
      const hook = builtinHook(table, name);
      if (hook === "FORWARD" && (rules.length > 0 || policy === "DROP")) return true;
      if (table === "nat" && hook !== undefined && rules.length > 0) return true;
    }
  }
  return false;
}
