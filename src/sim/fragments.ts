/**
 * Fragments: putting packets together where conntrack or local delivery needs them whole, and cutting them up for a
 * link. Kernel: net/ipv4/ip_fragment.c, ip_defrag(); net/ipv4/ip_output.c, ip_do_fragment();
 * net/ipv6/netfilter/nf_conntrack_reasm.c, nf_ct_frag6_gather().
 */
import { type Family, findIpv6Header, get16, put16, toHex } from "../net/index.ts";
import { writeIpv4Checksum } from "./checksums.ts";
import type { Host } from "./host.ts";
import type { Packet } from "./packet.ts";

/** Seconds that fragments wait for the rest, unless a setting says otherwise. Kernel: IP_FRAG_TIME, IPV6_FRAG_TIMEOUT. */
const IPV4_WAIT_SEC = 30;
const IPV6_WAIT_SEC = 60;
const FRAGMENT = 44;
const NO_NEXT = 59;
/** Of one source, unless a setting says otherwise. Kernel: ipv4_frags_init_net(). */
const MAX_DISTANCE = 64;
const MAX_LENGTH = 65_535;
const IPV6_MIN_MTU = 1280;

interface Piece {
  readonly offset: number;
  readonly payload: Uint8Array;
  /** The headers before the payload, the IPv6 fragment header left out. */
  readonly header: Uint8Array;
  readonly size: number;
  readonly dontFragment: boolean;
  readonly ecn: number;
}

/** Fragments that came one behind the other; a fragment within a run is a duplicate. Kernel: fragrun_append_to_last(). */
interface Run {
  readonly start: number;
  end: number;
  readonly pieces: Piece[];
}

interface Queue {
  /** In the order of their offsets, with gaps or seams between them. */
  readonly runs: Run[];
  length: number;
  held: number;
  complete: boolean;
  expiresAt: number;
  /** The count of its source's fragments when its newest came. */
  count: number;
}

/** A packet of which all fragments are there, in the order of their offsets. */
interface Complete {
  readonly pieces: readonly Piece[];
  readonly length: number;
}

interface Filing {
  readonly last: boolean;
  readonly now: number;
  readonly waitSec: number;
  readonly lenient: boolean;
  /** Who sends the fragments, and how many others of his may come between two of a packet; undefined for any number. */
  readonly distance?: { readonly source: string; readonly max: number } | undefined;
}

/** Fragments that wait, by what they have in common. */
export class FragmentQueues {
  readonly #queues = new Map<string, Queue>();
  /** Fragments that each source has sent. */
  readonly #counts = new Map<string, number>();

  /**
   * Files one fragment. One that contradicts what is known of the packet's end ends the queue, unless `lenient`.
   * @returns the whole packet when this was the last missing piece.
   * Kernel: ip_frag_queue(), ip6_frag_queue(), nf_ct_frag6_queue().
   */
  add(key: string, piece: Piece, { last, now, waitSec, lenient, distance }: Filing): Complete | undefined {
    let queue = this.#queues.get(key);
    if (queue === undefined || queue.expiresAt <= now) {
      this.#forgetExpired(now);
      queue = newQueue(now + waitSec * 1000);
      this.#queues.set(key, queue);
    }
    if (distance !== undefined && this.#isTooFar(queue, distance))
      Object.assign(queue, newQueue(now + waitSec * 1000), { count: queue.count });
    const end = piece.offset + piece.payload.length;
    if (!this.#accepts(queue, piece, end, last)) {
      if (!lenient) this.#queues.delete(key);
      return undefined;
    }
    const place = insert(queue.runs, piece, end);
    if (place === "duplicate") return undefined;
    queue.held += piece.payload.length;
    if (place === "overlap") {
      this.#queues.delete(key);
      return undefined;
    }
    if (!queue.complete || queue.held !== queue.length) return undefined;
    this.#queues.delete(key);
    return { pieces: queue.runs.flatMap(({ pieces }) => pieces), length: queue.length };
  }

  /** Whether so many fragments of the source lie between that the identification may be another packet's. Kernel: ip_frag_too_far(). */
  #isTooFar(queue: Queue, { source, max }: { readonly source: string; readonly max: number }): boolean {
    const count = (this.#counts.get(source) ?? 0) + 1;
    this.#counts.set(source, count);
    const between = count - queue.count;
    queue.count = count;
    return queue.runs.length > 0 && between > max;
  }

  /** Queues stand in the order in which they were made: the first ones run out first, but for those of other settings. */
  #forgetExpired(now: number): void {
    for (const [key, { expiresAt }] of this.#queues) {
      if (expiresAt > now) return;
      this.#queues.delete(key);
    }
  }

