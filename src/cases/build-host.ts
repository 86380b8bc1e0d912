/** The simulated host that a case file describes. */
import { type Diagnostic, hasErrors, seededRng } from "../base/index.ts";
import { parseIpRoute, parseIpRule, parseIpSets } from "../hoststate/index.ts";
import { FAMILIES, type Family, familyOf, parseIpv4, parseIpv6, toWords } from "../net/index.ts";
import type { Ruleset } from "../ruleset/index.ts";
import {
  type Choices,
  type Device,
  type DeviceAddress,
  Host,
  IpSets,
  type Socket,
  Sysctls,
  World,
  wrongSysctl,
} from "../sim/index.ts";
import { parseRestore } from "../syntax/index.ts";
import type { Backend } from "../xt/index.ts";
import { type CaseFile, embeddedTexts } from "./case-file.ts";
import { badField, type CaseText } from "./case-text.ts";

/** Settings of the reference runs, under those that a case gives. */
const USUAL_SYSCTLS: Readonly<Record<string, number>> = {
  "net.ipv4.conf.all.rp_filter": 0,
  "net.ipv4.conf.default.rp_filter": 0,
  "net.ipv4.icmp_ratelimit": 0,
};

/** What a case holds once its texts have been read: everything but the state. */
export interface CasePlan {
  readonly backend: Backend;
  readonly diagnostics: readonly Diagnostic[];
  readonly makeHost: (choices: Choices) => Host;
}

const FIRST_INDEX = 10;
const SEED = 1;

export function planCase(text: CaseText, file: CaseFile, backend: Backend | undefined): CasePlan {
  const diagnostics: Diagnostic[] = [];
  const { source } = text;
  const embedded = embeddedTexts(source, file);
  const { dut } = file;
  const devices = Object.entries(dut.ifaces).map(([name, { addrs, mac, mtu }], at): Device => {
    const octets = (mac ?? `02:00:00:00:${at.toString(16).padStart(2, "0")}:01`).split(":");
    const addresses: DeviceAddress[] = [];
    for (const [index, own] of (addrs ?? []).entries()) {
      const address = parseDeviceAddress(own, addresses);
      if (address !== undefined) addresses.push(address);
      else
        diagnostics.push(
          badField(
            text,
            ["dut", "ifaces", name, "addrs", index],
            `"${own}" is not an address with a length, such as 192.0.2.1/24`,
          ),
        );
    }
    return {
      name,
      index: FIRST_INDEX + at,
      mtu: mtu ?? 1500,
      mac: Uint8Array.from(octets, (octet) => Number.parseInt(octet, 16)),
      group: 0,
      up: true,
      // As the links of the lab.
      arp: false,
      addresses,
    };
  });
  const sockets = (dut.listen ?? []).flatMap(({ proto, port, addr }, at): Socket[] => {
    const bound = boundAddresses(addr);
    if (bound === undefined)
      diagnostics.push(badField(text, ["dut", "listen", at, "addr"], `"${addr}" is not an address`));
    return (bound ?? []).map((each) => ({ protocol: proto, port, ...each }));
  });
  const setsName = `${source} ipset`;
  const sets = parseIpSets(embedded.get(setsName) ?? "", setsName);
  diagnostics.push(...sets.diagnostics);
  const rulesets: Partial<Record<Family, Ruleset>> = {};
  for (const [family, field] of [
    ["ipv4", "ruleset"],
    ["ipv6", "ruleset6"],
  ] as const) {
    const name = `${source} ${field}`;
    const rules = embedded.get(name);
    if (rules === undefined) continue;
    const parsed = parseRestore({ source: name, text: rules, family });
    diagnostics.push(...parsed.diagnostics);
    rulesets[family] = parsed.ruleset;
  }
  for (const [key, value] of Object.entries(dut.sysctl ?? {})) {
    const wrong = wrongSysctl(key, value);
    if (wrong !== undefined)
      diagnostics.push({ ...badField(text, ["dut", "sysctl", key], wrong.message), hint: wrong.hint });
  }
  const sysctls = new Sysctls({ ...USUAL_SYSCTLS, ...dut.sysctl });
  const chosen = backend ?? file.backend ?? "legacy";
  const bareHost = (choices: Choices): Host =>
    new Host({
      backend: chosen,
      devices,
      sysctls,
      sockets,
      sets: new IpSets(sets.sets),
      rulesets,
      choices,
      wallClockStart: file.now === undefined ? undefined : Date.parse(file.now),
      uptimeSec: file.uptime_sec,
    });
  const steps = [
    ...(dut.routes ?? []).map((line, at) => ({ line, path: ["dut", "routes", at], add: addRoute })),
    ...(dut.rules ?? []).map((line, at) => ({ line, path: ["dut", "rules", at], add: addRule })),
  ];
  const makeHost = (choices: Choices): Host => {
    const host = bareHost(choices);
    for (const { line, add } of steps) add(host, line);
    return host;
  };
  if (!hasErrors(diagnostics)) {
    const trial = bareHost(new World([], seededRng(SEED)));
    for (const { line, path, add } of steps) {
      const wrong = add(trial, line);
      if (wrong !== undefined) diagnostics.push(badField(text, path, `"${line}": ${wrong}`));
    }
  }
  return { backend: chosen, makeHost, diagnostics };
}

