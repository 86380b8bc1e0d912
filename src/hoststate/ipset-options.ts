/** The options of ipset(8): those of a set, after its type, and those of an element. */
import type { Span } from "../base/index.ts";
import { type Address, type Family, parseAddress } from "../net/index.ts";
import { parseMark, set } from "./ip-words.ts";
import { IP_SET_TYPES, type IpSetElement, type IpSetOptions, type IpSetType } from "./ipset.ts";
import { type ElementPart, parseAddresses, parseElementPart } from "./ipset-element.ts";
import { counter, type Findings, integer, quote, UINT32_MAX, type Word } from "./words.ts";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export const BAD_COMMAND = "hoststate/bad-ipset-command";
/** Well written, and still refused by ipset or the kernel. */
export const REFUSED = "hoststate/ipset-refused";

/** ipset keeps milliseconds in 32 signed bits. */
const LONGEST_TIMEOUT_SEC = 2147483;

/** The `name value` pairs after a type or an element. */
export class OptionReader {
  #at = 0;
  readonly #findings: Findings;
  readonly #words: readonly Word[];

  constructor(findings: Findings, words: readonly Word[]) {
    this.#findings = findings;
    this.#words = words;
  }

  #value<T>(name: Word, parse: (text: string) => T | undefined, expected: string): T | undefined {
    const word = this.#words[this.#at++];
    const value = word === undefined ? undefined : parse(word.text);
    if (value !== undefined) return value;
    const message =
      word === undefined
        ? `nothing follows ${quote(name.text)}`
        : `${quote(word.text)} after ${quote(name.text)} is not ${expected}`;
    return this.#findings.error(BAD_COMMAND, word ?? name, message, `write ${expected}`);
  }

  #number(name: Word, max: number, min = 0): number | undefined {
    const parse = (text: string): number | undefined => {
      const value = integer(text, max);
      return value === undefined || value < min ? undefined : value;
    };
    return this.#value(name, parse, `a number from ${min} to ${max}`);
  }

  create(type: IpSetType, line: Word): IpSetOptions | undefined {
    const errors = this.#findings.errors;
    const options: Mutable<IpSetOptions> & { other: string[] } = {
      counters: false,
      comment: false,
      skbinfo: false,
      forceadd: false,
      other: [],
    };
    // What ipset fills in, so that a set written by hand equals the one listed.
    if (type.startsWith("hash:"))
      Object.assign(options, type === "hash:mac" ? {} : { family: "ipv4" }, {
        hashsize: 1024,
        maxelem: 65536,
      });
    if (type === "list:set") options.size = 8;
    let from: Word | undefined;
    while (this.#at < this.#words.length && this.#findings.errors === errors) {
      const name = this.#words[this.#at++] as Word;
      switch (name.text.replace(/^--/, "")) {
        case "family":
          set(options, "family", this.#value(name, parseFamily, "`inet` or `inet6`"));
          break;
        case "-4":
          options.family = "ipv4";
          break;
        case "-6":
          options.family = "ipv6";
          break;
        case "hashsize":
          set(options, "hashsize", this.#number(name, UINT32_MAX, 1));
          break;
        case "maxelem":
          set(options, "maxelem", this.#number(name, UINT32_MAX, 1));
          break;
        case "bucketsize":
          set(options, "bucketsize", this.#number(name, 255, 1));
          break;
        case "size":
          set(options, "size", this.#number(name, UINT32_MAX));
          break;
        case "netmask":
          set(options, "netmask", this.#number(name, options.family === "ipv6" ? 128 : 32, 1));
          break;
        case "bitmask": {
          const family = options.family ?? "ipv4";
          set(
            options,
            "bitmask",
            this.#value<Address>(
              name,
              (text) => parseAddress(text, family),
              "a mask such as `255.255.0.255`",
            ),
          );
          break;
        }
        case "markmask":
          set(options, "markmask", this.#number(name, UINT32_MAX));
          break;
        case "timeout":
          set(options, "timeoutSec", this.#number(name, LONGEST_TIMEOUT_SEC));
          break;
        case "range":
        case "network":
          set(
            options,
            "range",
            this.#value(name, (text) => parseRange(text, type), "a range such as `192.0.2.0/24` or `0-1024`"),
          );
          break;
        case "from":
          from = this.#words[this.#at++];
          break;
        case "to": {
          const low = from;
          set(
            options,
            "range",
            this.#value(name, (text) => parseRange(`${low?.text}-${text}`, type), "the end of the range"),
          );
          break;
        }
        case "counters":
        case "comment":
        case "skbinfo":
        case "forceadd":
          options[name.text.replace(/^--/, "") as "counters" | "comment" | "skbinfo" | "forceadd"] = true;
          break;
        // A random seed, and two options that ipset itself ignores.
        case "initval":
        case "probes":
        case "resize":
          this.#number(name, UINT32_MAX);
          break;
        default:
          options.other.push(this.#unknown(name));
      }
    }
    if (type.startsWith("bitmap:") && options.range === undefined && this.#findings.errors === errors) {
      this.#findings.error(
        BAD_COMMAND,
        line,
        `a ${type} needs a range`,
        "add `range` and the smallest and largest element",
      );
    }
    return this.#findings.errors === errors ? options : undefined;
  }

  element(
    type: IpSetType,
    options: IpSetOptions,
    parts: readonly ElementPart[],
    span: Span,
  ): IpSetElement | undefined {
    const errors = this.#findings.errors;
    const element: Mutable<IpSetElement> & { other: string[] } = {
      parts,
      nomatch: false,
      wildcard: false,
      other: [],
      span,
    };
    const kinds: readonly string[] = IP_SET_TYPES[type];
    while (this.#at < this.#words.length && this.#findings.errors === errors) {
      const name = this.#words[this.#at++] as Word;
      switch (name.text.replace(/^--/, "")) {
        case "nomatch":
          if (this.#allowed(name, kinds.includes("net"), "a type with `net`")) element.nomatch = true;
          break;
        case "wildcard":
          if (this.#allowed(name, kinds.includes("iface"), "hash:net,iface")) element.wildcard = true;
          break;
        case "timeout":
          if (this.#allowed(name, options.timeoutSec !== undefined, "a set created with `timeout`"))
            set(element, "timeoutSec", this.#number(name, LONGEST_TIMEOUT_SEC));
          break;
        case "packets":
        case "bytes": {
          const field = name.text.endsWith("packets") ? "packets" : "bytes";
          if (this.#allowed(name, options.counters, "a set created with `counters`"))
            set(element, field, this.#value(name, counter, "a counter"));
          break;
        }
        case "comment":
          if (this.#allowed(name, options.comment, "a set created with `comment`")) {
            const comment = this.#value(
              name,
              (text) => (text.length <= 255 ? text : undefined),
              "a comment of at most 255 characters",
            );
            // An empty comment is none: ipset does not print it.
            if (comment !== "") set(element, "comment", comment);
          }
          break;
        case "skbmark":
          if (this.#allowed(name, options.skbinfo, SKBINFO))
            set(element, "skbmark", this.#value(name, parseMark, "a mark such as `0x1/0xff`"));
          break;
        case "skbprio":
          if (this.#allowed(name, options.skbinfo, SKBINFO)) {
            const parse = (text: string): string | undefined =>
              /^[0-9a-f]{1,4}:[0-9a-f]{1,4}$/i.test(text) ? text.toLowerCase() : undefined;
            set(element, "skbprio", this.#value(name, parse, "a class such as `1:10`"));
          }
          break;
        case "skbqueue":
          if (this.#allowed(name, options.skbinfo, SKBINFO))
            set(element, "skbqueue", this.#number(name, 65535));
          break;
        case "before":
        case "after":
          // The order of a set of sets is its search order; we do not follow insertions into the middle.
          this.#findings.error(
            BAD_COMMAND,
            name,
            `${quote(name.text)} is not followed here`,
            "add the sets in the order wanted",
          );
          break;
        default:
          element.other.push(this.#unknown(name));
      }
    }
    return this.#findings.errors === errors ? element : undefined;
  }

  #allowed(name: Word, allowed: boolean, where: string): boolean {
    if (!allowed)
      this.#findings.error(
        REFUSED,
        name,
        `${quote(name.text)} belongs to ${where}, which this is not`,
        "drop it, or create the set so that it fits",
      );
    return allowed;
  }

  /** Whether a value follows is not known; words that are no option's name go with it. */
  #unknown(name: Word): string {
    const words = [name];
    for (
      let next = this.#words[this.#at];
      next !== undefined && !OPTION_NAMES.has(next.text);
      next = this.#words[this.#at]
    ) {
      words.push(next);
      this.#at++;
    }
    // A word that had quotes gets them back, so that printing it keeps it one word.
    const isQuoted = (word: Word): boolean => word.end - word.start > word.text.length;
    const text = words.map((word) => (isQuoted(word) ? `"${word.text}"` : word.text)).join(" ");
    this.#findings.unknown(
      "hoststate/unknown-attribute",
      { start: name.start, end: (words[words.length - 1] as Word).end },
      text,
    );
    return text;
  }
}

const SKBINFO = "a set created with `skbinfo`";
const OPTION_NAMES: ReadonlySet<string> = new Set(
  (
    "family hashsize maxelem bucketsize size netmask bitmask markmask timeout range counters comment skbinfo forceadd initval " +
    "nomatch wildcard packets bytes skbmark skbprio skbqueue"
  ).split(" "),
);

function parseFamily(text: string): Family | undefined {
  if (text === "inet" || text === "ipv4") return "ipv4";
  return text === "inet6" || text === "ipv6" ? "ipv6" : undefined;
}

function parseRange(text: string, type: IpSetType): ElementPart | undefined {
  return type === "bitmap:port" ? parseElementPart("port", text, "ipv4", true) : parseAddresses(text, "ipv4");
}
