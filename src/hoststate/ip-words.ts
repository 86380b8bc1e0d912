/**
 * What the listings of ip(8) have in common: attributes as `keyword value` in any order, prefixes, table names,
 * and JSON objects turned into the words that the text listing would show, so that each listing has one reader.
 */
import type { Diagnostic, Span } from "../base/index.ts";
import {
  type Address,
  type Family,
  familyOf,
  type Prefix,
  parseAddress,
  parseIpv4,
  parseIpv6,
  prefixMask,
  withMask,
} from "../net/index.ts";
import { type JsonNode, scalarWord } from "./json.ts";
import { decimal, type Findings, integer, quote, UINT32_MAX, type Word } from "./words.ts";

/** What a listing does not say itself. */
export interface ListingOptions {
  /** The family asked for, `-4` or `-6`. Without it the addresses decide. */
  readonly family?: Family;
}

/** An address and a prefix length as written; the address may have bits beyond the length. */
export interface AddressWithBits {
  readonly address: Address;
  readonly prefixBits: number;
}

/**
 * `address[/length]`. A shortened IPv4 address is filled up with zeros if a length follows, as ip(8) reads it:
 * `10/8` is `10.0.0.0/8`.
 */
export function parseAddressWithBits(text: string): AddressWithBits | undefined {
  const slash = text.indexOf("/");
  let host = slash < 0 ? text : text.slice(0, slash);
  if (slash >= 0 && /^[0-9]{1,3}(\.[0-9]{1,3}){0,2}$/.test(host))
    host += ".0".repeat(4 - host.split(".").length);
  const address = host.includes(":") ? parseIpv6(host) : parseIpv4(host);
  if (address === undefined) return undefined;
  const limit = typeof address === "number" ? 32 : 128;
  const prefixBits = slash < 0 ? limit : decimal(text.slice(slash + 1), limit);
  return prefixBits === undefined ? undefined : { address, prefixBits };
}

export function toPrefix({ address, prefixBits }: AddressWithBits): Prefix {
  return { address: withMask(address, prefixMask(familyOf(address), prefixBits)), prefixBits };
}

/** 0/0 of a family: what `default` and `all` stand for. */
export function wholePrefix(family: Family): Prefix {
  return { address: family === "ipv4" ? 0 : 0n, prefixBits: 0 };
}

const TABLE_NAMES: ReadonlyMap<string, string> = new Map([
  ["0", "unspec"],
  ["253", "default"],
  ["254", "main"],
  ["255", "local"],
]);

/**
 * A routing table as iproute2's rt_tables names it by default; `ip -N` prints numbers. Other tables keep what the
 * listing says, a number or a name of the host's own rt_tables.
 */
export function tableName(text: string): string {
  return TABLE_NAMES.get(text) ?? text;
}

/** `flow from/to` for the traffic classifier; `from` is absent if the listing gives one realm. */
export interface Realms {
  readonly from?: string;
  readonly to: string;
}

export function parseRealms(text: string): Realms | undefined {
  const [first, second, ...rest] = text.split("/");
  if (rest.length > 0 || first === "" || second === "" || first === undefined) return undefined;
  return second === undefined ? { to: first } : { from: first, to: second };
}

/** `0x1` or `0x1/0xff`; without a mask every bit counts. */
export function parseMark(text: string): { value: number; mask: number } | undefined {
  const [first = "", second, ...rest] = text.split("/");
  const value = integer(first, UINT32_MAX);
  const mask = second === undefined ? UINT32_MAX : integer(second, UINT32_MAX);
  return value === undefined || mask === undefined || rest.length > 0 ? undefined : { value, mask };
}

/** `999sec` or `999`. */
export function parseSeconds(text: string): number | undefined {
  return decimal(text.endsWith("sec") ? text.slice(0, -3) : text, UINT32_MAX);
}

/** The words of one entry, read from left to right. */
export class AttributeReader {
  at = 0;
  readonly words: readonly Word[];
  readonly findings: Findings;
  readonly #code: Diagnostic["code"];

  constructor(words: readonly Word[], findings: Findings, code: Diagnostic["code"]) {
    this.words = words;
    this.findings = findings;
    this.#code = code;
  }

  get next(): Word | undefined {
    return this.words[this.at];
  }

  take(): Word | undefined {
    return this.words[this.at++];
  }

  /** Takes the next word if it is this one. */
  skip(text: string): boolean {
    if (this.next?.text !== text) return false;
    this.at++;
    return true;
  }

  bad(at: Word, message: string, hint: string): undefined {
    return this.findings.error(this.#code, at, message, hint);
  }

  value(keyword: Word): Word | undefined {
    const value = this.take();
    if (value !== undefined) return value;
    return this.bad(keyword, `nothing follows ${quote(keyword.text)}`, "the line was cut off; list it again");
  }

  /** The value after a keyword, as `parse` reads it. */
  parsed<T>(keyword: Word, parse: (text: string) => T | undefined, expected: string): T | undefined {
    const word = this.value(keyword);
    if (word === undefined) return undefined;
    const value = parse(word.text);
    if (value !== undefined) return value;
    const message = `${quote(word.text)} after ${quote(keyword.text)} is not ${expected}`;
    return this.bad(word, message, `write ${expected}`);
  }

  number(keyword: Word, max: number): number | undefined {
    return this.parsed(keyword, (text) => decimal(text, max), `a number from 0 to ${max}`);
  }

  text(keyword: Word): string | undefined {
    return this.value(keyword)?.text;
  }

  address(keyword: Word, family: Family | undefined): Address | undefined {
    const parse = (text: string): Address | undefined =>
      family === undefined ? (parseIpv4(text) ?? parseIpv6(text)) : parseAddress(text, family);
    return this.parsed(
      keyword,
      parse,
      family === undefined ? "an address" : `an ${familyLabel(family)} address`,
    );
  }

  /** An attribute that no case knew: `word` and what follows up to the next known keyword, verbatim. */
  unknown(word: Word, isKnown: (text: string) => boolean): string {
    const words = [word];
    while (this.next !== undefined && !isKnown(this.next.text)) words.push(this.take() as Word);
    const text = words.map((each) => each.text).join(" ");
    const end = (words[words.length - 1] as Word).end;
    this.findings.unknown("hoststate/unknown-attribute", { start: word.start, end }, text);
    return text;
  }
}

export function familyLabel(family: Family): string {
  return family === "ipv4" ? "IPv4" : "IPv6";
}

/** Is `address` of `family`, if the family is known? */
export function fits(address: Address, family: Family | undefined): boolean {
  return family === undefined || familyOf(address) === family;
}

export function spanOf(source: string, words: readonly Word[]): Span {
  return { source, start: words[0]?.start ?? 0, end: words[words.length - 1]?.end ?? 0 };
}

/** A word that stands in the source as another: the JSON key `gateway` for `via`. */
export function renamed(word: Word, text: string): Word {
  return { text, start: word.start, end: word.end };
}

/** Any JSON value as one word: a scalar's text, anything else as its source text. */
export function jsonWord(node: JsonNode, text: string): Word {
  return scalarWord(node) ?? { text: text.slice(node.start, node.end), start: node.start, end: node.end };
}

/** Keeps an attribute that was read; one that was not stays absent. */
export function set<T, K extends keyof T>(target: T, key: K, value: T[K] | undefined): void {
  if (value !== undefined) target[key] = value;
}
