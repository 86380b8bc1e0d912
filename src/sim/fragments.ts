/**
 * Fragments: putting packets together where conntrack or local delivery needs them whole, and cutting them up for a
 * link. Kernel: net/ipv4/ip_fragment.c, ip_defrag(); net/ipv4/ip_output.c, ip_do_fragment();
 * net/ipv6/netfilter/nf_conntrack_reasm.c, nf_ct_frag6_gather().
 */
import { type Family, findIpv6Header, get16, PROTOCOL, put16, toHex } from "../net/index.ts";
import { writeIpv4Checksum } from "./checksums.ts";
import type { Host } from "./host.ts";
import type { Packet } from "./packet.ts";

/** Seconds that fragments wait for the rest, unless a setting says otherwise. Kernel: IP_FRAG_TIME, IPV6_FRAG_TIMEOUT. */
const IPV4_WAIT_SEC = 30;
const IPV6_WAIT_SEC = 60;
const FRAGMENT = 44;
const MAX_LENGTH = 65_535;

interface Piece {
  readonly offset: number;
  readonly payload: Uint8Array;
  /** The headers before the payload, the IPv6 fragment header left out. */
  readonly header: Uint8Array;
  readonly size: number;
  readonly dontFragment: boolean;
  readonly ecn: number;
}

interface Queue {
  readonly pieces: Piece[];
  length: number;
  complete: boolean;
  readonly expiresAt: number;
}

/** Fragments that wait, by what they have in common. */
export class FragmentQueues {
  readonly #queues = new Map<string, Queue>();

  /**
   * Files one fragment.
   * @returns the whole packet when this was the last missing piece.
   */
  add(
    key: string,
    piece: Piece,
    { last, now, waitSec }: { readonly last: boolean; readonly now: number; readonly waitSec: number },
  ): Queue | undefined {
    let queue = this.#queues.get(key);
    if (queue === undefined || queue.expiresAt <= now) {
      this.#forgetExpired(now);
      queue = { pieces: [], length: 0, complete: false, expiresAt: now + waitSec * 1000 };
      this.#queues.set(key, queue);
    }
    const end = piece.offset + piece.payload.length;
    if (!this.#accepts(queue, piece, end, last)) {
      this.#queues.delete(key);
      return undefined;
    }
    const at = queue.pieces.findIndex((other) => other.offset >= piece.offset);
    const after = queue.pieces[at];
    const before = queue.pieces[at < 0 ? queue.pieces.length - 1 : at - 1];
    const inside = (other: Piece | undefined): boolean =>
      other !== undefined && other.offset <= piece.offset && other.offset + other.payload.length >= end;
    if (inside(after) || inside(before)) return undefined;
    if (
      (after !== undefined && after.offset < end) ||
      (before !== undefined && before.offset + before.payload.length > piece.offset)
    ) {
      this.#queues.delete(key);
      return undefined;
    }
    queue.pieces.splice(at < 0 ? queue.pieces.length : at, 0, piece);
    const held = queue.pieces.reduce((sum, { payload }) => sum + payload.length, 0);
    if (!queue.complete || held !== queue.length || queue.pieces[0]?.offset !== 0) return undefined;
    this.#queues.delete(key);
    return queue;
  }

  /** Queues stand in the order in which they were made: the first ones run out first, but for those of other settings. */
  #forgetExpired(now: number): void {
    for (const [key, { expiresAt }] of this.#queues) {
      if (expiresAt > now) return;
      this.#queues.delete(key);
    }
  }

  /** Whether the piece fits what is known of the packet's end; otherwise the whole queue is given up. */
  #accepts(queue: Queue, piece: Piece, end: number, last: boolean): boolean {
    if (piece.payload.length === 0) return false;
    if (last) {
      if (end < queue.length || (queue.complete && end !== queue.length)) return false;
      queue.complete = true;
      queue.length = end;
    } else if (end > queue.length) {
      if (queue.complete) return false;
      queue.length = end;
    }
    return true;
  }
}

const ECN_MASK = 3;

