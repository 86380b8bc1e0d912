/**
 * Routes: `ip route show`, with or without `table X`, `-o`, `-d`, `-N`, `-4`, `-6`, and the same as `-j`.
 *
 * Authority: ip-route(8) and the output of iproute2 6.1. Not read: `ip route show cache` of kernels before 3.6.
 */
import type { Diagnostic, Span } from "../base/index.ts";
import { type Address, FAMILIES, type Family, familyOf, type Prefix } from "../net/index.ts";
import { routeWords } from "./ip-route-json.ts";
import {
  type AddressWithBits,
  AttributeReader,
  familyLabel,
  fits,
  type ListingOptions,
  parseAddressWithBits,
  parseRealms,
  parseSeconds,
  type Realms,
  set,
  spanOf,
  tableName,
  toPrefix,
  wholePrefix,
} from "./ip-words.ts";
import { looksLikeJson, readJsonObjects } from "./json.ts";
import {
  decimal,
  Findings,
  forEachLine,
  integer,
  quote,
  UINT32_MAX,
  type Word,
  wordsBetween,
} from "./words.ts";

/** In the order of the kernel's RTN_ numbers, which `ip -N` prints; 0 is unspec. */
export const ROUTE_TYPES = [
  "unicast",
  "local",
  "broadcast",
  "anycast",
  "multicast",
  "blackhole",
  "unreachable",
  "prohibit",
  "throw",
  "nat",
  "xresolve",
] as const;
export type RouteType = (typeof ROUTE_TYPES)[number];

/** One way out. Neither `via` nor `dev` is certain: `dev` alone is a directly connected network. */
export interface Nexthop {
  /** May be IPv6 for an IPv4 route (`via inet6`, RFC 5549). */
  readonly via?: Address;
  readonly dev?: string;
  /** 1 to 256; only the routes with several next hops say it. */
  readonly weight?: number;
  /** `onlink`, and what the kernel reports: `linkdown`, `dead`, `pervasive`, `offload`, … */
  readonly flags: readonly string[];
  readonly encap?: string;
  readonly realms?: Realms;
  readonly other: readonly string[];
}

/** A metric beside the route's preference: `mtu`, `advmss`, …; the value as printed, `37ms`. */
export interface RouteMetric {
  readonly name: string;
  readonly value: string;
  /** `mtu lock 1400`: no path MTU discovery. JSON listings do not say it. */
  readonly locked: boolean;
}

/** One entry of a routing table, the kernel's `struct fib_alias` or `struct fib6_info`. */
export interface Route {
  readonly family: Family;
  readonly type: RouteType;
  readonly destination: Prefix;
  /** IPv6 only: the source prefix (`from`, source-specific routing). */
  readonly source?: Prefix;
  /** Absent if the listing does not say: then it is the table asked for, `main` without a question. */
  readonly table?: string;
  /** Compared with the packet's TOS; absent is 0, any. */
  readonly tos?: number;
  /** Lower is preferred; absent is 0. */
  readonly metric?: number;
  readonly protocol?: string;
  readonly scope?: string;
  readonly preferredSource?: Address;
  readonly pref?: string;
  /** Empty for blackhole and its like, unless the kernel named a device. */
  readonly nexthops: readonly Nexthop[];
  /** The nexthop object (`ip nexthop`) that `nexthops` come from. */
  readonly nexthopId?: number;
  readonly metrics: readonly RouteMetric[];
  readonly expiresSec?: number;
  /** Attributes not known here, verbatim, each with a note among the diagnostics. */
  readonly other: readonly string[];
  readonly span: Span;
}

