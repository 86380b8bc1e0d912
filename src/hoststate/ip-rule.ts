/**
 * Routing rules: `ip rule`, with or without `-d`, `-N`, `-6`, and the same as `-j`.
 *
 * Authority: ip-rule(8) and the output of iproute2 6.1. The families' rules are apart, and a listing names its
 * family only through addresses.
 */
import type { Diagnostic, Span } from "../base/index.ts";
import { type Family, familyOf, type Prefix, protocolByName } from "../net/index.ts";
import {
  AttributeReader,
  familyLabel,
  fits,
  jsonWord,
  type ListingOptions,
  parseAddressWithBits,
  parseMark,
  parseRealms,
  type Realms,
  renamed,
  set,
  spanOf,
  tableName,
  toPrefix,
} from "./ip-words.ts";
import { type JsonObject, looksLikeJson, member, readJsonObjects } from "./json.ts";
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

/** Both ends included. */
export interface NumberRange {
  readonly first: number;
  readonly last: number;
}

/** What a rule that matches does. `goto` jumps to the first rule of at least that priority. */
export type RoutingRuleAction =
  | { readonly kind: "lookup"; readonly table: string }
  | { readonly kind: "l3mdev" }
  | { readonly kind: "goto"; readonly priority: number; readonly resolved: boolean }
  | { readonly kind: "nop" | "blackhole" | "unreachable" | "prohibit" };

/** One entry of `ip rule`, the kernel's `struct fib_rule`. An absent selector matches everything. */
export interface RoutingRule {
  /** Known from the addresses or from what was asked; the families have separate rules. */
  readonly family?: Family;
  /** Lower is tried first; rules of one priority in the order of the listing. */
  readonly priority: number;
  /** `not`: the rule applies if the selectors together do not match. */
  readonly invert: boolean;
  readonly from?: Prefix;
  readonly to?: Prefix;
  readonly tos?: number;
  /** Matches if `(mark & mask) === value`. */
  readonly fwmark?: { readonly value: number; readonly mask: number };
  readonly iif?: string;
  readonly oif?: string;
  /** `[detached]`: no device of that name exists now, and the selector matches nothing. */
  readonly detached: readonly ("iif" | "oif")[];
  readonly ipProtocol?: number;
  readonly sport?: NumberRange;
  readonly dport?: NumberRange;
  readonly uidRange?: NumberRange;
  readonly tunnelId?: number;
  readonly action: RoutingRuleAction;
  /** A route found is not taken if its prefix is at most this long. */
  readonly suppressPrefixLength?: number;
  readonly suppressIfgroup?: string;
  readonly realms?: Realms;
  readonly protocol?: string;
  /** Attributes not known here, verbatim, each with a note. One may be a selector: then the rule matches less. */
  readonly other: readonly string[];
  readonly span: Span;
}

export interface RuleListing {
  readonly rules: readonly RoutingRule[];
  readonly diagnostics: readonly Diagnostic[];
}

type Draft = { -readonly [K in keyof RoutingRule]?: RoutingRule[K] } & {
  detached: ("iif" | "oif")[];
  other: string[];
};

const CODE = "hoststate/bad-rule";
const RULE_HINT = "write the rule as `ip rule` prints it: `32766: from all lookup main`";

const KEYWORDS: ReadonlySet<string> = new Set(
  (
    "not from to tos dsfield fwmark iif dev oif [detached] l3mdev ipproto sport dport uidrange tun_id lookup table " +
    "suppress_prefixlength suppress_ifgroup realms goto [unresolved] nop blackhole unreachable prohibit proto protocol"
  ).split(" "),
);
const isKnown = (word: string): boolean => KEYWORDS.has(word);

/** RTN_ numbers, which `ip -N` prints for the action. */
const NUMBERED_ACTIONS: ReadonlyMap<string, "blackhole" | "unreachable" | "prohibit"> = new Map([
  ["6", "blackhole"],
  ["7", "unreachable"],
  ["8", "prohibit"],
]);

