/**
 * IPv4 options: what this host writes into those of packets that it receives, forwards and answers. RFC 791 section 3.1.
 * Kernel: net/ipv4/ip_options.c.
 */
import { type AddressWords, NO_ADDRESS, put32, readWords } from "../net/index.ts";
import type { Host } from "./host.ts";
import type { Packet } from "./packet.ts";
import { flowTo } from "./routing/fib.ts";
import { routeOutput } from "./routing/output-route.ts";

const END = 0;
const NOP = 1;
const RECORD_ROUTE = 7;
const TIMESTAMP = 68;
const CIPSO = 134;
const LOOSE_ROUTE = 131;
const STRICT_ROUTE = 137;
const ROUTER_ALERT = 148;

const TIMES_ONLY = 0;
const TIMES_AND_ADDRESSES = 1;
const PRESCRIBED = 3;

const HEADER = 20;
const MS_PER_DAY = 86_400_000;

/** Where the options that matter stand, from the start of the packet; 0 for none. The kernel's `struct ip_options`. */
export interface Ipv4Options {
  recordRoute: number;
  /** This host has taken a place in the record, which whoever sends the packet on fills in. */
  recordsAddress: boolean;
  timestamp: number;
  stampsAddress: boolean;
  stampsTime: boolean;
  sourceRoute: number;
  strict: boolean;
  cipso: number;
  /** The header checksum is written anew when the packet is forwarded. */
  changed: boolean;
}

/**
 * Reads the options of a received packet and enters this host into them. The header checksum stays as it was.
 * @returns where the first thing wrong with them stands; 0 if nothing is. Kernel: ip_options_compile().
 */
export function compileOptions(host: Host, skb: Packet): number {
  const { bytes } = skb;
  const options: Ipv4Options = {
    recordRoute: 0,
    recordsAddress: false,
    timestamp: 0,
    stampsAddress: false,
    stampsTime: false,
    sourceRoute: 0,
    strict: false,
    cipso: 0,
    changed: false,
  };
  skb.options = options;
  const end = ((bytes[0] as number) & 15) * 4;
  for (let at = HEADER; at < end; ) {
    const type = bytes[at] as number;
    if (type === END) {
      if (bytes.subarray(at, end).some((byte) => byte !== END)) options.changed = true;
      bytes.fill(END, at, end);
      return 0;
    }
    if (type === NOP) {
      at++;
      continue;
    }
    const length = at + 1 < end ? (bytes[at + 1] as number) : 0;
    if (length < 2 || length > end - at) return at;
    const wrong = compileOne(host, skb, options, at, length);
    if (wrong !== 0) return wrong;
    at += length;
  }
  return 0;
}

function compileOne(host: Host, skb: Packet, options: Ipv4Options, at: number, length: number): number {
  const { bytes } = skb;
  const pointer = length > 2 ? (bytes[at + 2] as number) : 0;
  switch (bytes[at]) {
    case LOOSE_ROUTE:
    case STRICT_ROUTE:
      if (length < 3) return at + 1;
      if (pointer < 4) return at + 2;
      if (options.sourceRoute !== 0) return at;
      options.sourceRoute = at;
      options.strict = bytes[at] === STRICT_ROUTE;
      return 0;
    case RECORD_ROUTE:
      if (options.recordRoute !== 0) return at;
      if (length < 3) return at + 1;
      if (pointer < 4) return at + 2;
      if (pointer <= length) {
        if (pointer + 3 > length) return at + 2;
        writeAddress(bytes, at + pointer - 1, ownAddress(host, skb));
        bytes[at + 2] = pointer + 4;
        options.recordsAddress = true;
        options.changed = true;
      }
      options.recordRoute = at;
      return 0;
    case TIMESTAMP:
      if (options.timestamp !== 0) return at;
      if (length < 4) return at + 1;
      if (pointer < 5) return at + 2;
      return stamp(host, skb, options, { at, length, pointer });
    case ROUTER_ALERT:
      return length < 4 ? at + 1 : 0;
    case CIPSO:
      if (options.cipso !== 0) return at;
      options.cipso = at;
      // No domain of labels is set up here. Kernel: cipso_v4_validate().
      return length < 8 ? at + 1 : at + 2;
    default:
      return 0;
  }
}

interface Place {
  readonly at: number;
  readonly length: number;
  readonly pointer: number;
}

function stamp(host: Host, skb: Packet, options: Ipv4Options, { at, length, pointer }: Place): number {
  const { bytes } = skb;
  const flags = bytes[at + 3] as number;
  const kind = flags & 15;
  if (pointer > length) {
    const overflow = flags >>> 4;
    if (kind !== PRESCRIBED) {
      if (overflow === 15) return at + 3;
      bytes[at + 3] = kind | ((overflow + 1) << 4);
      options.changed = true;
    }
    options.timestamp = at;
    return 0;
  }
  if (pointer + 3 > length) return at + 2;
  const withAddress = kind === TIMES_AND_ADDRESSES || kind === PRESCRIBED;
  if (withAddress && pointer + 7 > length) return at + 2;
  options.timestamp = at;
  if (kind !== TIMES_ONLY && !withAddress) return 0;
  if (kind === TIMES_AND_ADDRESSES) {
    writeAddress(bytes, at + pointer - 1, ownAddress(host, skb));
    options.stampsAddress = true;
  }
  if (kind === PRESCRIBED && typeOf(host, readWords("ipv4", bytes, at + pointer - 1)) === "unicast") return 0;
  options.stampsTime = true;
  bytes[at + 2] = pointer + (withAddress ? 8 : 4);
  put32(bytes, at + pointer + (withAddress ? 3 : -1), host.choices.random(MS_PER_DAY, "time of day"));
  options.changed = true;
  return 0;
}