function parseDeviceAddress(text: string, before: readonly DeviceAddress[]): DeviceAddress | undefined {
  const [host, length] = text.split("/") as [string, string | undefined];
  const family: Family = host.includes(":") ? "ipv6" : "ipv4";
  const address = family === "ipv4" ? parseIpv4(host) : parseIpv6(host);
  const bits = family === "ipv4" ? 32 : 128;
  const prefixBits = length === undefined ? bits : Number(length);
  if (address === undefined || !Number.isInteger(prefixBits) || prefixBits < 0 || prefixBits > bits)
    return undefined;
  const words = toWords(address);
  const mask = prefixBits === 0 ? 0 : -1 << (32 - prefixBits);
  const secondary =
    family === "ipv4" &&
    before.some(
      (each) =>
        each.family === "ipv4" && each.prefixBits === prefixBits && ((each.words.w3 ^ words.w3) & mask) === 0,
    );
  return { family, address, words, prefixBits, secondary };
}

/**
 * What a socket that is bound to the address listens on: all of IPv4 if none is said, as `0.0.0.0`; `::` is everything.
 * Source: ipv6(7), IPV6_V6ONLY.
 */
function boundAddresses(text = "0.0.0.0"): readonly Pick<Socket, "family" | "address">[] | undefined {
  const address = text.includes(":") ? parseIpv6(text) : parseIpv4(text);
  if (address === undefined) return undefined;
  if (address === 0n) return FAMILIES.map((family) => ({ family, address: undefined }));
  return [{ family: familyOf(address), address: address === 0 ? undefined : toWords(address) }];
}

/** Arguments of ip(8) without -4 and -6, and the family that those or an address among them say. */
export function familyOfWords(text: string): { readonly words: string; readonly family: Family } {
  const words = text.trim().split(/\s+/);
  const said = words.some((word) => word === "-6" || word.includes(":"));
  return {
    words: words.filter((word) => word !== "-4" && word !== "-6").join(" "),
    family: said ? "ipv6" : "ipv4",
  };
}

/** Why `ip route add` with these arguments would fail whatever routes there are; undefined if nothing is wrong. */
export function routeRefusal(host: Host, text: string): string | undefined {
  const { words, family } = familyOfWords(text);
  const { routes, diagnostics } = parseIpRoute(words, text, { family });
  const route = routes[0];
  // An IPv6 route is held without the bits beyond its length. Kernel: ipv6_addr_prefix() in ip6_route_info_create().
  const wrong = diagnostics.find(({ code }) => code !== "hoststate/host-bits" || route?.family === "ipv4");
  if (route === undefined || wrong !== undefined) return wrong?.message ?? "no route given";
  if (route.table !== undefined && !isTable(route.table)) return noTable(route.table);
  return host.network.gatewayRefusal(route);
}

/** `ip route add` with these arguments. @returns what ip(8) would say, or undefined. */
export function addRoute(host: Host, text: string): string | undefined {
  const { words, family } = familyOfWords(text);
  const route = parseIpRoute(words, text, { family }).routes[0];
  return routeRefusal(host, text) ?? (route && host.network.addRoute(route));
}

/** A name that ip(8) knows without a list of the host's own, or a number. */
const isTable = (table: string): boolean => /^(\d+|main|local|default)$/.test(table);

const noTable = (table: string): string =>
  `"${table}" is not a table: write its number, or main, local or default`;

/** Arguments of `ip rule` as a line of its listing. */
export function ruleLine(text: string, priority: number): { line: string; family: Family } {
  const said = familyOfWords(text);
  const { family } = said;
  const words = said.words.split(" ");
  const at = words.findIndex(
    (word) => word === "priority" || word === "pref" || word === "preference" || word === "order",
  );
  let own = priority;
  if (at >= 0) {
    own = Number(words[at + 1]);
    words.splice(at, 2);
  }
  const invert = words.indexOf("not");
  if (invert >= 0) words.splice(invert, 1);
  const from = words.includes("from") ? "" : "from all ";
  return { line: `${own}: ${invert >= 0 ? "not " : ""}${from}${words.join(" ")}`, family };
}

/** `ip rule add` with these arguments. */
export function addRule(host: Host, text: string): string | undefined {
  const fib = host.network.fibs[familyOfWords(text).family];
  const { line, family } = ruleLine(text, fib.nextPriority());
  const { rules, diagnostics } = parseIpRule(`${line}\n`, text, { family });
  const rule = rules[0];
  if (rule === undefined || diagnostics.length > 0) return diagnostics[0]?.message ?? "no rule given";
  const { action } = rule;
  if (action.kind === "lookup" && !isTable(action.table)) return noTable(action.table);
  fib.addRule(rule);
  return undefined;
}