/** Reads every rule of a listing; a rule with an error is left out, and the diagnostic says so by its span. */
export function parseIpRule(text: string, source: string, options: ListingOptions = {}): RuleListing {
  const findings = new Findings(source);
  const rules: RoutingRule[] = [];
  const add = (words: readonly Word[], span: Span): void => {
    const rule = readRule(words, span, findings, options.family);
    if (rule !== undefined) rules.push(rule);
  };
  if (looksLikeJson(text)) {
    for (const object of readJsonObjects(text, findings)) {
      add(ruleWords(object, text), { source, start: object.start, end: object.end });
    }
  } else {
    forEachLine(text, (start, end) => {
      const words = wordsBetween(text, start, end);
      add(words, spanOf(source, words));
    });
  }
  return { rules, diagnostics: findings.diagnostics };
}

function readRule(
  words: readonly Word[],
  span: Span,
  findings: Findings,
  family?: Family,
): RoutingRule | undefined {
  const reader = new AttributeReader(words, findings, CODE);
  const errors = findings.errors;
  const first = reader.take();
  const priority = first?.text.endsWith(":") ? decimal(first.text.slice(0, -1), UINT32_MAX) : undefined;
  if (priority === undefined || first === undefined) {
    const at = first ?? { text: "", start: span.start, end: span.end };
    return reader.bad(at, `${quote(at.text)} is not a priority and a colon`, RULE_HINT);
  }
  const draft: Draft = { invert: false, detached: [], other: [] };
  if (family !== undefined) draft.family = family;
  while (reader.next !== undefined && findings.errors === errors) readAttribute(reader, draft);
  if (findings.errors !== errors) return undefined;
  const { action, invert = false } = draft;
  if (action === undefined)
    return findings.error(CODE, span, "this rule does nothing: no `lookup`, `goto` or the like", RULE_HINT);
  return { ...draft, priority, invert, action, span };
}

function readAttribute(reader: AttributeReader, draft: Draft): void {
  const keyword = reader.take() as Word;
  switch (keyword.text) {
    case "not":
      draft.invert = true;
      return;
    case "from":
    case "to":
      set(draft, keyword.text, readPrefix(reader, keyword, draft));
      return;
    case "tos":
    case "dsfield":
      set(
        draft,
        "tos",
        reader.parsed(keyword, (text) => integer(text, 255), "a TOS such as `0x10`"),
      );
      return;
    case "fwmark":
      set(draft, "fwmark", reader.parsed(keyword, parseMark, "a mark such as `0x1/0xff`"));
      return;
    case "iif":
    case "dev":
      set(draft, "iif", reader.text(keyword));
      return;
    case "oif":
      set(draft, "oif", reader.text(keyword));
      return;
    case "[detached]":
      draft.detached.push(draft.oif === undefined ? "iif" : "oif");
      return;
    case "ipproto":
      set(draft, "ipProtocol", reader.parsed(keyword, parseProtocol, "a protocol such as `tcp`"));
      return;
    case "sport":
    case "dport":
      set(draft, keyword.text, readRange(reader, keyword, 65535));
      return;
    case "uidrange":
      set(draft, "uidRange", readRange(reader, keyword, UINT32_MAX));
      return;
    case "tun_id":
      set(draft, "tunnelId", reader.number(keyword, Number.MAX_SAFE_INTEGER));
      return;
    case "suppress_prefixlength":
      set(draft, "suppressPrefixLength", reader.number(keyword, 128));
      return;
    case "suppress_ifgroup":
      set(draft, "suppressIfgroup", reader.text(keyword));
      return;
    case "realms":
      set(draft, "realms", reader.parsed(keyword, parseRealms, "realms such as `3/4`"));
      return;
    case "proto":
    case "protocol":
      set(draft, "protocol", reader.text(keyword));
      return;
    default:
      if (!readAction(reader, keyword, draft)) draft.other.push(reader.unknown(keyword, isKnown));
  }
}