/** @returns "stolen" while fragments are missing; else the packet is whole. */
export function defragment(host: Host, skb: Packet): "accept" | "drop" | "stolen" {
  if (skb.ct !== undefined) return "accept";
  return skb.family === "ipv4"
    ? defragmentIpv4(host, skb, `netfilter ${skb.hook}`)
    : defragmentIpv6(host, skb);
}

/** `user` keeps the queues of different places apart, as the kernel's enum ip_defrag_users does. */
export function defragmentIpv4(host: Host, skb: Packet, user: string): "accept" | "stolen" {
  const { bytes } = skb;
  const field = get16(bytes, 6);
  if ((field & 0x3fff) === 0) return "accept";
  const headerLength = ((bytes[0] as number) & 15) * 4;
  const more = (field & 0x2000) !== 0;
  const offset = (field & 0x1fff) * 8;
  let end = bytes.length;
  if (more) end = headerLength + ((bytes.length - headerLength) & ~7);
  const piece: Piece = {
    offset,
    payload: bytes.subarray(headerLength, end),
    header: bytes.subarray(0, headerLength),
    size: bytes.length,
    dontFragment: (field & 0x4000) !== 0,
    ecn: (bytes[1] as number) & ECN_MASK,
  };
  const key = `4 ${user} ${toHex(bytes.subarray(12, 20))} ${get16(bytes, 4)} ${bytes[9]}`;
  const waitSec = host.sysctls.number("net.ipv4.ipfrag_time", IPV4_WAIT_SEC);
  const queue = host.fragments.add(key, piece, { last: !more, now: host.now, waitSec });
  if (queue === undefined) return "stolen";
  const header = (queue.pieces[0] as Piece).header;
  const length = header.length + queue.length;
  if (length > MAX_LENGTH) return "stolen";
  const whole = join(header, queue);
  const largest = Math.max(...queue.pieces.map(({ size }) => size));
  const largestWithDf = Math.max(
    0,
    ...queue.pieces.filter((each) => each.dontFragment).map(({ size }) => size),
  );
  const keepsDf = largestWithDf === largest;
  put16(whole, 2, length);
  put16(whole, 6, keepsDf ? 0x4000 : 0);
  whole[1] = ((whole[1] as number) & ~ECN_MASK) | mergedEcn(queue.pieces);
  writeIpv4Checksum(whole);
  skb.bytes = whole;
  skb.largestFragment = largest;
  skb.fragmentsHadDf = keepsDf;
  skb.fragmentSizes = queue.pieces.map(({ size }) => size);
  skb.locate();
  return "accept";
}

/** Congestion experienced on one fragment is experienced by the packet; RFC 3168 section 5.3. */
function mergedEcn(pieces: readonly Piece[]): number {
  const seen = new Set(pieces.map(({ ecn }) => ecn));
  if (seen.has(3)) return 3;
  return seen.size === 1 ? (pieces[0] as Piece).ecn : seen.has(0) ? 0 : 2;
}

function join(header: Uint8Array, queue: Queue): Uint8Array {
  const whole = new Uint8Array(header.length + queue.length);
  whole.set(header);
  for (const { offset, payload } of queue.pieces) whole.set(payload, header.length + offset);
  return whole;
}

/** What conntrack cannot put together goes on as it is, and is INVALID. Kernel: nf_ct_frag6_gather(). */
function defragmentIpv6(host: Host, skb: Packet): "accept" | "stolen" {
  const { bytes } = skb;
  const found = findIpv6Header(bytes, FRAGMENT);
  if (found === undefined || found === "later-fragment") return "accept";
  const outcome = reassembleIpv6(
    host,
    skb,
    found.offset,
    nextHeaderAt(bytes, found.offset),
    `netfilter ${skb.hook}`,
  );
  return outcome === "waiting" || outcome === "refused" ? "stolen" : "accept";
}

/**
 * Files the fragment whose fragment header is at `at`; the number of that header stands at `field`. `user` keeps the queues of
 * different places apart. Only conntrack puts a fragment together that is whole by itself.
 * @returns "whole" if the packet is whole now; what is wrong with the fragment if nothing was done with it.
 */