/** What kind of address the local table takes it for. Kernel: inet_addr_type(). */
function typeOf(host: Host, address: AddressWords): string {
  const { w3 } = address;
  if (w3 === 0 || w3 === -1) return "broadcast";
  if (w3 >>> 28 === 14) return "multicast";
  return host.network.fibs.ipv4.lookupTable("local", flowTo(address))?.route.type ?? "unicast";
}

/** The address that this host was reached at, or would answer from. Kernel: fib_compute_spec_dst(). */
function ownAddress(host: Host, skb: Packet): AddressWords {
  if (skb.destination?.kind === "local") return readWords("ipv4", skb.bytes, 16);
  const source = readWords("ipv4", skb.bytes, 12);
  const back = source.w3 === 0 ? "no-route" : routeOutput(host, "ipv4", flowTo(source));
  if (typeof back !== "string") return back.source;
  return host.network.sourceAddress("ipv4", skb.inDevice, source) ?? NO_ADDRESS;
}

/**
 * Enters the address of the outgoing device. Called when a packet has passed FORWARD.
 * @returns whether the header checksum has to be written anew. Kernel: ip_forward_options().
 */
export function forwardOptions(host: Host, skb: Packet): boolean {
  const { options, bytes, destination } = skb;
  if (options === undefined || destination === undefined) return false;
  const { recordRoute, recordsAddress, timestamp, stampsAddress } = options;
  if (recordsAddress || stampsAddress) {
    const towards = destination.gateway ?? readWords("ipv4", bytes, 16);
    const own =
      destination.route?.preferredSource ??
      host.network.sourceAddress("ipv4", destination.device, towards) ??
      NO_ADDRESS;
    const last = (at: number, back: number): number => at + (bytes[at + 2] as number) - back;
    if (recordsAddress) writeAddress(bytes, last(recordRoute, 5), own);
    if (stampsAddress) writeAddress(bytes, last(timestamp, 9), own);
  }
  return options.changed;
}

/**
 * The options of an answer to `cause` from `own`, padded: records and stamps are copied, with this host in them. Source
 * routes are not turned round.
 * @returns undefined if there can be no answer. Kernel: __ip_options_echo(), ip_options_build().
 */
export function echoOptions(host: Host, cause: Packet, own: AddressWords): Uint8Array | undefined {
  const { options, bytes } = cause;
  if (options === undefined) return new Uint8Array(0);
  const parts: Uint8Array[] = [];
  const copy = (at: number): Uint8Array => {
    const part = bytes.slice(at, at + (bytes[at + 1] as number));
    parts.push(part);
    return part;
  };
  if (options.recordRoute !== 0) {
    const part = copy(options.recordRoute);
    const pointer = part[2] as number;
    if (options.recordsAddress && pointer <= part.length) {
      if (pointer + 3 > part.length) return undefined;
      part[2] = pointer + 4;
      writeAddress(part, pointer - 1, own);
    }
  }
  if (options.timestamp !== 0) {
    const part = copy(options.timestamp);
    if (!echoStamp(host, options, part, own)) return undefined;
  }
  if (options.cipso !== 0) copy(options.cipso);
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const all = new Uint8Array((length + 3) & ~3);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function echoStamp(host: Host, options: Ipv4Options, part: Uint8Array, own: AddressWords): boolean {
  let pointer = part[2] as number;
  if (pointer > part.length) return true;
  if (options.stampsAddress) {
    if (pointer + 3 > part.length) return false;
    writeAddress(part, pointer - 1, own);
    pointer += 4;
  }
  if (options.stampsTime) {
    if (pointer + 3 > part.length) return false;
    let writes = true;
    if (((part[3] as number) & 15) === PRESCRIBED) {
      writes = pointer + 7 <= part.length && typeOf(host, readWords("ipv4", part, pointer - 1)) !== "unicast";
      if (writes) pointer += 4;
    }
    if (writes) {
      put32(part, pointer - 1, host.choices.random(MS_PER_DAY, "time of day"));
      pointer += 4;
    }
  }
  part[2] = pointer;
  return true;
}

/** An IPv4 packet without options, with them put in. */
export function withOptions(packet: Uint8Array, options: Uint8Array): Uint8Array {
  if (options.length === 0) return packet;
  const longer = new Uint8Array(packet.length + options.length);
  longer.set(packet.subarray(0, HEADER));
  longer.set(options, HEADER);
  longer.set(packet.subarray(HEADER), HEADER + options.length);
  longer[0] = 0x45 + options.length / 4;
  return longer;
}

function writeAddress(bytes: Uint8Array, at: number, { w3 }: AddressWords): void {
  put32(bytes, at, w3 >>> 0);
}
