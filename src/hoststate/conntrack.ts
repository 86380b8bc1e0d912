/**
 * The conntrack table: `conntrack -L`, plain or with `-o extended,id,ktimestamp,labels`, and
 * /proc/net/nf_conntrack. Not read: `-o xml`, `-o save`, events (`-E`) and expectations.
 *
 * Keys repeat, and only their order tells ORIGINAL from REPLY: the second `src=` begins the reply tuple.
 * Authority: conntrack(8), output of conntrack-tools 1.4.7, and the kernel's
 * net/netfilter/nf_conntrack_standalone.c, ct_seq_show().
 */
import type { Diagnostic, Span } from "../base/index.ts";
import { type Address, type Family, familyOf, parseIpv4, parseIpv6 } from "../net/index.ts";
import {
  counter,
  decimal,
  Findings,
  forEachLine,
  integer,
  quote,
  UINT32_MAX,
  type Word,
  wordsBetween,
} from "./words.ts";

/** Endpoints of one direction. Which fields there are depends on the protocol. */
export interface Tuple {
  readonly source: Address;
  readonly destination: Address;
  readonly sourcePort?: number;
  readonly destinationPort?: number;
  readonly icmpType?: number;
  readonly icmpCode?: number;
  readonly icmpId?: number;
  /** GRE (PPTP) keys. */
  readonly sourceKey?: number;
  readonly destinationKey?: number;
  /** `zone-orig` or `zone-reply`: a zone for this direction only. */
  readonly zone?: number;
  /** Only with net.netfilter.nf_conntrack_acct. */
  readonly packets?: bigint;
  readonly bytes?: bigint;
}

/** One tracked connection as listed, the kernel's `struct nf_conn`. */
export interface ConntrackEntry {
  readonly family: Family;
  /** IP protocol number. */
  readonly protocol: number;
  /** As listed; `unknown` for a protocol that conntrack has no tracker for. */
  readonly protocolName: string;
  /** Absent in listings of dying entries. */
  readonly timeoutSec?: number;
  /** TCP, SCTP and DCCP: `ESTABLISHED`, … */
  readonly state?: string;
  readonly original: Tuple;
  readonly reply: Tuple;
  /** SEEN_REPLY: not `[UNREPLIED]`. */
  readonly seenReply: boolean;
  readonly assured: boolean;
  /** `OFFLOAD` or `HW_OFFLOAD`: packets pass by a flowtable and see no rule. */
  readonly offload?: "OFFLOAD" | "HW_OFFLOAD";
  readonly mark?: number;
  readonly secmark?: number;
  readonly secctx?: string;
  readonly zone?: number;
  readonly use?: number;
  readonly id?: number;
  readonly helper?: string;
  readonly labels?: readonly string[];
  readonly deltaTimeSec?: number;
  /** As listed, in the host's time zone: `Sun Nov 22 23:14:40 2026`. */
  readonly startedAt?: string;
  readonly stoppedAt?: string;
  /** /proc only, GRE: timeouts before and after a reply. */
  readonly greTimeoutSec?: number;
  readonly greStreamTimeoutSec?: number;
  /** Attributes not known here, verbatim, each with a note among the diagnostics. */
  readonly other: readonly string[];
  readonly span: Span;
}