  /** Gives up what has come of a packet. */
  forget(key: string): void {
    this.#queues.delete(key);
  }

  /** Whether the piece fits what is known of the packet's end. */
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

const newQueue = (expiresAt: number): Queue => ({
  runs: [],
  length: 0,
  held: 0,
  complete: false,
  expiresAt,
  count: 0,
});

/** Kernel: inet_frag_queue_insert(). */
function insert(runs: Run[], piece: Piece, end: number): "inserted" | "duplicate" | "overlap" {
  const { offset } = piece;
  const last = runs.at(-1);
  if (last === undefined || last.end < end) {
    if (last !== undefined && offset < last.end) return "overlap";
    if (last?.end === offset) {
      last.pieces.push(piece);
      last.end = end;
    } else runs.push({ start: offset, end, pieces: [piece] });
    return "inserted";
  }
  if (runs.some((run) => offset >= run.start && end <= run.end)) return "duplicate";
  if (runs.some((run) => offset < run.end && end > run.start)) return "overlap";
  const at = runs.findIndex((run) => run.start >= end);
  runs.splice(at, 0, { start: offset, end, pieces: [piece] });
  return "inserted";
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
    size: end,
    dontFragment: (field & 0x4000) !== 0,
    ecn: (bytes[1] as number) & ECN_MASK,
  };
  const key = `4 ${user} ${toHex(bytes.subarray(12, 20))} ${get16(bytes, 4)} ${bytes[9]}`;
  const waitSec = host.sysctls.number("net.ipv4.ipfrag_time", IPV4_WAIT_SEC);
  const max = host.sysctls.number("net.ipv4.ipfrag_max_dist", MAX_DISTANCE);
  const queue = host.fragments.add(key, piece, {
    last: !more,
    now: host.now,
    waitSec,
    lenient: false,
    distance: max === 0 ? undefined : { source: toHex(bytes.subarray(12, 16)), max },
  });
  if (queue === undefined) return "stolen";
  const congestion = mergedEcn(queue.pieces);
  if (congestion === undefined) return "stolen";
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
  whole[1] = (whole[1] as number) | congestion;
  writeIpv4Checksum(whole);
  skb.bytes = whole;
  skb.largestFragment = largest;
  skb.fragmentsHadDf = keepsDf;
  skb.fragmentSizes = queue.pieces.map(({ size }) => size);
  skb.locate();
  return "accept";
}

/**
 * What the fragments add to the ECN bits of the first: congestion experienced on one is experienced by the packet.
 * @returns undefined if some are of a transport that knows ECN and some are not; such a packet is dropped.
 * RFC 3168 section 5.3. Kernel: ip_frag_ecn_table.
 */
function mergedEcn(pieces: readonly Piece[]): number | undefined {
  const seen = new Set(pieces.map(({ ecn }) => ecn));
  if (seen.has(0) && seen.size > 1) return undefined;
  return seen.has(3) && seen.size > 1 ? 3 : 0;
}

function join(header: Uint8Array, queue: Complete): Uint8Array {
  const whole = new Uint8Array(header.length + queue.length);
  whole.set(header);
  for (const { offset, payload } of queue.pieces) whole.set(payload, header.length + offset);
  return whole;
}

/** What conntrack cannot read as a fragment goes on as it is, and is INVALID. Kernel: nf_ct_frag6_gather(), ipv6_defrag(). */
function defragmentIpv6(host: Host, skb: Packet): "accept" | "drop" | "stolen" {
  const { bytes } = skb;
  const found = findIpv6Header(bytes, FRAGMENT);
  if (found === undefined || found === "later-fragment") return "accept";
  const at = found.offset;
  switch (reassembleIpv6(host, skb, at, nextHeaderAt(bytes, at), `netfilter ${skb.hook}`)) {
    case "waiting":
      return "stolen";
    case "too-long":
      return "drop";
    case "whole":
      // Headers before the fragment header are forgotten, and local delivery reads the payload in their place.
      // Kernel: nf_ct_frag6_reasm(), skb_reset_transport_header().
      skb.firstHeader = at;
      return "accept";
    default:
      return "accept";
  }
}

/**
 * Files the fragment whose fragment header is at `at`; the number of that header stands at `field`. `user` keeps the queues of
 * different places apart. Only conntrack puts a fragment together that is whole by itself.
 * @returns "whole" if the packet is whole now, "waiting" if the fragment is taken or forgotten; what is wrong with it if
 * nothing was done with it. Kernel: ipv6_frag_rcv(), ip6_frag_queue(), nf_ct_frag6_queue().
 */
