/** From listings to a host that packets can be sent through. */
import { type Diagnostic, hasErrors, LineIndex } from "../base/index.ts";
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
} from "../hoststate/index.ts";
import { FAMILIES, type Family, familyOf, toWords } from "../net/index.ts";
import { builtinHook, type Ruleset } from "../ruleset/index.ts";
import {
  adoptConnection,
  type Choices,
  type Device,
  type DeviceAddress,
  Host,
  IpSets,
  type Socket,
  Sysctls,
} from "../sim/index.ts";
import { parseRestore } from "../syntax/index.ts";
import type { Backend } from "../xt/index.ts";
import { findRepeatedSets, mergeInterfaces, mergeRulesets, nameOf } from "./merging.ts";
import { type RuleListingOf, rulesOfFamilies } from "./rule-families.ts";
import { type Setting, valuesOf, wrongSettings } from "./settings.ts";

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
  /** Rulesets and routing rules: the family that it is for. */
  readonly family?: Family;
  /** Said by a person for this one question: a word that is not understood is an error, and it may contradict listings. */
  readonly said?: boolean;
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
    readonly sets: readonly IpSet[];
  };
  readonly routingRules: Readonly<Record<Family, readonly RoutingRule[]>>;
  /** The listed connections; what a listing does not say of them (TCP windows) is not known. */
  readonly connections: number;
  /** Each call gives a host of its own. */
  makeHost(choices: Choices): Host;
}

export interface SnapshotOptions {
  /** The ports that somebody listens on; undefined: nobody said. */
  readonly listen?: readonly Socket[] | undefined;
}

const USUAL_MTU = 1500;

/** Reads all listings of a host. Kinds may repeat: routes of several tables, rulesets of both families. */
export function readSnapshot(
  listings: readonly HostListing[],
  backend: Backend,
  { listen }: SnapshotOptions = {},
): Snapshot {
  const diagnostics: Diagnostic[] = [];
  const assumptions: string[] = [];
  const parsedRulesets: Ruleset[] = [];
  const interfaces: { readonly each: Interface; readonly said: boolean }[] = [];
  const routes: Route[] = [];
  const ruleListings: RuleListingOf[] = [];
  const sets: IpSet[] = [];
  const settings: Setting[] = [];
  const entries: ConntrackEntry[] = [];
  for (const listing of listings) {
    const { kind, source, text, family, said = false } = listing;
    /** What is not understood of a host's own listing is said; of what a person typed it is a mistake. */
    const report = (found: readonly Diagnostic[]): void => {
      const lines = new LineIndex(text);
      for (const each of found) {
        if (said && each.severity === "note")
          diagnostics.push({ ...each, severity: "error", hint: "correct it, or leave it out" });
        else diagnostics.push(each);
        if (!said && each.code === "hoststate/unknown-attribute")
          assumptions.push(`${nameOf(source)}:${lines.position(each.span.start).line}: ${each.message}`);
      }
    };
    switch (kind) {
      case "ruleset": {
        const parsed = parseRestore({ source, text, family: family ?? "ipv4" });
        diagnostics.push(...parsed.diagnostics);
        if (!hasErrors(parsed.diagnostics)) parsedRulesets.push(parsed.ruleset);
        break;
      }
      case "addresses": {
        const parsed = parseIpAddress(text, source);
        report(parsed.diagnostics);
        interfaces.push(...parsed.interfaces.map((each) => ({ each, said })));
        break;
      }
      case "routes": {
        const parsed = parseIpRoute(text, source);
        report(parsed.diagnostics);
        const table = tableOf(source);
        routes.push(
          ...parsed.routes.map((route) => (route.table === undefined ? { ...route, table } : route)),
        );
        break;
      }
      case "routing rules": {
        const parsed = parseIpRule(text, source);
        report(parsed.diagnostics);
        ruleListings.push({ rules: parsed.rules, source, family, said });
        break;
      }
      case "ipset": {
        const parsed = parseIpSets(text, source);
        report(parsed.diagnostics);
        sets.push(...parsed.sets);
        break;
      }
      case "sysctl": {
        const parsed = parseSysctl(text, source);
        report(parsed.diagnostics);
        if (said) diagnostics.push(...wrongSettings(parsed.settings));
        settings.push(...parsed.settings.map((each) => ({ ...each, said })));
        break;
      }
      case "conntrack": {
        const parsed = parseConntrack(text, source);
        report(parsed.diagnostics);
        entries.push(...parsed.entries);
        break;
      }
    }
  }
  const rulesets = mergeRulesets(parsedRulesets, diagnostics);
  const merged = mergeInterfaces(interfaces, diagnostics);
  const devices = devicesOf(merged, routes, Object.values(rulesets));
  const rules = rulesOfFamilies(ruleListings, assumptions);
  findRepeatedSets(sets, diagnostics);
  const values = valuesOf(settings, devices, assumptions);
  assumeSettings(values, rulesets, settings.length > 0, assumptions);
  if (merged.length === 0)
    assumptions.push("no addresses given: no address is taken for the host's own (`ip address` lists them)");
  if (routes.length === 0)
    assumptions.push("no routes given beside those of the addresses (`ip route show table all` lists them)");
  const makeHost = (choices: Choices): Host => {
    const host = new Host({
      backend,
      devices,
      sysctls: new Sysctls(values),
      sockets: listen,
      sets: new IpSets(sets),
      rulesets,
      choices,
      wallClockStart: undefined,
    });
    // Routes that the addresses brought already are in both listings.
    for (const route of routes) host.network.addRoute(route);
    for (const family of FAMILIES) {
      const { rules: own, complete } = rules[family];
      const fib = host.network.fibs[family];
      if (complete) fib.setRules(own);
      else for (const rule of own) fib.addRule(rule);
    }
    for (const entry of entries) adoptConnection(host, entry);
    return host;
  };
  const lacksRoutes = merged.length === 0 || routes.length === 0;
  return {
    diagnostics,
    rulesets,
    devices,
    assumptions,
    lacksRoutes,
    routingRules: { ipv4: rules.ipv4.rules, ipv6: rules.ipv6.rules },
    connections: entries.length,
    listed: { interfaces: merged, routes, sets },
    makeHost,
  };
}

/** The table that a listing was asked for, if its name says so: `ip-route-list-table-DSL.txt`. */
const tableOf = (source: string): string => /table[-_ ](?!all\b)([\w]+)/.exec(source)?.[1] ?? "main";

/** All devices that any listing speaks of. */
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
      arp: each.flags?.includes("NOARP") !== true,
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
      arp: true,
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