export interface RouteListing {
  readonly routes: readonly Route[];
  readonly diagnostics: readonly Diagnostic[];
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

interface NexthopDraft extends Mutable<Nexthop> {
  flags: string[];
  other: string[];
}
type Draft = Mutable<Omit<Route, "family" | "destination">> & {
  family?: Family;
  destination?: Prefix;
  nexthops: NexthopDraft[];
  metrics: RouteMetric[];
  other: string[];
};

const CODE = "hoststate/bad-route";

const NEXTHOP_FLAGS: ReadonlySet<string> = new Set(
  "dead pervasive onlink offload trap linkdown unresolved notify rt_offload rt_trap offload_failed rt_offload_failed".split(
    " ",
  ),
);
const METRIC_NAMES: ReadonlySet<string> = new Set(
  (
    "mtu window rtt rttvar ssthresh cwnd advmss reordering hoplimit initcwnd features rto_min initrwnd quickack " +
    "congctl fastopen_no_cookie"
  ).split(" "),
);
const KEYWORDS: ReadonlySet<string> = new Set(
  (
    "via dev weight encap realm realms nexthop nh_info from tos dsfield nhid table proto scope src metric preference pref " +
    "expires error mark uid iif ttl-propagate cache"
  ).split(" "),
);
const isKnown = (word: string): boolean =>
  KEYWORDS.has(word) || NEXTHOP_FLAGS.has(word) || METRIC_NAMES.has(word);

/** What ends an encapsulation's own attributes, which may be called `src` and `dst` too. */
const AFTER_ENCAP: ReadonlySet<string> = new Set(["via", "dev", "nhid", "metric", "proto", "nexthop"]);

const ROUTE_HINT = "write the route as `ip route show` prints it: `192.0.2.0/24 via 198.51.100.1 dev eth0`";

/** Reads every route of a listing; a route with an error is left out, and the diagnostic says so by its span. */
export function parseIpRoute(text: string, source: string, options: ListingOptions = {}): RouteListing {
  const findings = new Findings(source);
  const drafts: Draft[] = [];
  const add = (words: readonly Word[], span: Span): void => {
    const draft = readRoute(words, span, findings, options.family);
    if (draft !== undefined) drafts.push(draft);
  };
  if (looksLikeJson(text)) {
    for (const object of readJsonObjects(text, findings)) {
      add(routeWords(object, text), { source, start: object.start, end: object.end });
    }
  } else {
    for (const words of routeLines(text, findings)) add(words, spanOf(source, words));
  }
  // Only `default` leaves the family open. A listing of one family settles it; in a mixed one IPv6 says `pref`.
  const seen = new Set(drafts.map((draft) => draft.family).filter((family) => family !== undefined));
  const usual =
    options.family ?? (seen.size === 1 ? FAMILIES.find((family) => seen.has(family)) : "ipv4") ?? "ipv4";
  const routes = drafts.map((draft): Route => {
    const family = draft.family ?? usual;
    return { ...draft, family, destination: draft.destination ?? wholePrefix(family) };
  });
  return { routes, diagnostics: findings.diagnostics };
}

/** The words of each route; `nexthop` and other indented lines belong to the route above. */
function routeLines(text: string, findings: Findings): Word[][] {
  const routes: Word[][] = [];
  forEachLine(text, (start, end) => {
    // `ip -o` prints a backslash for the line's end.
    const words = wordsBetween(text, start, end).flatMap((word) => {
      if (!word.text.startsWith("\\")) return [word];
      return word.text === "\\" ? [] : [{ text: word.text.slice(1), start: word.start + 1, end: word.end }];
    });
    const first = words[0];
    if (first === undefined) return;
    const continues = first.start > start || first.text === "nexthop";
    const last = routes[routes.length - 1];
    if (!continues) routes.push(words);
    else if (last !== undefined && isKnown(first.text)) for (const word of words) last.push(word);
    else if (isKnown(first.text))
      findings.error(CODE, first, `${quote(first.text)} comes before any route`, ROUTE_HINT);
    else routes.push(words);
  });
  return routes;
}

function readRoute(
  words: readonly Word[],
  span: Span,
  findings: Findings,
  family: Family | undefined,
): Draft | undefined {
  const reader = new AttributeReader(words, findings, CODE);
  const errors = findings.errors;
  const draft: Draft = { type: "unicast", nexthops: [], metrics: [], other: [], span };
  if (family !== undefined) draft.family = family;
  const type = routeType(words);
  if (type !== undefined) {
    draft.type = type;
    reader.at++;
  }
  readDestination(reader, draft, span);
  while (reader.next !== undefined && findings.errors === errors) readAttribute(reader, draft);
  return findings.errors === errors ? draft : undefined;
}

function routeType(words: readonly Word[]): RouteType | undefined {
  const first = words[0]?.text ?? "";
  const named = ROUTE_TYPES.find((type) => type === first);
  if (named !== undefined) return named;
  const number = decimal(first, ROUTE_TYPES.length);
  // `ip -N` prints `6 10.0.0.0/8`; a destination needs a dot or a slash.
  return number === undefined || number === 0 ? undefined : ROUTE_TYPES[number - 1];
}

function readDestination(reader: AttributeReader, draft: Draft, span: Span): void {
  const word = reader.take();
  if (word === undefined) {
    reader.bad({ text: "", start: span.start, end: span.end }, "this route has no destination", ROUTE_HINT);
  } else if (word.text !== "default") {
    const parsed = ownPrefix(reader, word, draft);
    if (parsed !== undefined) draft.destination = parsed;
  }
}

/** A prefix of the route's own family, which it settles. The kernel refuses bits beyond the length. */
function ownPrefix(reader: AttributeReader, word: Word, draft: Draft): Prefix | undefined {
  const parsed: AddressWithBits | undefined = parseAddressWithBits(word.text);
  if (parsed === undefined || !fits(parsed.address, draft.family)) {
    const expected = draft.family === undefined ? "a prefix" : `an ${familyLabel(draft.family)} prefix`;
    return reader.bad(word, `${quote(word.text)} is not ${expected}`, ROUTE_HINT);
  }
  draft.family = familyOf(parsed.address);
  const prefix = toPrefix(parsed);
  if (prefix.address !== parsed.address) {
    const message = `${quote(word.text)} has bits set beyond its prefix length`;
    reader.findings.warning(
      "hoststate/host-bits",
      word,
      message,
      "the kernel holds no such route; read without these bits",
    );
  }
  return prefix;
}

function currentNexthop(draft: Draft): NexthopDraft {
  const last = draft.nexthops[draft.nexthops.length - 1];
  if (last !== undefined) return last;
  const first: NexthopDraft = { flags: [], other: [] };
  draft.nexthops.push(first);
  return first;
}

function readAttribute(reader: AttributeReader, draft: Draft): void {
  const keyword = reader.take() as Word;
  const name = keyword.text;
  if (NEXTHOP_FLAGS.has(name)) {
    currentNexthop(draft).flags.push(name);
    return;
  }
  if (METRIC_NAMES.has(name)) {
    const locked = reader.skip("lock");
    const value = reader.text(keyword);
    if (value !== undefined) draft.metrics.push({ name, value, locked });
    return;
  }
  if (readNexthopAttribute(reader, keyword, draft)) return;
  switch (name) {
    case "from": {
      const word = reader.value(keyword);
      if (word === undefined || word.text === "all" || word.text === "default") return;
      set(draft, "source", ownPrefix(reader, word, draft));
      return;
    }
    case "tos":
    case "dsfield":
      set(
        draft,
        "tos",
        reader.parsed(keyword, (text) => integer(text, 255), "a TOS such as `0x10`"),
      );
      return;
    case "nhid":
      set(draft, "nexthopId", reader.number(keyword, UINT32_MAX));
      return;
    case "table": {
      const table = reader.text(keyword);
      set(draft, "table", table === undefined ? undefined : tableName(table));
      return;
    }
    case "proto":
      set(draft, "protocol", reader.text(keyword));
      return;
    case "scope":
      set(draft, "scope", reader.text(keyword));
      return;
    case "src": {
      const address = reader.address(keyword, draft.family);
      if (address !== undefined) draft.family = familyOf(address);
      set(draft, "preferredSource", address);
      return;
    }
    case "metric":
    case "preference":
      set(draft, "metric", reader.number(keyword, UINT32_MAX));
      return;
    case "pref":
      // Only IPv6 routes have a router preference (RFC 4191).
      draft.family ??= "ipv6";
      set(draft, "pref", reader.text(keyword));
      return;
    case "expires":
      set(draft, "expiresSec", reader.parsed(keyword, parseSeconds, "a time such as `999sec`"));
      return;
    case "error":
    case "mark":
    case "uid":
    case "iif":
    case "ttl-propagate": {
      // Understood, and of no weight for where a packet goes: kept, without a note.
      const value = reader.text(keyword);
      if (value !== undefined) draft.other.push(`${name} ${value}`);
      return;
    }
    default: {
      const owner = draft.nexthops.length > 1 ? currentNexthop(draft).other : draft.other;
      owner.push(reader.unknown(keyword, isKnown));
    }
  }
}

/** @returns false if the keyword does not speak of a next hop. */
function readNexthopAttribute(reader: AttributeReader, keyword: Word, draft: Draft): boolean {
  switch (keyword.text) {
    case "nexthop":
      draft.nexthops.push({ flags: [], other: [] });
      return true;
    case "nh_info":
      // `ip -d` repeats the nexthop object on a line of its own; the route's words have said it already.
      while (reader.next !== undefined && reader.next.text !== "nexthop") reader.at++;
      return true;
    case "via": {
      const other = reader.skip("inet6") ? "ipv6" : reader.skip("inet") ? "ipv4" : undefined;
      const via = reader.address(keyword, other ?? draft.family);
      if (via !== undefined && other === undefined) draft.family = familyOf(via);
      set(currentNexthop(draft), "via", via);
      return true;
    }
    case "dev":
      set(currentNexthop(draft), "dev", reader.text(keyword));
      return true;
    case "weight":
      set(currentNexthop(draft), "weight", reader.number(keyword, 65536));
      return true;
    case "realm":
    case "realms":
      set(currentNexthop(draft), "realms", reader.parsed(keyword, parseRealms, "realms such as `5/7`"));
      return true;
    case "encap": {
      const words: string[] = [];
      while (reader.next !== undefined && !AFTER_ENCAP.has(reader.next.text))
        words.push((reader.take() as Word).text);
      currentNexthop(draft).encap = words.join(" ");
      return true;
    }
    default:
      return false;
  }
}
