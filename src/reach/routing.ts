/**
 * Where packets are routed, all at once: `ip rule` and the tables that it asks as one diagram over addresses, mark and
 * whatever else the rules select by.
 */
import type { Interface, Route, RoutingRule } from "../hoststate/index.ts";
import { type Family, type Prefix, prefixMask } from "../net/index.ts";
import {
  both,
  type Condition,
  either,
  invertible,
  is,
  masked,
  onInterface,
  type PacketSpace,
  type Ref,
  terminal,
  unknown,
  unknowns,
  within,
} from "../pktset/index.ts";

/** What the listings of a host say of where packets go. */
export interface RoutingView {
  readonly interfaces: readonly Interface[];
  readonly routes: readonly Route[];
  readonly rules: readonly RoutingRule[];
}

export type Destination =
  | { readonly kind: "local" }
  /** By one of these devices: of a multipath route the kernel chooses by a hash. */
  | { readonly kind: "device"; readonly names: readonly string[]; readonly route: Route }
  /** Discarded: no route, or one that says so. `silent`: nobody is told. */
  | { readonly kind: "nowhere"; readonly why: string };

const THROW: Destination = { kind: "nowhere", why: "throw" };

/** Terminal 0 is "no answer here, ask the next rule"; destinations count from 1. */
const ASK_NEXT = terminal(0);

export class Routing {
  readonly #family: Family;
  readonly #view: RoutingView;
  readonly destinations: Destination[] = [];

  constructor(family: Family, view: RoutingView) {
    this.#family = family;
    this.#view = view;
  }

  /** Everything that the diagram will ask for, so that a space can be made for it. */
  conditions(): readonly Condition[] {
    return [
      ...this.#rules().map((rule) => this.#selector(rule)),
      ...this.#view.routes
        .filter(({ family }) => family === this.#family)
        .map(({ destination }) => inPrefix("dst", destination)),
      this.localAddresses(),
    ];
  }

  /** Packets to this host's own addresses. */
  localAddresses(): Condition {
    const own = this.#view.interfaces.flatMap(({ addresses }) =>
      addresses
        .filter(({ family }) => family === this.#family)
        .flatMap(({ address, broadcast }) => [
          is("dst", address),
          ...(broadcast === undefined ? [] : [is("dst", broadcast)]),
        ]),
    );
    const loopback = this.#family === "ipv4" ? masked("dst", 0x7f000000, 0xff000000) : is("dst", 1n);
    return either(loopback, ...own);
  }

  /** @returns terminals are numbers of `destinations`, from 1; no packet ends in 0. */
  diagram(space: PacketSpace): Ref {
    const { diagrams } = space;
    const tables = new Map<string, Ref>();
    const tableOf = (name: string, suppressed: number): Ref => {
      const key = `${name} ${suppressed}`;
      let ref = tables.get(key);
      if (ref === undefined) {
        ref = this.#table(name, suppressed, space);
        tables.set(key, ref);
      }
      return ref;
    };
    let result = ASK_NEXT;
    const parts: Ref[] = [
      diagrams.mask(space.set(this.localAddresses(), "over"), this.#to({ kind: "local" })),
    ];
    for (const rule of this.#rules()) {
      const { action } = rule;
      if (action.kind === "lookup" && action.table === "local") continue;
      const selected = this.#selector(rule);
      const target =
        action.kind === "lookup"
          ? tableOf(action.table, rule.suppressPrefixLength ?? -1)
          : action.kind === "goto" || action.kind === "nop"
            ? ASK_NEXT
            : this.#to({ kind: "nowhere", why: `routing rule ${rule.priority}: ${action.kind}` });
      parts.push(diagrams.mask(space.set(selected, "over"), target));
    }
    parts.push(this.#to({ kind: "nowhere", why: "no route" }));
    for (const part of parts.reverse()) result = diagrams.substitute(part, 0, result);
    return result;
  }

  /** Whether some selector could not be decided by header fields: then a rule is taken to select all that it may. */
  get exact(): boolean {
    return (
      this.#rules().every(
        (rule) => unknowns(this.#selector(rule)).length === 0 && rule.action.kind !== "goto",
      ) && this.#view.routes.every(({ tos }) => tos === undefined || tos === 0)
    );
  }

  #to(destination: Destination): Ref {
    const key = JSON.stringify(destination, (name, value) =>
      name === "route" || typeof value === "bigint" ? undefined : value,
    );
    const known = this.destinations.findIndex(
      (each) =>
        JSON.stringify(each, (name, value) =>
          name === "route" || typeof value === "bigint" ? undefined : value,
        ) === key,
    );
    if (known >= 0) return terminal(known + 1);
    this.destinations.push(destination);
    return terminal(this.destinations.length);
  }

  /** The kernel's three rules where nothing is listed. */
  #rules(): readonly RoutingRule[] {
    const listed = this.#view.rules.filter(({ family }) => family === undefined || family === this.#family);
    if (listed.length > 0) return [...listed].sort((a, b) => a.priority - b.priority);
    const rule = (priority: number, table: string): RoutingRule => ({
      priority,
      invert: false,
      detached: [],
      action: { kind: "lookup", table },
      other: [],
      span: { source: "", start: 0, end: 0 },
    });
    return [rule(0, "local"), rule(32766, "main"), rule(32767, "default")];
  }

  #selector(rule: RoutingRule): Condition {
    const { from, to, tos, fwmark, iif, oif, ipProtocol, sport, dport, uidRange, detached, other } = rule;
    const parts: Condition[] = [];
    if (from !== undefined) parts.push(inPrefix("src", from));
    if (to !== undefined) parts.push(inPrefix("dst", to));
    if (tos !== undefined && tos !== 0) parts.push(masked("tos", tos, 0x1c));
    if (fwmark !== undefined) parts.push(masked("mark", fwmark.value, fwmark.mask));
    if (iif !== undefined) parts.push(detached.includes("iif") ? { kind: "none" } : onInterface("in", iif));
    if (oif !== undefined) parts.push({ kind: "none" });
    if (ipProtocol !== undefined) parts.push(is("protocol", ipProtocol));
    if (sport !== undefined) parts.push(within("sport", sport.first, sport.last));
    if (dport !== undefined) parts.push(within("dport", dport.first, dport.last));
    if (uidRange !== undefined) parts.push({ kind: "none" });
    if (other.length > 0) parts.push(unknown(`ip rule: ${other.join(" ")}`));
    return invertible(both(...parts), rule.invert);
  }

