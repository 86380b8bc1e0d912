/**
 * One IP set at run time. Kernel: net/netfilter/ipset/ip_set_hash_gen.h, ip_set_getport.c.
 *
 * Elements are filed under the prefix lengths of their parts, so that a look-up costs one hash for each combination of
 * lengths that occurs, however many elements there are. More specific combinations are asked first, and the first
 * answer counts: a `nomatch` element carves its part out of a wider one.
 */
import {
  type ElementPart,
  IP_SET_TYPES,
  type IpSet,
  type IpSetElement,
  printIpSets,
} from "../../hoststate/index.ts";
import {
  type Address,
  type AddressWords,
  type Family,
  familyOf,
  get16,
  readWords,
  toWords,
} from "../../net/index.ts";
import type { SetHit, SetLookup, SetView, Skb } from "../../xt/index.ts";

type Direction = "src" | "dst";

interface Entry {
  readonly nomatch: boolean;
  expiresAt: number;
  packets: number;
  bytes: number;
  readonly mark: { readonly value: number; readonly mask: number } | undefined;
  readonly priority: number | undefined;
  readonly queue: number | undefined;
  readonly mac: string | undefined;
  /** bitmap:ip,mac: of an element without a link address; runs once it has one. */
  readonly storedTimeoutSec?: number | undefined;
}

interface Shape {
  /** Prefix length of each address part; undefined for other parts. */
  readonly bits: readonly (number | undefined)[];
  readonly entries: Map<string, Entry>;
  /** hash:net,iface: how many elements each network has. */
  readonly networks: Map<string, number>;
}

/** A header cut short has no ports, even if it has the bytes. */
const HEADER_LENGTH: Readonly<Record<number, number>> = { 6: 20, 132: 12 };
const PORTED: ReadonlySet<number> = new Set([6, 17, 132, 136]);
const DEFAULT_MAX = 65_536;

/** How many values a range may have before it is taken as too much to spread out. */
const MAX_SPREAD = 1 << 20;

export class RunningSet implements SetView {
  readonly name: string;
  readonly family: Family;
  readonly #set: IpSet;
  readonly #now: () => number;
  #shapes: Shape[] = [];
  #size = 0;

  constructor(set: IpSet, now: () => number) {
    this.name = set.name;
    this.#set = set;
    this.#now = now;
    this.family = set.options.family ?? "ipv4";
    for (const element of set.elements) this.addElement(element, true);
  }

  /** The command that made it, for reading elements as it would. */
  get createLine(): string {
    return printIpSets([{ ...this.#set, elements: [] }]).trimEnd();
  }

  /**
   * Adds what an `ipset add` names, as far as it is not there.
   * @returns false if something was there and `exist` does not say that this is well; the rest is not added then.
   */
  addElement(element: IpSetElement, exist: boolean): boolean {
    for (const { key, bits } of this.#spread(element)) {
      const known = this.#find(key, bits);
      if (known !== undefined && !exist) return false;
      const mac = this.#fillsMacs ? macOf(element) : undefined;
      const waits = this.#fillsMacs && mac === undefined;
      this.#insert(key, bits, {
        nomatch: element.nomatch,
        expiresAt: waits ? Number.POSITIVE_INFINITY : this.#expiryAfter(element.timeoutSec),
        storedTimeoutSec: element.timeoutSec,
        packets: Number(element.packets ?? known?.packets ?? 0n),
        bytes: Number(element.bytes ?? known?.bytes ?? 0n),
        mark: element.skbmark,
        priority: priorityOf(element.skbprio),
        queue: element.skbqueue,
        mac,
      });
    }
    return true;
  }

  /** @returns false if something of it was not there, and `exist` does not say that this is well. */
  removeElement(element: IpSetElement, exist: boolean): boolean {
    for (const { key, bits } of this.#spread(element)) {
      const gone = this.#find(key, bits) !== undefined;
      this.#delete(key, bits);
      if (!gone && !exist) return false;
    }
    return true;
  }

  #spread(element: IpSetElement) {
    return spread(this.#partsOf(element), this.#kinds, this.family, (words, index) =>
      this.#masked(words, index),
    );
  }

