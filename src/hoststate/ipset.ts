/**
 * IP sets as data, and their text as `ipset save` prints it, without what changes from one listing to the next for
 * no reason of the administrator's: `initval`, a random seed. `ipset-restore.ts` reads the text.
 *
 * Authority: ipset(8), and ipset 7.17 on Linux 6.18.
 */
import type { Span } from "../base/index.ts";
import { type Address, type Family, printAddress } from "../net/index.ts";
import { type ElementPart, printElementParts } from "./ipset-element.ts";

/** What each part of an element is, by type of set. */
export const IP_SET_TYPES = {
  "bitmap:ip": ["ip"],
  "bitmap:ip,mac": ["ip", "mac"],
  "bitmap:port": ["port"],
  "hash:ip": ["ip"],
  "hash:mac": ["mac"],
  "hash:ip,mac": ["ip", "mac"],
  "hash:net": ["net"],
  "hash:net,net": ["net", "net"],
  "hash:ip,port": ["ip", "port"],
  "hash:net,port": ["net", "port"],
  "hash:ip,port,ip": ["ip", "port", "ip"],
  "hash:ip,port,net": ["ip", "port", "net"],
  "hash:ip,mark": ["ip", "mark"],
  "hash:net,port,net": ["net", "port", "net"],
  "hash:net,iface": ["net", "iface"],
  "list:set": ["set"],
} as const satisfies Record<string, readonly PartKind[]>;
export type IpSetType = keyof typeof IP_SET_TYPES;

/** `ip` and `net` are written alike; only a `net` part takes `nomatch`. */
export type PartKind = "ip" | "net" | "port" | "mac" | "mark" | "iface" | "set";

export interface IpSetOptions {
  /** Absent for types without addresses, and for bitmaps, which are IPv4. */
  readonly family?: Family;
  /** Grows by itself as the set fills. */
  readonly hashsize?: number;
  readonly maxelem?: number;
  readonly bucketsize?: number;
  /** Bitmaps: the addresses or ports that an element may have. */
  readonly range?: ElementPart;
  /** list:set: how many sets it may hold. */
  readonly size?: number;
  /** Every address is compared under this prefix length. */
  readonly netmask?: number;
  readonly bitmask?: Address;
  readonly markmask?: number;
  /** The default of new elements; 0 is forever. Present: elements may have a timeout of their own. */
  readonly timeoutSec?: number;
  readonly counters: boolean;
  readonly comment: boolean;
  readonly skbinfo: boolean;
  readonly forceadd: boolean;
  /** Options not known here, verbatim, each with a note among the diagnostics. */
  readonly other: readonly string[];
}

export interface IpSetElement {
  /** As written: a range stays one element, which the kernel would hold as many. */
  readonly parts: readonly ElementPart[];
  /** The element is carved out of the others. */
  readonly nomatch: boolean;
  /** hash:net,iface: the interface name is a prefix. */
  readonly wildcard: boolean;
  /** Remaining when listed. Absent: the set's. */
  readonly timeoutSec?: number;
  readonly packets?: bigint;
  readonly bytes?: bigint;
  readonly comment?: string;
  readonly skbmark?: { readonly value: number; readonly mask: number };
  /** `major:minor`, hexadecimal, as written. */
  readonly skbprio?: string;
  readonly skbqueue?: number;
  readonly other: readonly string[];
  readonly span: Span;
}

/** A named set, the kernel's `struct ip_set`. */
export interface IpSet {
  readonly name: string;
  readonly type: IpSetType;
  readonly options: IpSetOptions;
  readonly elements: readonly IpSetElement[];
  readonly span: Span;
}

/**
 * Text that `ipset restore` reads, in the order of `ipset save`. Sets of sets come last, since they name others. A
 * name with a blank is quoted; `ipset save` forgets to, and cannot be restored.
 */
export function printIpSets(sets: readonly IpSet[]): string {
  const lines: string[] = [];
  const isList = (set: IpSet): boolean => set.type === "list:set";
  for (const set of [...sets.filter((each) => !isList(each)), ...sets.filter(isList)]) {
    const name = /\s/.test(set.name) ? `"${set.name}"` : set.name;
    lines.push(`create ${name} ${set.type}${printOptions(set.options)}`);
    for (const element of set.elements) lines.push(`add ${name} ${printIpSetElement(element)}`);
  }
  return lines.map((line) => `${line}\n`).join("");
}

function printOptions(options: IpSetOptions): string {
  const { family, range, bitmask } = options;
  let text = "";
  const add = (name: string, value: string | number | undefined): void => {
    if (value !== undefined) text += ` ${name} ${value}`;
  };
  add("range", range?.kind === "ip" ? `${printAddress(range.first)}-${printAddress(range.last)}` : undefined);
  add("range", range?.kind === "port" ? `${range.first}-${range.last}` : undefined);
  add("family", family === undefined ? undefined : family === "ipv4" ? "inet" : "inet6");
  add("hashsize", options.hashsize);
  add("maxelem", options.maxelem);
  add("markmask", options.markmask === undefined ? undefined : hex32(options.markmask));
  add("size", options.size);
  add("netmask", options.netmask);
  add("bitmask", bitmask === undefined ? undefined : printAddress(bitmask));
  add("timeout", options.timeoutSec);
  if (options.counters) text += " counters";
  if (options.comment) text += " comment";
  if (options.skbinfo) text += " skbinfo";
  if (options.forceadd) text += " forceadd";
  add("bucketsize", options.bucketsize);
  for (const other of options.other) text += ` ${other}`;
  return text;
}

/** An element and its attributes, as they follow `add NAME`. */
export function printIpSetElement(element: IpSetElement): string {
  let text = printElementParts(element.parts);
  const add = (name: string, value: string | number | bigint | undefined): void => {
    if (value !== undefined) text += ` ${name} ${value}`;
  };
  if (element.nomatch) text += " nomatch";
  if (element.wildcard) text += " wildcard";
  add("timeout", element.timeoutSec);
  add("packets", element.packets);
  add("bytes", element.bytes);
  // ipset cannot write a quote inside a comment, and the reader lets none in.
  add("comment", element.comment === undefined ? undefined : `"${element.comment}"`);
  add("skbmark", element.skbmark === undefined ? undefined : printSkbmark(element.skbmark));
  add("skbprio", element.skbprio);
  add("skbqueue", element.skbqueue);
  for (const other of element.other) text += ` ${other}`;
  return text;
}

function printSkbmark({ value, mask }: { readonly value: number; readonly mask: number }): string {
  const text = `0x${value.toString(16)}`;
  return mask === 0xffffffff ? text : `${text}/0x${mask.toString(16)}`;
}

function hex32(value: number): string {
  return `0x${value.toString(16).padStart(8, "0")}`;
}