export function reassembleIpv6(
  host: Host,
  skb: Packet,
  at: number,
  field: number,
  user: string,
): "whole" | "waiting" | "refused" | "atomic" | "incomplete" | "unaligned" | "too-long" {
  const { bytes } = skb;
  const local = user === "local";
  const field16 = get16(bytes, at + 2);
  const more = (field16 & 1) !== 0;
  const offset = field16 & 0xfff8;
  const payloadLength = bytes.length - at - 8;
  if (local && offset === 0 && !more) return "atomic";
  if (offset === 0 && lacksTransport(bytes, at)) return "incomplete";
  if (offset + payloadLength > MAX_LENGTH) return "too-long";
  if (more && payloadLength % 8 !== 0) return "unaligned";
  const header = bytes.slice(0, at);
  header[field] = bytes[at] as number;
  const piece: Piece = {
    offset,
    payload: bytes.subarray(at + 8),
    header,
    size: bytes.length,
    dontFragment: false,
    ecn: ((bytes[1] as number) >>> 4) & ECN_MASK,
  };
  const key = `6 ${user} ${toHex(bytes.subarray(8, 40))} ${toHex(bytes.subarray(at + 4, at + 8))}`;
  const setting = local ? "net.ipv6.ip6frag_time" : "net.netfilter.nf_conntrack_frag6_timeout";
  const waitSec = host.sysctls.number(setting, IPV6_WAIT_SEC);
  const queue = host.fragments.add(key, piece, { last: !more, now: host.now, waitSec });
  if (queue === undefined) return "waiting";
  const first = (queue.pieces[0] as Piece).header;
  if (first.length - 40 + queue.length > MAX_LENGTH) return "refused";
  const whole = join(first, queue);
  put16(whole, 4, whole.length - 40);
  const ecn = mergedEcn(queue.pieces);
  whole[1] = ((whole[1] as number) & ~(ECN_MASK << 4)) | (ecn << 4);
  skb.bytes = whole;
  skb.largestFragment = Math.max(...queue.pieces.map(({ size }) => size));
  skb.fragmentSizes = queue.pieces.map(({ size }) => size);
  skb.locate();
  return "whole";
}

/** Whether a first fragment ends before its transport header does. Kernel: ipv6frag_thdr_truncated(); RFC 7112. */
function lacksTransport(bytes: Uint8Array, at: number): boolean {
  const found = findIpv6Header(bytes);
  if (found === undefined || found === "later-fragment" || found.offset < at) return false;
  const { protocol, offset } = found;
  const size =
    protocol === PROTOCOL.tcp ? 20 : protocol === PROTOCOL.udp || protocol === PROTOCOL.icmpv6 ? 8 : 1;
  return offset + size > bytes.length;
}

/** Where the number of the header at `target` is written: in the IPv6 header or the extension header before it. */
function nextHeaderAt(bytes: Uint8Array, target: number): number {
  let field = 6;
  let type = bytes[6] as number;
  for (let at = 40; at < target; ) {
    field = at;
    const units = bytes[at + 1] as number;
    const size = type === 51 ? (units + 2) * 4 : (units + 1) * 8;
    type = bytes[at] as number;
    at += size;
  }
  return field;
}

/** An IPv4 packet cut for a link of `mtu` bytes, or as its own fragments were if they fit. */
export function fragmentIpv4(skb: Packet, mtu: number): Uint8Array[] {
  const { bytes, fragmentSizes, largestFragment } = skb;
  const limit = largestFragment > 0 ? Math.min(mtu, largestFragment) : mtu;
  const headerLength = ((bytes[0] as number) & 15) * 4;
  const sizes = chunkSizes("ipv4", bytes.length - headerLength, headerLength, limit, fragmentSizes);
  const asTheyCame =
    fragmentSizes !== undefined && sizes.every((size, at) => size + headerLength === fragmentSizes[at]);
  const original = get16(bytes, 6);
  const pieces: Uint8Array[] = [];
  let offset = 0;
  sizes.forEach((size, index) => {
    const piece = new Uint8Array(headerLength + size);
    piece.set(bytes.subarray(0, headerLength));
    piece.set(bytes.subarray(headerLength + offset, headerLength + offset + size), headerLength);
    const more = index < sizes.length - 1 || (original & 0x2000) !== 0;
    // Fragments that go on as they came lose DF; only newly cut ones get it back.
    const flags = (more ? 0x2000 : 0) | (skb.fragmentsHadDf && !asTheyCame ? 0x4000 : 0);
    put16(piece, 2, piece.length);
    put16(piece, 6, flags | ((original & 0x1fff) + offset / 8));
    if (index > 0) dropFirstOnlyOptions(piece, headerLength);
    writeIpv4Checksum(piece);
    pieces.push(piece);
    offset += size;
  });
  return pieces;
}

