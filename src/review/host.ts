/**
 * A ruleset beside what the host lists otherwise: sets that no rule can use, interfaces and addresses that are not
 * there. Each is said only of kinds of listings that are given, and once for each name, since a listing shows one
 * moment: an interface may come later.
 */
import type { Diagnostic, Span } from "../base/index.ts";
import type { Interface, IpSet, Route } from "../hoststate/index.ts";
import { IP_SET_TYPES } from "../hoststate/index.ts";
import { type Address, type Family, familyOf, prefixMask, printAddress, withMask } from "../net/index.ts";
import {
  type AddressTest,
  type InterfaceTest,
  isOpaque,
  type Rule,
  type Ruleset,
  reachingHooks,
} from "../ruleset/index.ts";
import type { IpsetReference } from "../xt/ipset-reference.ts";
import type { SetMatchInfo } from "../xt/matches/set.ts";
import type { SetTargetInfo } from "../xt/targets/set.ts";
import { finding } from "./check.ts";
import { excludesInterface } from "./headers.ts";
import { count } from "./rule-text.ts";

/** What the listings of one host say; a kind of listing that is not given is absent. */
export interface HostFacts {
  readonly sets?: readonly IpSet[];
  readonly interfaces?: readonly Interface[];
  readonly routes?: readonly Route[];
}

/**
 * In the order of their places. That too few directions find nothing: net/netfilter/ipset/ip_set_core.c, ip_set_test().
 */
export function reviewAgainstHost(ruleset: Ruleset, facts: HostFacts): readonly Diagnostic[] {
  const rules = [...ruleset.tables.values()].flatMap(({ chains }) =>
    [...chains.values()].flatMap((chain) => chain.rules),
  );
  const found = [
    ...(facts.sets === undefined ? [] : setFindings(rules, facts.sets, ruleset.family)),
    ...(facts.interfaces === undefined
      ? []
      : [
          ...interfaceFindings(rules, facts.interfaces, facts.routes ?? []),
          ...addressFindings(ruleset, facts.interfaces, facts.routes ?? []),
        ]),
  ];
  return found.sort((a, b) => a.span.start - b.span.start);
}

/** Uses of one name: the first one's place, and how many rules there are. */
interface Uses {
  readonly span: Span;
  rules: number;
}

function note<Key>(uses: Map<Key, Uses>, key: Key, span: Span): void {
  const known = uses.get(key);
  if (known === undefined) uses.set(key, { span, rules: 1 });
  else known.rules++;
}

const more = (rules: number): string => (rules === 1 ? "" : ` (and ${count(rules - 1, "more rule")})`);

// ---- sets

interface SetUse {
  readonly reference: IpsetReference;
  readonly invert: boolean;
  readonly span: Span;
}

function* setUses(rules: readonly Rule[]): Generator<SetUse> {
  for (const { matches, jump, span } of rules) {
    const place = ({ start, end }: { readonly start: number; readonly end: number }): Span => ({
      source: span.source,
      start,
      end,
    });
    for (const use of matches) {
      if (isOpaque(use) || use.extension.name !== "set") continue;
      const info = use.info as SetMatchInfo;
      yield { reference: info, invert: info.invert, span: place(use) };
    }
    if (jump?.kind !== "target" || jump.extension.name !== "SET") continue;
    const { add, del, map } = jump.info as SetTargetInfo;
    for (const reference of [add, del, map])
      if (reference !== undefined) yield { reference, invert: false, span: place(jump) };
  }
}

function setFindings(rules: readonly Rule[], sets: readonly IpSet[], family: Family): Diagnostic[] {
  const byName = new Map(sets.map((set) => [set.name, set]));
  const missing = new Map<string, Uses>();
  const findings: Diagnostic[] = [];
  for (const { reference, invert, span } of setUses(rules)) {
    const set = byName.get(reference.set);
    if (set === undefined) {
      note(missing, reference.set, span);
      continue;
    }
    const own = familyOfSet(set);
    if (own !== undefined && own !== family) {
      findings.push(
        finding({
          code: "host/set-family",
          severity: "error",
          message: `the set "${set.name}" holds ${own === "ipv4" ? "IPv4" : "IPv6"} addresses, and iptables refuses it in rules of ${family === "ipv4" ? "IPv4" : "IPv6"}`,
          span,
          hint: `create a set of the rules' family for them: create NAME ${set.type} family ${family === "ipv4" ? "inet" : "inet6"}`,
        }),
      );
      continue;
    }
    const dimensions = IP_SET_TYPES[set.type].length;
    const given = reference.directions.length;
    // The members of a list:set may have more dimensions than the list; which of them match is theirs.
    if (set.type === "list:set" || given >= dimensions) continue;
    findings.push(
      finding({
        code: "host/set-directions",
        severity: "warning",
        message: `the set "${set.name}" is a ${set.type}, which needs ${dimensions} directions, and the rule has ${given}: no packet is found in it${invert ? ", and the negated test passes every one" : ""}`,
        span,
        hint: `write one for each part of ${set.type}, such as ${Array(dimensions).fill("src").join(",")}`,
      }),
    );
  }
  for (const [name, { span, rules: uses }] of missing) {
    findings.push(
      finding({
        code: "host/no-such-set",
        severity: "warning",
        message: `no ipset is called "${name}"${more(uses)}: where it does not exist, the rules do not load`,
        span,
        hint: `create it before the rules are loaded, or correct the name; the listing has ${listNames([...byName.keys()])}`,
      }),
    );
  }
  return findings;
}

