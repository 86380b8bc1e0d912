/**
 * Routing: rules choose a table, the table's longest prefix chooses a route. Both families.
 * Kernel: net/core/fib_rules.c, fib_rules_lookup(); net/ipv4/fib_trie.c, fib_table_lookup(); net/ipv6/route.c.
 */
import type { Span } from "../../base/index.ts";
import type { RouteType, RoutingRule } from "../../hoststate/index.ts";
import { type AddressWords, type Family, NO_ADDRESS, toWords } from "../../net/index.ts";

/** What is looked up. */
export interface Flow {
  readonly destination: AddressWords;
  readonly source: AddressWords;
  /** The device that the packet came in by; `lo` for what this host sends. */
  readonly inDevice: string;
  /** Only routes out of this device; empty: any. */
  readonly outDevice: string;
  readonly mark: number;
  readonly tos: number;
  readonly protocol: number;
  readonly sport: number;
  readonly dport: number;
  /** Of the sending socket; undefined for forwarded packets, which count as root's. Kernel: sock_net_uid(). */
  readonly uid: number | undefined;
  /** Only routes to what is on a link or is this host. Kernel: flowi4_scope, RT_SCOPE_LINK. */
  readonly onLink?: boolean;
}

/** What a lookup of an address without a packet asks. */
export function flowTo(destination: AddressWords, source: AddressWords = NO_ADDRESS): Flow {
  return {
    destination,
    source,
    inDevice: "lo",
    outDevice: "",
    mark: 0,
    tos: 0,
    protocol: 0,
    sport: 0,
    dport: 0,
    uid: 0,
  };
}

/** fe80::/10, addresses of one link. */
export const isLinkLocal = ({ w0 }: AddressWords): boolean => w0 >>> 22 === 0xfe80 >>> 6;

export interface FibNexthop {
  readonly device: string;
  readonly gateway: AddressWords | undefined;
  readonly weight: number;
  /** Group of the device. */
  readonly group: number;
  /** The route's realm; 0 for none. */
  readonly realm: number;
  /** Usable: the device is up. */
  readonly alive: boolean;
}

export interface FibRoute {
  readonly destination: AddressWords;
  readonly prefixBits: number;
  readonly type: RouteType;
  readonly table: string;
  readonly tos: number;
  readonly metric: number;
  readonly scope: RouteScope;
  readonly preferredSource: AddressWords | undefined;
  readonly nexthops: readonly FibNexthop[];
  readonly mtu: number | undefined;
  /** Of what this host sends by it; undefined for the usual. */
  readonly hopLimit: number | undefined;
  /** Where it is written; undefined for one that an address brings. */
  readonly span: Span | undefined;
}

/** What a lookup takes that only asks for the way: the first. Kernel: fib_lookup() without fib_select_path(). */
export const firstNexthop = ({ nexthops }: FibRoute): FibNexthop => nexthops[0] as FibNexthop;

export type RouteScope = "global" | "link" | "host" | "nowhere";

/** Why there is no way: the errors of the lookup, ENETUNREACH, EHOSTUNREACH, EACCES and EINVAL. */
export type RouteError = "no-route" | "host-unreachable" | "prohibited" | "blackhole";

export interface RouteHit {
  readonly kind: "route";
  readonly route: FibRoute;
  readonly nexthop: FibNexthop | undefined;
  /** The routing rule that sent the lookup to the table; undefined if it was one of the built-in three. */
  readonly rule: RoutingRule | undefined;
}

export type RouteAnswer =
  | RouteHit
  | { readonly kind: "error"; readonly error: RouteError; readonly rule?: RoutingRule };

const TYPE_ERRORS: Readonly<Partial<Record<RouteType, RouteError>>> = {
  blackhole: "blackhole",
  unreachable: "host-unreachable",
  prohibit: "prohibited",
};

const MASKS: readonly number[] = Array.from({ length: 33 }, (_, bits) =>
  bits === 0 ? 0 : -1 << (32 - bits),
);

/** Bits of each word that a prefix of this length covers. */
function wordMask(family: Family, prefixBits: number, part: number): number {
  const start = family === "ipv4" ? 96 : 0;
  const bits = prefixBits + start - part * 32;
  return MASKS[Math.max(0, Math.min(32, bits))] as number;
}