/** Options without the copied flag stand in the first fragment only; the others get NOPs. RFC 791 section 3.1. */
function dropFirstOnlyOptions(piece: Uint8Array, headerLength: number): void {
  for (let at = 20; at < headerLength; ) {
    const type = piece[at] as number;
    if (type === 0) return;
    const length = type === 1 ? 1 : (piece[at + 1] as number);
    if (length < 1 || at + length > headerLength) return;
    if (type !== 1 && (type & 0x80) === 0) piece.fill(1, at, at + length);
    at += length;
  }
}

/** Payload sizes of the pieces: those of the original fragments if they add up and fit, else as large as may be. */
function chunkSizes(
  family: Family,
  payload: number,
  headerLength: number,
  mtu: number,
  original: readonly number[] | undefined,
): number[] {
  const overhead = family === "ipv4" ? headerLength : headerLength + 8;
  if (original !== undefined) {
    const sizes = original.map((size) => size - overhead);
    const sum = sizes.reduce((total, size) => total + size, 0);
    if (sum === payload && original.every((size) => size <= mtu)) return sizes;
  }
  const room = (mtu - overhead) & ~7;
  const sizes: number[] = [];
  for (let left = payload; left > 0; ) {
    const size = left > mtu - overhead ? room : left;
    if (size <= 0) return [payload];
    sizes.push(size);
    left -= size;
  }
  return sizes;
}

/** An IPv6 packet that was put together from fragments, cut again. `id` is the fragment header's. */
export function fragmentIpv6(skb: Packet, mtu: number, id: number): Uint8Array[] {
  const { bytes, fragmentSizes, largestFragment } = skb;
  const limit = largestFragment > 0 ? Math.min(mtu, largestFragment) : mtu;
  const { headerLength, field } = unfragmentable(bytes);
  const sizes = chunkSizes("ipv6", bytes.length - headerLength, headerLength, limit, fragmentSizes);
  const pieces: Uint8Array[] = [];
  let offset = 0;
  sizes.forEach((size, index) => {
    const piece = new Uint8Array(headerLength + 8 + size);
    piece.set(bytes.subarray(0, headerLength));
    put16(piece, 4, headerLength - 40 + 8 + size);
    piece[headerLength] = bytes[field] as number;
    piece[field] = FRAGMENT;
    put16(piece, headerLength + 2, offset | (index < sizes.length - 1 ? 1 : 0));
    piece[headerLength + 4] = id >>> 24;
    piece[headerLength + 5] = id >>> 16;
    piece[headerLength + 6] = id >>> 8;
    piece[headerLength + 7] = id;
    piece.set(bytes.subarray(headerLength + offset, headerLength + offset + size), headerLength + 8);
    pieces.push(piece);
    offset += size;
  });
  return pieces;
}

/**
 * The headers that stand in every fragment, and where the number of what follows them is written.
 * Kernel: ip6_find_1stfragopt().
 */
function unfragmentable(bytes: Uint8Array): { readonly headerLength: number; readonly field: number } {
  let headerLength = 40;
  let field = 6;
  let routed = false;
  for (;;) {
    const type = bytes[field];
    if (type === 43) routed = true;
    const passes = type === 0 || type === 43 || (type === 60 && !routed);
    if (!passes || headerLength + 8 > bytes.length) return { headerLength, field };
    field = headerLength;
    headerLength += ((bytes[field + 1] as number) + 1) * 8;
  }
}