export interface ConntrackListing {
  readonly entries: readonly ConntrackEntry[];
  readonly diagnostics: readonly Diagnostic[];
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Draft = Partial<Mutable<ConntrackEntry>> & { other: string[]; seenReply: boolean; assured: boolean };
type TupleDraft = Partial<Mutable<Tuple>>;

const CODE = "hoststate/bad-conntrack-entry";
const HINT = "give the lines of `conntrack -L` as they were printed; an entry has two tuples `src= dst=`";

/** Numbers of a tuple: key, field, largest value. */
const TUPLE_NUMBERS: ReadonlyMap<
  string,
  readonly [Exclude<keyof Tuple, "source" | "destination" | "packets" | "bytes">, number]
> = new Map([
  ["sport", ["sourcePort", 65535]],
  ["dport", ["destinationPort", 65535]],
  ["type", ["icmpType", 255]],
  ["code", ["icmpCode", 255]],
  ["id", ["icmpId", 65535]],
  ["srckey", ["sourceKey", UINT32_MAX]],
  ["dstkey", ["destinationKey", UINT32_MAX]],
  ["zone-orig", ["zone", 65535]],
  ["zone-reply", ["zone", 65535]],
]);
type NumberField =
  | "mark"
  | "secmark"
  | "zone"
  | "use"
  | "id"
  | "deltaTimeSec"
  | "greTimeoutSec"
  | "greStreamTimeoutSec";
const ENTRY_NUMBERS: ReadonlyMap<string, NumberField> = new Map([
  ["mark", "mark"],
  ["secmark", "secmark"],
  ["zone", "zone"],
  ["use", "use"],
  ["id", "id"],
  ["delta-time", "deltaTimeSec"],
  ["timeout", "greTimeoutSec"],
  ["stream_timeout", "greStreamTimeoutSec"],
]);

/** Reads every entry; one with an error is left out, and the diagnostic says so by its span. */
export function parseConntrack(text: string, source: string): ConntrackListing {
  const findings = new Findings(source);
  const entries: ConntrackEntry[] = [];
  let counted = 0;
  let lines = 0;
  forEachLine(text, (start, end) => {
    if (text.startsWith("conntrack v", start)) {
      const line = text.slice(start, end).trimEnd();
      const said = /: ([0-9]+) flow entries have been shown\.$/.exec(line)?.[1];
      const span: Span = { source, start, end: start + line.length };
      if (said === undefined)
        findings.error(CODE, span, `conntrack reports: ${quote(line)}`, "run it again as root");
      else if (Number(said) !== lines - counted) {
        const message = `conntrack showed ${said} entries, but ${lines - counted} stand above`;
        findings.warning(
          "hoststate/conntrack-count",
          span,
          message,
          "the listing was cut or filtered; list it again",
        );
      }
      counted = lines;
      return;
    }
    lines++;
    const entry = new EntryReader(source, findings, wordsBetween(text, start, end)).read();
    if (entry !== undefined) entries.push(entry);
  });
  return { entries, diagnostics: findings.diagnostics };
}

class EntryReader {
  #at = 0;
  #tuple: TupleDraft | undefined;
  readonly #tuples: TupleDraft[] = [];
  readonly #draft: Draft = { other: [], seenReply: true, assured: false };
  readonly #source: string;
  readonly #findings: Findings;
  readonly #words: readonly Word[];

  constructor(source: string, findings: Findings, words: readonly Word[]) {
    this.#source = source;
    this.#findings = findings;
    this.#words = words;
  }

