/**
 * Interfaces and their addresses: `ip address show`, with or without `-o`, `-s`, `-d`, `-N`, `-4`, `-6`, and the
 * same as `-j`. Also `ip link show`, whose lines are a part of it.
 *
 * Authority: ip-address(8) and the output of iproute2 6.1. Not read: `-br`, and the statistics of `-s`, which are
 * recognised and left aside.
 */
import type { Diagnostic, Span } from "../base/index.ts";
import { type Address, type Family, familyOf } from "../net/index.ts";
import { addressSegments, type Segment } from "./ip-address-json.ts";
import { AttributeReader, fits, parseAddressWithBits, parseSeconds, set } from "./ip-words.ts";
import { looksLikeJson, readJsonObjects } from "./json.ts";
import { decimal, Findings, forEachLine, quote, UINT32_MAX, type Word, wordsBetween } from "./words.ts";

/** One address of an interface, the kernel's `struct in_ifaddr` or `struct inet6_ifaddr`. */
export interface InterfaceAddress {
  readonly family: Family;
  readonly address: Address;
  /** Of the network: `address/prefixBits`, or `peer/prefixBits` if there is a peer. */
  readonly prefixBits: number;
  readonly peer?: Address;
  readonly broadcast?: Address;
  readonly anycast?: Address;
  readonly scope?: string;
  /** IPv4 only; `eth0:1` is an alias of old, still on `eth0`. */
  readonly label?: string;
  /** `secondary`, `dynamic`, `deprecated`, `tentative`, …, as listed. */
  readonly flags: readonly string[];
  readonly metric?: number;
  readonly protocol?: string;
  /** Absent: forever, or not listed. */
  readonly validSec?: number;
  readonly preferredSec?: number;
  readonly other: readonly string[];
  readonly span: Span;
}

export interface Interface {
  readonly index: number;
  readonly name: string;
  /** After the `@`: the peer of a veth, the parent of a VLAN, `if7` for one in another namespace, or `NONE`. */
  readonly link?: string;
  /** `UP`, `LOWER_UP`, `LOOPBACK`, …; absent in the one-line listing, which does not say. */
  readonly flags?: readonly string[];
  readonly mtu?: number;
  readonly qdisc?: string;
  /** The bridge, bond or VRF that it is a port of. */
  readonly master?: string;
  readonly state?: string;
  readonly group?: string;
  readonly queueLength?: number;
  readonly linkType?: string;
  /** As listed; an IPv4 tunnel's is an IPv4 address. */
  readonly hardwareAddress?: string;
  readonly hardwareBroadcast?: string;
  readonly altNames: readonly string[];
  readonly alias?: string;
  readonly addresses: readonly InterfaceAddress[];
  readonly other: readonly string[];
  readonly span: Span;
}

export interface AddressListing {
  readonly interfaces: readonly Interface[];
  readonly diagnostics: readonly Diagnostic[];
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type AddressDraft = Mutable<InterfaceAddress> & { flags: string[]; other: string[] };
type Draft = Mutable<Interface> & { addresses: AddressDraft[]; altNames: string[]; other: string[] };

const CODE = "hoststate/bad-address";
const HINT = "write it as `ip address show` prints it";

const ADDRESS_FLAGS: ReadonlySet<string> = new Set(
  (
    "secondary temporary nodad optimistic dadfailed home deprecated tentative permanent dynamic mngtmpaddr noprefixroute " +
    "autojoin stable-privacy mcautojoin"
  ).split(" "),
);
const ADDRESS_KEYWORDS: ReadonlySet<string> = new Set(
  "peer metric brd any scope proto label valid_lft preferred_lft flags".split(" "),
);
const isAddressWord = (word: string): boolean => ADDRESS_FLAGS.has(word) || ADDRESS_KEYWORDS.has(word);

/** Attributes of an interface that say nothing about where packets go: kept in `other` without a note. */
const LINK_DETAILS: ReadonlySet<string> = new Set(
  (
    "mode minmtu maxmtu promiscuity allmulti numtxqueues numrxqueues gso_max_size gso_max_segs tso_max_size tso_max_segs " +
    "gro_max_size gso_ipv4_max_size gro_ipv4_max_size link-netnsid link-netns parentbus parentdev new-ifindex permaddr"
  ).split(" "),
);
const LINK_KEYWORDS: ReadonlySet<string> = new Set("mtu qdisc master state group qlen brd peer".split(" "));
const isLinkWord = (word: string): boolean => LINK_KEYWORDS.has(word) || LINK_DETAILS.has(word);

/** Reads every interface; a line with an error is left out, and the diagnostic says so by its span. */
export function parseIpAddress(text: string, source: string): AddressListing {
  const findings = new Findings(source);
  const reader = new ListingReader(text, source, findings);
  if (looksLikeJson(text)) {
    for (const object of readJsonObjects(text, findings)) {
      reader.startObject();
      for (const segment of addressSegments(object, text)) reader.read(segment);
    }
  } else {
    forEachSegment(text, (segment) => reader.read(segment));
  }
  return { interfaces: reader.interfaces, diagnostics: findings.diagnostics };
}

/** Lines, and what `ip -o` would have made lines: it prints a backslash and four blanks or more instead. */
function forEachSegment(text: string, visit: (segment: Segment) => void): void {
  forEachLine(text, (start, end) => {
    for (let from = start; from < end; ) {
      let to = text.indexOf("\\", from);
      while (to >= 0 && to < end && !text.startsWith("    ", to + 1)) to = text.indexOf("\\", to + 1);
      if (to < 0 || to > end) to = end;
      const words = wordsBetween(text, from, to);
      if (words.length > 0) visit({ words, start: from });
      from = to + 1;
    }
  });
}

class ListingReader {
  readonly interfaces: Draft[] = [];
  #current: Draft | undefined;
  #address: AddressDraft | undefined;
  /** The last header was refused: its lines are, too, without a word about each. */
  #orphaned = false;
  #statistics = false;
  readonly #text: string;
  readonly #source: string;
  readonly #findings: Findings;