  /** Longest prefix first, then the lower metric. A route of at most `suppressed` bits is as good as none. */
  #table(name: string, suppressed: number, space: PacketSpace): Ref {
    const { diagrams } = space;
    const routes = this.#view.routes
      .filter(({ family, table }) => family === this.#family && (table ?? "main") === name)
      .sort(
        (a, b) => b.destination.prefixBits - a.destination.prefixBits || (a.metric ?? 0) - (b.metric ?? 0),
      );
    let parts: Ref[] = routes.map((route) =>
      diagrams.mask(
        space.set(inPrefix("dst", route.destination), "over"),
        route.destination.prefixBits <= suppressed ? this.#to(THROW) : this.#routeTo(route),
      ),
    );
    while (parts.length > 1)
      parts = Array.from({ length: Math.ceil(parts.length / 2) }, (_, at) =>
        2 * at + 1 < parts.length
          ? diagrams.substitute(parts[2 * at] as Ref, 0, parts[2 * at + 1] as Ref)
          : (parts[2 * at] as Ref),
      );
    const table = parts[0] ?? ASK_NEXT;
    // A throw route ends the look-up in its table, and the next rule is asked.
    return diagrams.map(table, (value) => {
      const destination = this.destinations[value - 1];
      return destination?.kind === "nowhere" && destination.why === "throw" ? ASK_NEXT : terminal(value);
    });
  }

  #routeTo(route: Route): Ref {
    switch (route.type) {
      case "unicast": {
        const names = [...new Set(route.nexthops.flatMap(({ dev }) => (dev === undefined ? [] : [dev])))];
        return this.#to(
          names.length === 0
            ? { kind: "nowhere", why: "a route without a device" }
            : { kind: "device", names, route },
        );
      }
      case "local":
      case "broadcast":
      case "anycast":
        return this.#to({ kind: "local" });
      case "throw":
        return this.#to(THROW);
      default:
        return this.#to({ kind: "nowhere", why: `${route.type} route` });
    }
  }
}

const inPrefix = (field: "src" | "dst", { address, prefixBits }: Prefix): Condition =>
  masked(field, address, prefixMask(typeof address === "number" ? "ipv4" : "ipv6", prefixBits));