  read(): ConntrackEntry | undefined {
    const errors = this.#findings.errors;
    const draft = this.#draft;
    this.#head();
    while (this.#at < this.#words.length && this.#findings.errors === errors)
      this.#word(this.#words[this.#at++] as Word);
    if (this.#findings.errors !== errors) return undefined;
    const start = this.#words[0]?.start ?? 0;
    const span = { source: this.#source, start, end: this.#words[this.#words.length - 1]?.end ?? start };
    const [original, reply, ...more] = this.#tuples;
    if (!isTuple(original) || !isTuple(reply) || more.length > 0) {
      const message = `an entry has two tuples \`src= dst=\`, this line has ${this.#tuples.filter(isTuple).length}`;
      return this.#findings.error(CODE, span, message, HINT);
    }
    const family = familyOf(original.source);
    const said = draft.family ?? family;
    if (
      [original.source, original.destination, reply.source, reply.destination].some(
        (each) => familyOf(each) !== said,
      )
    ) {
      return this.#findings.error(CODE, span, "the addresses of this entry are of two families", HINT);
    }
    // Completed in place: a table has 100,000 entries, and a copy of each costs as much as reading it.
    const rest = {
      family,
      protocol: draft.protocol ?? 0,
      protocolName: draft.protocolName ?? "",
      original,
      reply,
      span,
    };
    return Object.assign(draft, rest);
  }

  /** `[ipv4 2] tcp 6 [timeout] [STATE]`. */
  #head(): void {
    const draft = this.#draft;
    const first = this.#words[0]?.text;
    if (first === "ipv4" || first === "ipv6") {
      draft.family = first;
      this.#at = 2;
    }
    const name = this.#words[this.#at];
    const number = this.#words[this.#at + 1];
    const protocol = number === undefined ? undefined : decimal(number.text, 255);
    const named = name !== undefined && /^[a-z][a-z0-9_.+-]*$/i.test(name.text);
    if (!named || protocol === undefined) {
      const at = (named ? number : undefined) ?? name ?? this.#words[0];
      const start = at?.start ?? 0;
      const message = `${quote(at?.text ?? "")} stands where the protocol and its number should be`;
      this.#findings.error(CODE, { start, end: at?.end ?? start }, message, HINT);
      return;
    }
    draft.protocol = protocol;
    draft.protocolName = name.text;
    this.#at += 2;
    const timeout = decimal(this.#words[this.#at]?.text ?? "", UINT32_MAX);
    if (timeout !== undefined) {
      draft.timeoutSec = timeout;
      this.#at++;
    }
    const state = this.#words[this.#at]?.text;
    if (state !== undefined && /^[A-Z][A-Z0-9_]*$/.test(state)) {
      draft.state = state;
      this.#at++;
    }
  }

  #word(word: Word): void {
    const text = word.text;
    if (text.charCodeAt(0) === 91) {
      this.#bracketed(word);
      return;
    }
    const equals = text.indexOf("=");
    if (equals <= 0) {
      this.#unknown(word);
      return;
    }
    const key = text.slice(0, equals);
    // /proc prints GRE's timeouts with a comma between.
    const value =
      text.charCodeAt(text.length - 1) === 44 ? text.slice(equals + 1, -1) : text.slice(equals + 1);
    if (key === "src") {
      this.#tuple = {};
      this.#tuples.push(this.#tuple);
      this.#address("source", word, value);
    } else if (key === "dst") this.#address("destination", word, value);
    else if (this.#tuple !== undefined && (key === "packets" || key === "bytes")) {
      this.#set(this.#tuple, key, counter(value), word, "a counter");
    } else this.#attribute(word, key, value);
  }

  #attribute(word: Word, key: string, value: string): void {
    const draft = this.#draft;
    const tuple = this.#tuple;
    const ofTuple = TUPLE_NUMBERS.get(key);
    // `id=` after `type=` is the echo's; the entry's own comes at the end.
    const isTuples = ofTuple !== undefined && tuple !== undefined;
    if (isTuples && (key !== "id" || (tuple.icmpType !== undefined && tuple.icmpId === undefined))) {
      const [field, max] = ofTuple;
      this.#set(tuple, field, integer(value, max), word, `a number up to ${max}`);
      return;
    }
    const field = ENTRY_NUMBERS.get(key);
    if (field !== undefined) {
      this.#set(draft, field, integer(value, UINT32_MAX), word, "a number");
      return;
    }
    if (key === "helper" || key === "secctx") draft[key] = value;
    else if (key === "labels") draft.labels = value === "" ? [] : value.split(",");
    else this.#unknown(word);
  }

  #address(field: "source" | "destination", word: Word, value: string): void {
    const address = value.includes(":") ? parseIpv6(value) : parseIpv4(value);
    if (this.#tuple === undefined)
      this.#findings.error(CODE, word, `${quote(word.text)} comes before any \`src=\``, HINT);
    else this.#set(this.#tuple, field, address, word, "an address");
  }

  #set<T, K extends keyof T>(target: T, key: K, value: T[K] | undefined, word: Word, expected: string): void {
    if (value === undefined)
      this.#findings.error(CODE, word, `${quote(word.text)} does not give ${expected}`, HINT);
    else target[key] = value;
  }

  /** `[ASSURED]`, and `[start=Sun Nov 22 23:14:40 2026]`, which runs over several words. */
  #bracketed(first: Word): void {
    const words = [first];
    while (!(words[words.length - 1] as Word).text.endsWith("]") && this.#at < this.#words.length) {
      words.push(this.#words[this.#at++] as Word);
    }
    const text = words.map((word) => word.text).join(" ");
    const whole: Word = { text, start: first.start, end: (words[words.length - 1] as Word).end };
    const draft = this.#draft;
    if (text === "[UNREPLIED]") draft.seenReply = false;
    else if (text === "[ASSURED]") draft.assured = true;
    else if (text === "[OFFLOAD]" || text === "[HW_OFFLOAD]")
      draft.offload = text === "[OFFLOAD]" ? "OFFLOAD" : "HW_OFFLOAD";
    else if (/^\[start=.*\]$/.test(text)) draft.startedAt = text.slice("[start=".length, -1);
    else if (/^\[stop=.*\]$/.test(text)) draft.stoppedAt = text.slice("[stop=".length, -1);
    else this.#unknown(whole);
  }

  #unknown(word: Word): void {
    this.#draft.other.push(word.text);
    this.#findings.unknown("hoststate/unknown-attribute", word, word.text);
  }
}

function isTuple(tuple: TupleDraft | undefined): tuple is Mutable<Tuple> {
  return tuple?.source !== undefined && tuple.destination !== undefined;
}

/** Which ends NAT has changed: the reply is not the mirror of the original. SRC_NAT and DST_NAT are not listed. */
export function natManips({ original, reply }: ConntrackEntry): {
  readonly src: boolean;
  readonly dst: boolean;
} {
  return {
    src: original.source !== reply.destination || original.sourcePort !== reply.destinationPort,
    dst: original.destination !== reply.source || original.destinationPort !== reply.sourcePort,
  };
}