export function reassembleIpv6(
  host: Host,
  skb: Packet,
  at: number,
  field: number,
  user: string,
): "whole" | "waiting" | "atomic" | "incomplete" | "unaligned" | "too-long" {
  const { bytes } = skb;
  const local = user === LOCAL;
  const field16 = get16(bytes, at + 2);
  const more = (field16 & 1) !== 0;
  const offset = field16 & 0xfff8;
  const payloadLength = bytes.length - at - 8;
  if (local && offset === 0 && !more) return "atomic";
  if (offset === 0 && lacksTransport(bytes, at)) return "incomplete";
  if (offset + payloadLength > MAX_LENGTH) return "too-long";
  // Only addresses of a link need the device to tell apart who sent what. Kernel: fq_find().
  const link = local && !isOfOneLink(bytes) ? "" : skb.inDevice;
  const key = `6 ${user} ${link} ${toHex(bytes.subarray(8, 40))} ${toHex(bytes.subarray(at + 4, at + 8))}`;
  if (more && payloadLength % 8 !== 0) {
    if (!local) host.fragments.forget(key);
    return "unaligned";
  }
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
  const setting = local ? "net.ipv6.ip6frag_time" : "net.netfilter.nf_conntrack_frag6_timeout";
  const waitSec = host.sysctls.number(setting, IPV6_WAIT_SEC);
  const queue = host.fragments.add(key, piece, { last: !more, now: host.now, waitSec, lenient: !local });
  return queue !== undefined && joinIpv6(skb, queue) ? "whole" : "waiting";
}

/** The user of the queues for what this host itself receives. */
export const LOCAL = "local";

/** The packet becomes what the pieces make. */
function joinIpv6(skb: Packet, queue: Complete): boolean {
  const congestion = mergedEcn(queue.pieces);
  const first = (queue.pieces[0] as Piece).header;
  if (congestion === undefined || first.length - 40 + queue.length > MAX_LENGTH) return false;
  const whole = join(first, queue);
  put16(whole, 4, whole.length - 40);
  whole[1] = (whole[1] as number) | (congestion << 4);
  skb.bytes = whole;
  skb.largestFragment = Math.max(...queue.pieces.map(({ size }) => size));
  // Cut again, only the first has the headers that no fragment needs; and where each needs more than it came with, there is
  // no room to cut it as it came. Kernel: ip6_fragment(), skb_walk_frags(), skb_headroom().
  const repeated = unfragmentableLength(whole);
  skb.fragmentSizes = queue.pieces.every(({ header }) => header.length >= repeated)
    ? queue.pieces.map(({ payload }, at) => payload.length + 8 + (at === 0 ? first.length : repeated))
    : undefined;
  skb.locate();
  return true;
}

/** Whether the destination is a group or link-local. */
const isOfOneLink = (bytes: Uint8Array): boolean =>
  bytes[24] === 0xff || (bytes[24] === 0xfe && ((bytes[25] as number) & 0xc0) === 0x80);

/** Whether a first fragment ends before its transport header does. RFC 8200 section 4.5. Kernel: ipv6frag_thdr_truncated(). */
function lacksTransport(bytes: Uint8Array, at: number): boolean {
  const found = findIpv6Header(bytes);
  if (found === undefined || found === "later-fragment" || found.protocol === NO_NEXT) return false;
  return found.offset > at && found.offset + (LEAST_HEADER[found.protocol] ?? 1) > bytes.length;
}

/** Bytes that a first fragment must have of TCP, UDP, ICMPv6. */
const LEAST_HEADER: Readonly<Record<number, number>> = { 6: 20, 17: 8, 58: 8 };

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
    const aligned = sizes.every((size, at) => size % 8 === 0 || at === sizes.length - 1);
    if (sum === payload && aligned && original.every((size) => size <= mtu)) return sizes;
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
  const limit = largestFragment > 0 ? Math.min(mtu, Math.max(IPV6_MIN_MTU, largestFragment)) : mtu;
  const headerLength = unfragmentableLength(bytes);
  const field = nextHeaderAt(bytes, headerLength);
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
 * How far the headers reach that each fragment repeats: hop-by-hop and routing headers, and destination options that no
 * routing header precedes. Kernel: ip6_find_1stfragopt().
 */
function unfragmentableLength(bytes: Uint8Array): number {
  let type = bytes[6] as number;
  let at = 40;
  let routed = false;
  while (at + 2 <= bytes.length && (type === 0 || type === 43 || (type === 60 && !routed))) {
    if (type === 43) routed = true;
    type = bytes[at] as number;
    at += ((bytes[at + 1] as number) + 1) * 8;
  }
  return Math.min(at, bytes.length);
}