  constructor(text: string, source: string, findings: Findings) {
    this.#text = text;
    this.#source = source;
    this.#findings = findings;
  }

  startObject(): void {
    this.#current = undefined;
    this.#orphaned = false;
  }

  read({ words, start }: Segment): void {
    const first = words[0];
    if (first === undefined) return;
    const reader = new AttributeReader(words, this.#findings, CODE);
    if (this.#statistics && /^[0-9]+$/.test(first.text)) {
      this.#statistics = false;
      return;
    }
    this.#statistics = false;
    if (/^[0-9]+:$/.test(first.text) && words.length > 1) {
      this.#header(reader, words);
      return;
    }
    const current = this.#current;
    if (current === undefined) {
      if (!this.#orphaned) reader.bad(first, `${quote(first.text)} comes before any interface`, HINT);
      return;
    }
    current.span = { ...current.span, end: (words[words.length - 1] as Word).end };
    if (first.text.startsWith("link/")) {
      this.#link(reader, current);
      return;
    }
    switch (first.text) {
      case "inet":
      case "inet6":
        this.#address = undefined;
        this.#inet(reader, first.text === "inet" ? "ipv4" : "ipv6", current);
        return;
      case "valid_lft":
        if (this.#address !== undefined) readLifetimes(reader, this.#address);
        return;
      case "altname":
        if (words[1] !== undefined) current.altNames.push(words[1].text);
        return;
      case "alias":
        if (words[1] !== undefined) {
          current.alias = this.#text.slice(words[1].start, (words[words.length - 1] as Word).end);
        }
        return;
      case "RX:":
      case "TX:":
        this.#statistics = true;
        return;
      default:
        // `-d` prints a line of details; it begins with the kind of interface.
        this.#detail(reader, current, first.start > start);
    }
  }

  #header(reader: AttributeReader, words: readonly Word[]): void {
    const index = decimal((reader.take() as Word).text.slice(0, -1), UINT32_MAX);
    const title = reader.take() as Word;
    const colon = title.text.endsWith(":");
    const [name = "", link] = (colon ? title.text.slice(0, -1) : title.text).split("@");
    this.#address = undefined;
    if (index === undefined || name === "" || (!colon && !/^inet6?$/.test(reader.next?.text ?? ""))) {
      this.#current = undefined;
      this.#orphaned = true;
      reader.bad(title, `${quote(title.text)} is not an interface's name and a colon`, HINT);
      return;
    }
    const end = (words[words.length - 1] as Word).end;
    const last = this.interfaces[this.interfaces.length - 1];
    // The one-line listing repeats index and name for each address.
    const again = last?.index === index && last.name === name;
    const current: Draft = again
      ? last
      : {
          index,
          name,
          altNames: [],
          addresses: [],
          other: [],
          span: { source: this.#source, start: words[0]?.start ?? 0, end },
        };
    current.span = { ...current.span, end };
    if (!again) this.interfaces.push(current);
    this.#current = current;
    this.#orphaned = false;
    if (link !== undefined) current.link = link;
    if (!colon) {
      const family = reader.take()?.text === "inet" ? "ipv4" : "ipv6";
      this.#inet(reader, family, current);
      return;
    }
    const flags = reader.next?.text ?? "";
    if (/^<.*>$/.test(flags)) {
      current.flags = flags
        .slice(1, -1)
        .split(",")
        .filter((flag) => flag !== "");
      reader.at++;
    }
    readLinkAttributes(reader, current);
  }

  #link(reader: AttributeReader, current: Draft): void {
    current.linkType = (reader.take() as Word).text.slice("link/".length);
    const address = reader.next?.text;
    if (address !== undefined && !isLinkWord(address)) {
      current.hardwareAddress = address;
      reader.at++;
    }
    readLinkAttributes(reader, current);
  }

  #detail(reader: AttributeReader, current: Draft, indented: boolean): void {
    const first = reader.take() as Word;
    if (indented) current.other.push(reader.unknown(first, () => false));
    else reader.bad(first, `${quote(first.text)} begins no line of this listing`, HINT);
  }

  #inet(reader: AttributeReader, family: Family, current: Draft): void {
    const errors = this.#findings.errors;
    const keyword = reader.words[reader.at - 1]?.text.startsWith("inet")
      ? reader.words[reader.at - 1]
      : reader.take();
    const word = reader.value(keyword as Word);
    if (word === undefined) return;
    const local = parseAddressWithBits(word.text);
    if (local === undefined || !fits(local.address, family)) {
      reader.bad(word, `${quote(word.text)} is not an address after ${quote(keyword?.text ?? "")}`, HINT);
      return;
    }
    const start = (keyword as Word).start;
    const end = (reader.words[reader.words.length - 1] as Word).end;
    const draft: AddressDraft = {
      family,
      ...local,
      flags: [],
      other: [],
      span: { source: this.#source, start, end },
    };
    while (reader.next !== undefined && this.#findings.errors === errors) readAddressAttribute(reader, draft);
    if (this.#findings.errors !== errors) return;
    current.addresses.push(draft);
    this.#address = draft;
  }
}

function readLinkAttributes(reader: AttributeReader, draft: Draft): void {
  for (let keyword = reader.take(); keyword !== undefined; keyword = reader.take()) {
    switch (keyword.text) {
      case "mtu":
        set(draft, "mtu", reader.number(keyword, UINT32_MAX));
        break;
      case "qlen":
        set(draft, "queueLength", reader.number(keyword, UINT32_MAX));
        break;
      case "qdisc":
      case "master":
      case "state":
      case "group":
        set(draft, keyword.text, reader.text(keyword));
        break;
      case "brd":
      case "peer":
        set(draft, "hardwareBroadcast", reader.text(keyword));
        break;
      default:
        if (LINK_DETAILS.has(keyword.text))
          draft.other.push(`${keyword.text} ${reader.text(keyword) ?? ""}`.trimEnd());
        else draft.other.push(reader.unknown(keyword, isLinkWord));
    }
  }
}

function readAddressAttribute(reader: AttributeReader, draft: AddressDraft): void {
  const keyword = reader.take() as Word;
  switch (keyword.text) {
    case "peer": {
      const accept = (text: string) => {
        const parsed = parseAddressWithBits(text);
        return parsed !== undefined && familyOf(parsed.address) === draft.family ? parsed : undefined;
      };
      const peer = reader.parsed(keyword, accept, "the peer's address and prefix length");
      if (peer === undefined) return;
      draft.peer = peer.address;
      draft.prefixBits = peer.prefixBits;
      return;
    }
    case "metric":
      set(draft, "metric", reader.number(keyword, UINT32_MAX));
      return;
    case "brd":
      set(draft, "broadcast", reader.address(keyword, draft.family));
      return;
    case "any":
      set(draft, "anycast", reader.address(keyword, draft.family));
      return;
    case "scope":
      set(draft, "scope", reader.text(keyword));
      return;
    case "proto":
      set(draft, "protocol", reader.text(keyword));
      return;
    case "label":
      set(draft, "label", reader.text(keyword));
      return;
    case "flags": {
      const flags = reader.text(keyword);
      if (flags !== undefined) draft.flags.push(flags);
      return;
    }
    case "valid_lft":
      reader.at--;
      readLifetimes(reader, draft);
      return;
    default:
      if (ADDRESS_FLAGS.has(keyword.text)) draft.flags.push(keyword.text);
      // The label has no keyword: it is what stands last. IPv6 addresses have none.
      else if (draft.family === "ipv4" && (reader.next === undefined || reader.next.text === "valid_lft"))
        draft.label = keyword.text;
      else draft.other.push(reader.unknown(keyword, isAddressWord));
  }
}

function readLifetimes(reader: AttributeReader, draft: AddressDraft): void {
  for (let keyword = reader.take(); keyword !== undefined; keyword = reader.take()) {
    const field =
      keyword.text === "valid_lft"
        ? "validSec"
        : keyword.text === "preferred_lft"
          ? "preferredSec"
          : undefined;
    if (field === undefined) draft.other.push(reader.unknown(keyword, (word) => word.endsWith("_lft")));
    else if (!reader.skip("forever"))
      set(draft, field, reader.parsed(keyword, parseSeconds, "`forever` or a time such as `1000sec`"));
  }
}