/** @returns false if the keyword is no action. */
function readAction(reader: AttributeReader, keyword: Word, draft: Draft): boolean {
  const name = NUMBERED_ACTIONS.get(keyword.text) ?? keyword.text;
  switch (name) {
    case "lookup":
    case "table": {
      const table = reader.text(keyword);
      if (table === "[l3mdev-table]") draft.action = { kind: "l3mdev" };
      else if (table !== undefined) draft.action = { kind: "lookup", table: tableName(table) };
      return true;
    }
    case "l3mdev":
      draft.action = { kind: "l3mdev" };
      return true;
    case "goto": {
      const none = reader.skip("none");
      const priority = none ? 0 : reader.number(keyword, UINT32_MAX);
      if (priority !== undefined) draft.action = { kind: "goto", priority, resolved: !none };
      return true;
    }
    case "[unresolved]":
      if (draft.action?.kind === "goto") draft.action = { ...draft.action, resolved: false };
      return true;
    case "nop":
    case "blackhole":
    case "unreachable":
    case "prohibit":
      draft.action = { kind: name };
      return true;
    default:
      return false;
  }
}

/** The kernel compares under the mask, so bits beyond the length do no harm and are dropped. */
function readPrefix(reader: AttributeReader, keyword: Word, draft: Draft): Prefix | undefined {
  if (reader.skip("all") || reader.skip("default")) return undefined;
  const family = draft.family;
  const accept = (text: string): Prefix | undefined => {
    const parsed = parseAddressWithBits(text);
    return parsed !== undefined && fits(parsed.address, family) ? toPrefix(parsed) : undefined;
  };
  const prefix = reader.parsed(
    keyword,
    accept,
    family === undefined ? "a prefix" : `an ${familyLabel(family)} prefix`,
  );
  if (prefix !== undefined) draft.family = familyOf(prefix.address);
  return prefix;
}

/** `ip -N` prints `ipproto-6`. */
function parseProtocol(text: string): number | undefined {
  return decimal(text.replace(/^ipproto-/, ""), 255) ?? protocolByName(text);
}

function readRange(reader: AttributeReader, keyword: Word, max: number): NumberRange | undefined {
  const parse = (text: string): NumberRange | undefined => {
    const [low = "", high = low, ...rest] = text.split("-");
    const first = decimal(low, max);
    const last = decimal(high, max);
    return first === undefined || last === undefined || first > last || rest.length > 0
      ? undefined
      : { first, last };
  };
  return reader.parsed(keyword, parse, `a number or a range up to ${max}`);
}

/** JSON keys for a keyword of the text; keys with a value in two parts are joined in `ruleWords`. */
const JSON_KEYWORDS: ReadonlyMap<string, string> = new Map([
  ["src", "from"],
  ["dst", "to"],
  ["table", "lookup"],
  ["suppress_prefixlen", "suppress_prefixlength"],
  ["iif_detached", "[detached]"],
  ["oif_detached", "[detached]"],
  ["unresolved", "[unresolved]"],
  ["sport_start", "sport"],
  ["dport_start", "dport"],
  ["uid_start", "uidrange"],
  ["flow_from", "realms"],
]);
/** The second part of a value: key, what joins it to the first. */
const SECOND_PARTS: ReadonlyMap<string, readonly [string, string]> = new Map([
  ["src", ["srclen", "/"]],
  ["dst", ["dstlen", "/"]],
  ["fwmark", ["fwmask", "/"]],
  ["sport_start", ["sport_end", "-"]],
  ["dport_start", ["dport_end", "-"]],
  ["uid_start", ["uid_end", "-"]],
  ["flow_from", ["flow_to", "/"]],
]);

/** One object of `ip -j rule` as the words that `ip rule` would print. */
function ruleWords(object: JsonObject, text: string): Word[] {
  const words: Word[] = [];
  const joined = new Set<string>();
  for (const { key, value } of object.members) {
    if (joined.has(key.text)) continue;
    const word = jsonWord(value, text);
    if (key.text === "priority") words.unshift(renamed(word, `${word.text}:`));
    else if (key.text === "action") words.push(word);
    else if (key.text === "flow_to") words.push(renamed(key, "realms"), word);
    // A flag is a key with the value null.
    else if (value.kind === "literal") words.push(renamed(key, JSON_KEYWORDS.get(key.text) ?? key.text));
    else {
      const [secondKey = "", separator = ""] = SECOND_PARTS.get(key.text) ?? [];
      const second = member(object, secondKey);
      if (second !== undefined) joined.add(secondKey);
      const tail = second === undefined ? "" : separator + jsonWord(second, text).text;
      words.push(renamed(key, JSON_KEYWORDS.get(key.text) ?? key.text), renamed(word, word.text + tail));
    }
  }
  return words;
}