/** Whether `address` lies in `prefix`/`bits`. */
export function inPrefix(family: Family, address: AddressWords, prefix: AddressWords, bits: number): boolean {
  if (family === "ipv4") return ((address.w3 ^ prefix.w3) & (MASKS[bits] as number)) === 0;
  return (
    ((address.w0 ^ prefix.w0) & wordMask(family, bits, 0)) === 0 &&
    ((address.w1 ^ prefix.w1) & wordMask(family, bits, 1)) === 0 &&
    ((address.w2 ^ prefix.w2) & wordMask(family, bits, 2)) === 0 &&
    ((address.w3 ^ prefix.w3) & wordMask(family, bits, 3)) === 0
  );
}

const hasRealm = ({ nexthops }: FibRoute): boolean => nexthops.some(({ realm }) => realm !== 0);

/** What rules and routes of old compare as TOS: of IPv4 without the precedence. Kernel: fib_dscp_masked_match(), IPTOS_RT_MASK. */
const tosOf = (family: Family, { tos }: Flow): number => (family === "ipv4" ? tos & 0x1c : tos);

interface PrefixLength {
  readonly bits: number;
  /** By prefix. */
  readonly routes: Map<string, FibRoute[]>;
}

/** One table: routes filed by prefix, looked at from the longest length down. */
class FibTable {
  readonly #family: Family;
  /** By prefix length, longest first; routes of one prefix by TOS (highest first) and metric. */
  #lengths: PrefixLength[] = [];

  constructor(family: Family) {
    this.#family = family;
  }

  #key({ w0, w1, w2, w3 }: AddressWords, bits: number): string {
    if (this.#family === "ipv4") return `${w3 & (MASKS[bits] as number)}`;
    const part = (word: number, index: number): number => word & wordMask("ipv6", bits, index);
    return `${part(w0, 0)},${part(w1, 1)},${part(w2, 2)},${part(w3, 3)}`;
  }

  /** The routes of exactly this prefix. */
  at(destination: AddressWords, bits: number): FibRoute[] {
    let length = this.#lengths.find((each) => each.bits === bits);
    if (length === undefined) {
      length = { bits, routes: new Map() };
      this.#lengths.push(length);
      this.#lengths.sort((a, b) => b.bits - a.bits);
    }
    const key = this.#key(destination, bits);
    let routes = length.routes.get(key);
    if (routes === undefined) {
      routes = [];
      length.routes.set(key, routes);
    }
    return routes;
  }

  /** Longest first. */
  get lengths(): readonly PrefixLength[] {
    return this.#lengths;
  }

  /** @returns undefined if the table has no answer, as after a `throw`. */
  lookup(flow: Flow, choose: (route: FibRoute) => FibNexthop): RouteHit | RouteError | undefined {
    for (const length of this.#lengths) {
      const found = this.answer(length, flow, choose);
      if (found !== undefined) return found === "throw" ? undefined : found;
    }
    return undefined;
  }