  /** bitmap:ip,mac files by the address alone, since a link address may come later. */
  #partsOf({ parts }: IpSetElement): readonly ElementPart[] {
    return this.#fillsMacs ? parts.slice(0, 1) : parts;
  }

  #expiryAfter(timeoutSec: number | undefined): number {
    const usual = this.#set.options.timeoutSec;
    const seconds = usual === undefined ? 0 : (timeoutSec ?? usual);
    return seconds === 0 ? Number.POSITIVE_INFINITY : this.#now() + seconds * 1000;
  }

  /** Sets of one kind can be swapped. */
  get kind(): string {
    return `${this.#set.type} ${this.family}`;
  }

  flush(): void {
    this.#shapes = [];
    this.#size = 0;
  }

  test(
    skb: Skb,
    directions: readonly Direction[],
    { returnNomatch, updateCounters, accepts }: SetLookup,
  ): SetHit | undefined {
    const values = this.#values(skb, directions);
    if (values === undefined) return undefined;
    const mac = this.#fillsMacs ? values.pop() : undefined;
    const now = this.#now();
    for (const { bits, entries, networks } of this.#shapes) {
      const entry = entries.get(keyOf(values, bits));
      if (entry === undefined || entry.expiresAt <= now) {
        // The kernel looks no further once a network was found, be it with another interface. An element of which only
        // the time is over counts as not found. Kernel: mtype_test_cidrs(), `multi`.
        const others = (networks.get(networkOf(keyOf(values, bits))) ?? 0) - (entry === undefined ? 0 : 1);
        if (this.#decidedByNetwork && others > 0) return undefined;
        continue;
      }
      if (this.#fillsMacs && entry.mac === undefined) {
        const expiresAt = this.#expiryAfter(entry.storedTimeoutSec);
        Object.assign(entry, { mac, packets: 1, bytes: skb.bytes.length, expiresAt });
        return {};
      }
      if (entry.mac !== mac) return undefined;
      if (this.#set.options.counters) {
        if (updateCounters) {
          entry.packets++;
          entry.bytes += skb.bytes.length;
        }
        if (accepts?.(entry.packets, entry.bytes) === false) continue;
      }
      if (entry.nomatch) return returnNomatch ? {} : undefined;
      if (returnNomatch && this.#knowsNomatch) return undefined;
      return {
        packets: entry.packets,
        bytes: entry.bytes,
        ...(entry.mark !== undefined && { mark: entry.mark }),
        ...(entry.priority !== undefined && { priority: entry.priority }),
        ...(entry.queue !== undefined && { queue: entry.queue }),
      };
    }
    return undefined;
  }

  add(skb: Skb, directions: readonly Direction[], options: { timeoutSec?: number; exist: boolean }): boolean {
    const values = this.#values(skb, directions);
    if (values === undefined) return false;
    const mac = this.#fillsMacs ? (values.pop() as string) : undefined;
    const bits = this.#packetBits();
    const key = keyOf(values, bits);
    if (!this.#inRange(values[0])) return false;
    const known = this.#find(key, bits);
    if (known !== undefined && !options.exist && (mac === undefined || known.mac !== undefined)) return false;
    this.#insert(key, bits, {
      nomatch: false,
      expiresAt: this.#expiryAfter(options.timeoutSec),
      packets: 1,
      bytes: skb.bytes.length,
      mark: undefined,
      priority: undefined,
      queue: undefined,
      mac: known?.mac ?? mac,
    });
    return true;
  }

  /** @returns whether something was removed. */
  remove(skb: Skb, directions: readonly Direction[]): boolean {
    const values = this.#values(skb, directions);
    if (values === undefined) return false;
    if (this.#fillsMacs) values.pop();
    const bits = this.#packetBits();
    const key = keyOf(values, bits);
    const known = this.#find(key, bits) !== undefined;
    this.#delete(key, bits);
    return known;
  }

  /** A packet's addresses go in as whole ones, and as networks of the longest prefix that the set has of a part. */
  #packetBits(): readonly (number | undefined)[] {
    return this.#kinds.slice(0, this.#fillsMacs ? 1 : undefined).map((kind, index) => {
      if (kind === "ip") return this.#fullBits;
      if (kind !== "net") return undefined;
      const used = this.#shapes.filter(({ entries }) => entries.size > 0).map(({ bits }) => bits[index] ?? 0);
      return used.length === 0 ? this.#fullBits : Math.max(...used);
    });
  }

  /** Whether a bitmap has a place for the value. */
  #inRange(value: AddressWords | string | undefined): boolean {
    const { range } = this.#set.options;
    if (range === undefined || !("first" in range) || value === undefined) return true;
    const number = typeof value === "string" ? Number(value) : value.w3 >>> 0;
    return number >= Number(range.first) && number <= Number(range.last);
  }

  #find(key: string, bits: readonly (number | undefined)[]): Entry | undefined {
    const entry = this.#shapes.find((shape) => sameBits(shape.bits, bits))?.entries.get(key);
    return entry !== undefined && entry.expiresAt > this.#now() ? entry : undefined;
  }

  /** The test of an element without a link address takes over the packet's, and holds. */
  get #fillsMacs(): boolean {
    return this.#set.type === "bitmap:ip,mac";
  }

  get #knowsNomatch(): boolean {
    return this.#kinds.some((kind) => kind === "net");
  }

  get #kinds() {
    return IP_SET_TYPES[this.#set.type];
  }

  get #decidedByNetwork(): boolean {
    return this.#set.type === "hash:net,iface";
  }

  get #fullBits(): number {
    return this.family === "ipv4" ? 32 : 128;
  }

  #insert(key: string, bits: readonly (number | undefined)[], entry: Entry): void {
    let shape = this.#shapes.find((each) => sameBits(each.bits, bits));
    if (shape === undefined) {
      shape = { bits, entries: new Map(), networks: new Map() };
      this.#shapes.push(shape);
      this.#shapes.sort((a, b) => moreSpecific(a.bits, b.bits));
    }
    if (!shape.entries.has(key)) {
      const max = this.#set.options.maxelem ?? DEFAULT_MAX;
      if (this.#size >= max) return;
      this.#size++;
      if (this.#decidedByNetwork)
        shape.networks.set(networkOf(key), (shape.networks.get(networkOf(key)) ?? 0) + 1);
    }
    shape.entries.set(key, entry);
  }

  #delete(key: string, bits: readonly (number | undefined)[]): void {
    const shape = this.#shapes.find((each) => sameBits(each.bits, bits));
    if (shape?.entries.delete(key) !== true) return;
    this.#size--;
    if (!this.#decidedByNetwork) return;
    const left = (shape.networks.get(networkOf(key)) ?? 1) - 1;
    if (left === 0) shape.networks.delete(networkOf(key));
    else shape.networks.set(networkOf(key), left);
  }

  /** What the packet has for each part; undefined if it lacks one. */
  #values(skb: Skb, directions: readonly Direction[]): (AddressWords | string)[] | undefined {
    if (directions.length < this.#kinds.length) return undefined;
    if (
      this.#set.type !== "bitmap:port" &&
      skb.family !== this.family &&
      !this.#kinds.every((kind) => kind === "mac" || kind === "mark")
    )
      return undefined;
    const values: (AddressWords | string)[] = [];
    for (let index = 0; index < this.#kinds.length; index++) {
      const kind = this.#kinds[index];
      const direction = directions[index] as Direction;
      switch (kind) {
        case "ip":
        case "net":
          values.push(this.#masked(addressOf(skb, direction), index));
          break;
        case "port": {
          const port = portOf(skb, direction, this.#set.type === "bitmap:port");
          if (port === undefined) return undefined;
          values.push(port);
          break;
        }
        case "mac":
          if (skb.sourceMac?.length !== 6) return undefined;
          values.push(
            [...(direction === "src" ? skb.sourceMac : skb.destinationMac)]
              .map((byte) => byte.toString(16).padStart(2, "0"))
              .join(":"),
          );
          break;
        case "mark":
          values.push(`${(skb.mark & (this.#set.options.markmask ?? 0xffffffff)) >>> 0}`);
          break;
        case "iface": {
          const device = direction === "src" ? skb.inDevice : skb.outDevice;
          if (device === "") return undefined;
          values.push(device);
          break;
        }
        default:
          return undefined;
      }
    }
    return values;
  }

  #masked(words: AddressWords, index: number): AddressWords {
    const { netmask, bitmask } = this.#set.options;
    if (index > 0) return words;
    if (bitmask !== undefined) {
      const mask = toWords(bitmask);
      return {
        w0: words.w0 & mask.w0,
        w1: words.w1 & mask.w1,
        w2: words.w2 & mask.w2,
        w3: words.w3 & mask.w3,
      };
    }
    return netmask === undefined ? words : cut(words, netmask, this.family);
  }
}

function addressOf({ family, bytes }: Skb, direction: Direction): AddressWords {
  const at = family === "ipv4" ? (direction === "src" ? 12 : 16) : direction === "src" ? 8 : 24;
  return readWords(family, bytes, at);
}

/** `protocol:port`, or the number alone for bitmap:port. Kernel: ip_set_get_ip4_port(). */
function portOf(skb: Skb, direction: Direction, numberAlone: boolean): string | undefined {
  const { protocol, bytes, transport } = skb;
  const icmp = protocol === 1 || protocol === 58;
  if (numberAlone && protocol !== 6 && protocol !== 17) return undefined;
  if (!PORTED.has(protocol) && !icmp) return protocol <= 0 ? undefined : `${protocol}:0`;
  if (skb.fragmentOffset !== 0 || !skb.hasTransport(HEADER_LENGTH[protocol] ?? 8)) return undefined;
  const port = icmp ? get16(bytes, transport) : get16(bytes, transport + (direction === "src" ? 0 : 2));
  return numberAlone ? `${port}` : `${protocol}:${port}`;
}

/** The first part of a key. */
const networkOf = (key: string): string => key.slice(0, key.indexOf(" "));

const sameBits = (a: readonly (number | undefined)[], b: readonly (number | undefined)[]): boolean =>
  a.length === b.length && a.every((bits, index) => bits === b[index]);

function moreSpecific(a: readonly (number | undefined)[], b: readonly (number | undefined)[]): number {
  for (let index = 0; index < a.length; index++) {
    const difference = (b[index] ?? 0) - (a[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

const wordMask = (bits: number): number => (bits <= 0 ? 0 : bits >= 32 ? -1 : -1 << (32 - bits));

function cut({ w0, w1, w2, w3 }: AddressWords, bits: number, family: Family): AddressWords {
  const start = family === "ipv4" ? 96 : 0;
  return {
    w0: w0 & wordMask(bits + start),
    w1: w1 & wordMask(bits + start - 32),
    w2: w2 & wordMask(bits + start - 64),
    w3: w3 & wordMask(bits + start - 96),
  };
}

function keyOf(values: readonly (AddressWords | string)[], bits: readonly (number | undefined)[]): string {
  return values
    .map((value, index) => {
      if (typeof value === "string") return value;
      const length = bits[index] ?? 128;
      const family = value.w0 === 0 && value.w1 === 0 && value.w2 === 0 && length <= 32 ? "ipv4" : "ipv6";
      const { w0, w1, w2, w3 } = cut(value, length, family);
      return `${w0}.${w1}.${w2}.${w3}`;
    })
    .join(" ");
}

function macOf({ parts }: IpSetElement): string | undefined {
  const part = parts.find((each) => each.kind === "mac");
  return part?.kind === "mac" ? part.mac.toLowerCase() : undefined;
}

function priorityOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const [major, minor] = text.split(":").map((part) => Number.parseInt(part === "" ? "0" : part, 16));
  return (((major ?? 0) << 16) | (minor ?? 0)) >>> 0;
}

type Value = { readonly text: string | AddressWords; readonly bits: number | undefined };

/** Every key that an element stands for: ranges spread out into addresses, networks and ports. */
function spread(
  parts: readonly ElementPart[],
  kinds: readonly string[],
  family: Family,
  masked: (words: AddressWords, index: number) => AddressWords,
): { key: string; bits: readonly (number | undefined)[] }[] {
  let combinations: Value[][] = [[]];
  parts.forEach((part, index) => {
    const values = valuesOf(part, kinds[index] === "net", family);
    if (combinations.length * values.length > MAX_SPREAD) return;
    combinations = combinations.flatMap((head) => values.map((value) => [...head, value]));
  });
  return combinations.map((values) => {
    const bits = values.map((value) => value.bits);
    return {
      key: keyOf(
        values.map(({ text }, index) => (typeof text === "string" ? text : masked(text, index))),
        bits,
      ),
      bits,
    };
  });
}

function valuesOf(part: ElementPart, network: boolean, family: Family): Value[] {
  switch (part.kind) {
    case "ip":
      return network ? networks(part.first, part.last) : addresses(part.first, part.last);
    case "port": {
      const values: Value[] = [];
      const head = part.protocol === undefined ? "" : `${part.protocol}:`;
      for (let port = part.first; port <= part.last; port++)
        values.push({ text: `${head}${port}`, bits: undefined });
      return values;
    }
    case "icmp":
      return [{ text: `${part.protocol}:${part.type * 256 + part.code}`, bits: undefined }];
    case "mac":
      return [{ text: part.mac.toLowerCase(), bits: undefined }];
    case "mark":
      return [{ text: `${part.mark}`, bits: undefined }];
    case "iface":
      return [{ text: part.name, bits: undefined }];
    default:
      return [{ text: family, bits: undefined }];
  }
}

function addresses(first: Address, last: Address): Value[] {
  const bits = familyOf(first) === "ipv4" ? 32 : 128;
  const values: Value[] = [];
  for (let at = BigInt(first); at <= BigInt(last) && values.length < MAX_SPREAD; at++)
    values.push({ text: toWords(bits === 32 ? Number(at) : at), bits });
  return values;
}

/** The fewest prefixes that make up the range. */
function networks(first: Address, last: Address): Value[] {
  const all = familyOf(first) === "ipv4" ? 32 : 128;
  const values: Value[] = [];
  let at = BigInt(first);
  const end = BigInt(last);
  while (at <= end) {
    let size = 0n;
    while (size < BigInt(all) && (at & ((2n << size) - 1n)) === 0n && at + (2n << size) - 1n <= end) size++;
    values.push({ text: toWords(all === 32 ? Number(at) : at), bits: all - Number(size) });
    at += 1n << size;
  }
  return values;
}