/** undefined: the set holds no addresses, or sets. Source: extensions/libxt_set.h, get_set_byname(). */
function familyOfSet({ type, options }: IpSet): Family | undefined {
  return options.family ?? (type.startsWith("bitmap:ip") ? "ipv4" : undefined);
}

// ---- interfaces

function interfaceFindings(
  rules: readonly Rule[],
  interfaces: readonly Interface[],
  routes: readonly Route[],
): Diagnostic[] {
  const names = new Set(interfaces.map(({ name }) => name));
  for (const { nexthops } of routes) for (const { dev } of nexthops) if (dev !== undefined) names.add(dev);
  const known = [...names];
  const missing = new Map<string, Uses>();
  const look = (test: InterfaceTest | undefined, span: Span): void => {
    if (test === undefined || test.name === "+" || test.name === "lo") return;
    const plain = { ...test, invert: true };
    if (!known.some((name) => excludesInterface(plain, name))) note(missing, test.name, span);
  };
  for (const { header, span } of rules) {
    look(header.inInterface, span);
    if (header.outInterface?.name !== header.inInterface?.name) look(header.outInterface, span);
  }
  return [...missing].map(([name, { span, rules: uses }]) =>
    finding({
      code: "host/no-such-interface",
      severity: "note",
      message: name.endsWith("+")
        ? `no interface of the listing begins with "${name.slice(0, -1)}", and ${count(uses, "rule")} name${uses === 1 ? "s" : ""} "${name}"`
        : `no interface of the listing is called "${name}", and ${count(uses, "rule")} name${uses === 1 ? "s" : ""} it`,
      span,
      hint: `correct the name, unless the interface comes and goes; the listing has ${listNames(known)}`,
    }),
  );
}

// ---- addresses

/** Single addresses that INPUT asks for as destinations, and that are none of the host's own. */
function addressFindings(
  ruleset: Ruleset,
  interfaces: readonly Interface[],
  routes: readonly Route[],
): Diagnostic[] {
  const { family } = ruleset;
  const own = interfaces.flatMap((each) => each.addresses).filter((each) => each.family === family);
  // A listing of the other family only says nothing of this one.
  if (own.length === 0) return [];
  const local = routes.filter(
    (route) => route.family === family && ["local", "broadcast", "anycast", "multicast"].includes(route.type),
  );
  const isOwn = (address: Address): boolean =>
    isSpecial(address) ||
    own.some(
      (each) =>
        each.address === address ||
        each.broadcast === address ||
        each.anycast === address ||
        isEdge(address, each.peer ?? each.address, each.prefixBits),
    ) ||
    local.some(({ destination }) => inPrefix(address, destination.address, destination.prefixBits));
  const foreign = new Map<Address, Uses>();
  for (const table of ruleset.tables.values()) {
    const hooks = reachingHooks(table);
    for (const chain of table.chains.values()) {
      const reached = hooks.get(chain.name) ?? [];
      if (reached.length !== 1 || reached[0] !== "INPUT") continue;
      for (const { header, span } of chain.rules) {
        const address = singleAddress(header.destination, family);
        if (address !== undefined && !isOwn(address)) note(foreign, address, span);
      }
    }
  }
  return [...foreign].map(([address, { span, rules }]) =>
    finding({
      code: "host/not-own-address",
      severity: "note",
      message: `${printAddress(address)} is no address of the host, and INPUT sees only packets to its own: ${rules === 1 ? "the rule" : `${rules} rules`} can match nothing`,
      span,
      hint: `correct the address, unless the host gets it at times; it has ${listNames(own.map((each) => printAddress(each.address)))}`,
    }),
  );
}

function singleAddress(test: AddressTest | undefined, family: Family): Address | undefined {
  if (test === undefined || test.invert) return undefined;
  return test.mask === prefixMask(family, family === "ipv4" ? 32 : 128) ? test.address : undefined;
}

function inPrefix(address: Address, network: Address, prefixBits: number): boolean {
  const mask = prefixMask(familyOf(address), prefixBits);
  return withMask(address, mask) === withMask(network, mask);
}

/** The first or last address of a network, which reach every host of it. */
function isEdge(address: Address, network: Address, prefixBits: number): boolean {
  if (!inPrefix(address, network, prefixBits)) return false;
  const mask = prefixMask(familyOf(address), prefixBits);
  if (withMask(address, mask) === address) return true;
  return typeof address === "number" && (address | (mask as number)) >>> 0 === 0xffffffff;
}

/** Loopback, multicast, broadcast to all, the unspecified address, link-local IPv6: addresses of every host. */
function isSpecial(address: Address): boolean {
  if (typeof address === "number") {
    const first = address >>> 24;
    return first === 0 || first === 127 || first >= 224;
  }
  return address <= 1n || address >> 120n === 0xffn || address >> 118n === 0xfe80n >> 6n;
}

/** A few names for a hint. */
function listNames(names: readonly string[]): string {
  const shown = names.slice(0, 8).join(", ");
  return names.length === 0 ? "none" : names.length > 8 ? `${shown} and ${names.length - 8} more` : shown;
}