  /** What the routes of one prefix length say. */
  answer(
    { bits, routes }: PrefixLength,
    flow: Flow,
    choose: (route: FibRoute) => FibNexthop,
  ): RouteHit | RouteError | "throw" | undefined {
    for (const route of routes.get(this.#key(flow.destination, bits)) ?? []) {
      if (route.tos !== 0 && route.tos !== tosOf(this.#family, flow)) continue;
      if (flow.onLink === true && route.scope === "global") continue;
      if (route.type === "throw") return "throw";
      const error = TYPE_ERRORS[route.type];
      if (error !== undefined) return error;
      const usable = usableOf(route.nexthops, flow.outDevice);
      if (usable.length === 0 && route.nexthops.length > 0) continue;
      const nexthop = usable.length > 1 ? choose({ ...route, nexthops: usable }) : usable[0];
      return { kind: "route", route, nexthop, rule: undefined };
    }
    return undefined;
  }

  *[Symbol.iterator](): Generator<FibRoute> {
    for (const { routes } of this.#lengths) for (const list of routes.values()) yield* list;
  }
}

/** Next hops that are alive and lead out of the device asked for. */
function usableOf(nexthops: readonly FibNexthop[], outDevice: string): readonly FibNexthop[] {
  const isUsable = ({ alive, device }: FibNexthop): boolean =>
    alive && (outDevice === "" || outDevice === device);
  return nexthops.every(isUsable) ? nexthops : nexthops.filter(isUsable);
}

/** A rule as the lookup uses it: `written` is undefined for the kernel's own three. */
interface Rule {
  readonly priority: number;
  readonly table: string | undefined;
  readonly written: RoutingRule | undefined;
}

/** All routing of one family. `choose` picks one of several next hops for a flow. */
export class Fib {
  readonly family: Family;
  readonly #tables = new Map<string, FibTable>();
  #rules: Rule[];
  #realms = 0;
  /** Until the first change of the rules IPv4 has the local and the main table in one. Kernel: fib_unmerge(). */
  #merged: boolean;

  constructor(family: Family) {
    this.family = family;
    this.#merged = family === "ipv4";
    this.#rules = [
      { priority: 0, table: "local", written: undefined },
      { priority: 32_766, table: "main", written: undefined },
    ];
    if (family === "ipv4") this.#rules.push({ priority: 32_767, table: "default", written: undefined });
  }

  /** Routes in their tables, for reports. */
  *routes(): Generator<FibRoute> {
    for (const table of this.#tables.values()) yield* table;
  }

  /** Whether some rule is not one of the kernel's own. */
  get hasOwnRules(): boolean {
    return this.#rules.some((rule) => rule.written !== undefined);
  }

  /** The priority that `ip rule add` gives a rule without one: one before the second rule of the list. */
  nextPriority(): number {
    const second = this.#rules[1]?.priority ?? 0;
    return second === 0 ? 0 : second - 1;
  }

  /** Whether some route has a realm. Kernel: fib_num_tclassid_users(). */
  get hasRealms(): boolean {
    return this.#realms > 0;
  }

  /** Replaces all rules, as a listing of a host gives them. */
  setRules(rules: readonly RoutingRule[]): void {
    this.#rules = [];
    for (const rule of rules) this.addRule(rule);
    this.#merged = this.family === "ipv4" && rules.every(isBuiltin);
  }

  /** Adds a rule behind those of the same priority. */
  addRule(written: RoutingRule): void {
    const { priority, action } = written;
    this.#merged = false;
    const at = this.#rules.findIndex((rule) => rule.priority > priority);
    const rule: Rule = { priority, table: action.kind === "lookup" ? action.table : undefined, written };
    this.#rules.splice(at < 0 ? this.#rules.length : at, 0, rule);
  }

  /** @returns false if no rule is like `pattern` in everything that it says. */
  removeRule(matches: (rule: RoutingRule | undefined, priority: number) => boolean): boolean {
    const at = this.#rules.findIndex((rule) => matches(rule.written, rule.priority));
    if (at < 0) return false;
    this.#merged = false;
    this.#rules.splice(at, 1);
    return true;
  }

  /** Whether there is a route with the same table, prefix, TOS and metric, beside which ip(8) adds no other. */
  hasLike({ table, destination, prefixBits, tos, metric }: FibRoute): boolean {
    const list = this.#table(table).at(destination, prefixBits);
    return list.some((other) => other.tos === tos && other.metric === metric);
  }

  /** Adds a route behind those that are like it. */
  addRoute(route: FibRoute): void {
    const list = this.#table(route.table).at(route.destination, route.prefixBits);
    const at = list.findIndex(
      (other) => other.tos < route.tos || (other.tos === route.tos && other.metric > route.metric),
    );
    list.splice(at < 0 ? list.length : at, 0, route);
    if (hasRealm(route)) this.#realms++;
  }

  /** Removes the first route of the prefix and table for which `matches` holds. */
  removeRoute(
    table: string,
    destination: AddressWords,
    prefixBits: number,
    matches: (route: FibRoute) => boolean,
  ): boolean {
    const list = this.#table(table).at(destination, prefixBits);
    const at = list.findIndex(matches);
    if (at < 0) return false;
    const [removed] = list.splice(at, 1);
    if (removed !== undefined && hasRealm(removed)) this.#realms--;
    return true;
  }

  lookup(flow: Flow, choose: (route: FibRoute) => FibNexthop): RouteAnswer {
    if (this.#merged) {
      const found = this.#lookupMerged(flow, choose) ?? this.#tables.get("default")?.lookup(flow, choose);
      if (typeof found === "string") return { kind: "error", error: found };
      return found ?? { kind: "error", error: "no-route" };
    }
    for (let at = 0; at < this.#rules.length; at++) {
      const { table, written } = this.#rules[at] as Rule;
      if (written !== undefined && ruleMatches(this.family, written, flow) === written.invert) continue;
      const action = written?.action;
      if (action?.kind === "goto") {
        const target = this.#rules.findIndex((rule) => rule.priority >= action.priority);
        if (target <= at) continue;
        at = target - 1;
        continue;
      }
      const rule = written === undefined ? {} : { rule: written };
      if (action?.kind === "blackhole") return { kind: "error", error: "blackhole", ...rule };
      if (action?.kind === "prohibit") return { kind: "error", error: "prohibited", ...rule };
      if (action?.kind === "unreachable") return { kind: "error", error: "no-route", ...rule };
      if (table === undefined) continue;
      const found = this.#tables.get(table)?.lookup(flow, choose);
      if (found === undefined) continue;
      if (typeof found === "string") return { kind: "error", error: found, ...rule };
      const suppress = written?.suppressPrefixLength;
      if (suppress !== undefined && found.route.prefixBits <= suppress) continue;
      if (written?.suppressIfgroup !== undefined && isOfGroup(found.nexthop, written.suppressIfgroup))
        continue;
      return written === undefined ? found : { ...found, rule: written };
    }
    return { kind: "error", error: "no-route" };
  }

  /** The first route of exactly this address in a table. */
  at(table: string, destination: AddressWords): FibRoute | undefined {
    return this.#tables.get(table)?.at(destination, this.family === "ipv4" ? 32 : 128)[0];
  }

  /** The route that the table alone gives; for questions about local addresses. */
  lookupTable(name: string, flow: Flow): RouteHit | undefined {
    const found =
      this.#merged && (name === "local" || name === "main")
        ? this.#lookupMerged(flow, firstNexthop)
        : this.#tables.get(name)?.lookup(flow, firstNexthop);
    return found === undefined || typeof found === "string" ? undefined : found;
  }

  /** The longest prefix of both tables; of equally long ones the local table's is looked at first. */
  #lookupMerged(flow: Flow, choose: (route: FibRoute) => FibNexthop): RouteHit | RouteError | undefined {
    const [local, main] = [this.#table("local"), this.#table("main")];
    for (let ofLocal = 0, ofMain = 0; ; ) {
      const own = local.lengths[ofLocal];
      const other = main.lengths[ofMain];
      const next = own !== undefined && own.bits >= (other?.bits ?? 0) ? own : other;
      if (next === undefined) return undefined;
      if (next === own) ofLocal++;
      else ofMain++;
      const found = (next === own ? local : main).answer(next, flow, choose);
      if (found !== undefined) return found === "throw" ? undefined : found;
    }
  }

  #table(name: string): FibTable {
    let table = this.#tables.get(name);
    if (table === undefined) {
      table = new FibTable(this.family);
      this.#tables.set(name, table);
    }
    return table;
  }
}

const BUILTIN_TABLES: Readonly<Record<number, string>> = { 0: "local", 32766: "main", 32767: "default" };

/** Whether a listed rule is one of those that the kernel begins with. */
const isBuiltin = ({ priority, action, from, to, fwmark, iif, oif, invert }: RoutingRule): boolean =>
  action.kind === "lookup" &&
  action.table === BUILTIN_TABLES[priority] &&
  !invert &&
  [from, to, fwmark, iif, oif].every((part) => part === undefined);

/** Group names other than that of 0 are of the host's files. */
const isOfGroup = (nexthop: FibNexthop | undefined, name: string): boolean =>
  nexthop !== undefined && nexthop.group === (name === "default" ? 0 : Number(name));

function ruleMatches(family: Family, rule: RoutingRule, flow: Flow): boolean {
  const { from, to, fwmark, sport, dport, uidRange } = rule;
  if (rule.detached.length > 0) return false;
  if (rule.iif !== undefined && rule.iif !== flow.inDevice) return false;
  if (rule.oif !== undefined && rule.oif !== flow.outDevice) return false;
  if (fwmark !== undefined && ((flow.mark ^ fwmark.value) & fwmark.mask) !== 0) return false;
  const uid = flow.uid ?? 0;
  if (uidRange !== undefined && (uid < uidRange.first || uid > uidRange.last)) return false;
  if (from !== undefined && !inPrefix(family, flow.source, toWords(from.address), from.prefixBits))
    return false;
  if (to !== undefined && !inPrefix(family, flow.destination, toWords(to.address), to.prefixBits))
    return false;
  if (rule.tos !== undefined && rule.tos !== 0 && rule.tos !== tosOf(family, flow)) return false;
  if (rule.ipProtocol !== undefined && rule.ipProtocol !== 0 && rule.ipProtocol !== flow.protocol)
    return false;
  if (sport !== undefined && (flow.sport < sport.first || flow.sport > sport.last)) return false;
  return dport === undefined || (flow.dport >= dport.first && flow.dport <= dport.last);
}
