/** Tuples: how a packet is filed in the conntrack table. Kernel: net/netfilter/nf_conntrack_core.c, nf_ct_get_tuple(). */
import { type AddressWords, type Family, findIpv6Header, get16, PROTOCOL, word } from "../../net/index.ts";
import type { TupleView } from "../../xt/index.ts";
import type { Connection } from "./connection.ts";

/** Protocols whose tuples carry ports. DCCP, which Linux has given up, is filed by its addresses. */
const PORTED: ReadonlySet<number> = new Set([PROTOCOL.tcp, PROTOCOL.udp, PROTOCOL.udplite, PROTOCOL.sctp]);

export const hasPorts = (protocol: number): boolean => PORTED.has(protocol);

const NO_NEXT_HEADER = 59;
const PPP_OVER_GRE = 0x880b;

/** What answers which ICMP type; a type without an answer starts no connection. */
const ICMP_ANSWER: Readonly<Record<number, number>> = {
  8: 0,
  0: 8,
  13: 14,
  14: 13,
  15: 16,
  16: 15,
  17: 18,
  18: 17,
};
const ICMPV6_ANSWER: Readonly<Record<number, number>> = { 128: 129, 129: 128, 139: 140, 140: 139 };

/**
 * For ICMP the id stands in `sport`, type × 256 + code in `dport`, in both directions. A tuple is also the node of the
 * hash chain that it is filed in.
 */
export class Tuple implements TupleView {
  readonly family: Family;
  readonly protocol: number;
  s0 = 0;
  s1 = 0;
  s2 = 0;
  s3 = 0;
  d0 = 0;
  d1 = 0;
  d2 = 0;
  d3 = 0;
  sport = 0;
  dport = 0;
  connection: Connection | undefined = undefined;
  isReply = false;
  next: Tuple | undefined = undefined;

  constructor(family: Family, protocol: number) {
    this.family = family;
    this.protocol = protocol;
  }

  get source(): AddressWords {
    return { w0: this.s0, w1: this.s1, w2: this.s2, w3: this.s3 };
  }

  get destination(): AddressWords {
    return { w0: this.d0, w1: this.d1, w2: this.d2, w3: this.d3 };
  }

  setSource({ w0, w1, w2, w3 }: AddressWords): void {
    this.s0 = w0;
    this.s1 = w1;
    this.s2 = w2;
    this.s3 = w3;
  }

  setDestination({ w0, w1, w2, w3 }: AddressWords): void {
    this.d0 = w0;
    this.d1 = w1;
    this.d2 = w2;
    this.d3 = w3;
  }

  copy(): Tuple {
    const to = new Tuple(this.family, this.protocol);
    to.s0 = this.s0;
    to.s1 = this.s1;
    to.s2 = this.s2;
    to.s3 = this.s3;
    to.d0 = this.d0;
    to.d1 = this.d1;
    to.d2 = this.d2;
    to.d3 = this.d3;
    to.sport = this.sport;
    to.dport = this.dport;
    return to;
  }

  /** The tuple of packets in the other direction; undefined for an ICMP type that nothing answers. */
  inverse(): Tuple | undefined {
    const to = new Tuple(this.family, this.protocol);
    to.s0 = this.d0;
    to.s1 = this.d1;
    to.s2 = this.d2;
    to.s3 = this.d3;
    to.d0 = this.s0;
    to.d1 = this.s1;
    to.d2 = this.s2;
    to.d3 = this.s3;
    const answers =
      this.protocol === PROTOCOL.icmp
        ? ICMP_ANSWER
        : this.protocol === PROTOCOL.icmpv6
          ? ICMPV6_ANSWER
          : undefined;
    if (answers === undefined) {
      to.sport = this.dport;
      to.dport = this.sport;
      return to;
    }
    const answer = answers[this.dport >>> 8];
    if (answer === undefined) return undefined;
    to.sport = this.sport;
    to.dport = (answer << 8) | (this.dport & 0xff);
    return to;
  }

  equals(other: Tuple): boolean {
    return (
      this.s3 === other.s3 &&
      this.d3 === other.d3 &&
      this.sport === other.sport &&
      this.dport === other.dport &&
      this.protocol === other.protocol &&
      this.family === other.family &&
      this.s0 === other.s0 &&
      this.s1 === other.s1 &&
      this.s2 === other.s2 &&
      this.d0 === other.d0 &&
      this.d1 === other.d1 &&
      this.d2 === other.d2
    );
  }

  sameSource(other: Tuple): boolean {
    return (
      this.s3 === other.s3 &&
      this.sport === other.sport &&
      this.protocol === other.protocol &&
      this.s0 === other.s0 &&
      this.s1 === other.s1 &&
      this.s2 === other.s2
    );
  }

  hash(): number {
    let h = Math.imul(this.s3 ^ Math.imul(this.s0 ^ this.s1 ^ this.s2, 0x9e3779b1), 0x85ebca6b);
    h = Math.imul(
      (h ^ (h >>> 15)) + this.d3 + Math.imul(this.d0 ^ this.d1 ^ this.d2, 0x27d4eb2f),
      0xc2b2ae35,
    );
    h = Math.imul((h ^ (h >>> 13)) + ((this.sport << 16) | this.dport) + this.protocol, 0x9e3779b1);
    return h ^ (h >>> 16);
  }

  sourceHash(): number {
    let h = Math.imul(this.s3 ^ Math.imul(this.s0 ^ this.s1 ^ this.s2, 0x9e3779b1), 0x85ebca6b);
    h = Math.imul((h ^ (h >>> 15)) + (this.sport << 8) + this.protocol, 0xc2b2ae35);
    return h ^ (h >>> 16);
  }
}

/** Where the transport header of an IP packet starts, and its protocol; undefined for what conntrack cannot see. */
export function transportOf(
  family: Family,
  bytes: Uint8Array,
  start: number,
): { readonly protocol: number; readonly offset: number } | undefined {
  if (family === "ipv4") {
    if (bytes.length < start + 20 || (get16(bytes, start + 6) & 0x1fff) !== 0) return undefined;
    const offset = start + ((bytes[start] as number) & 15) * 4;
    return offset > bytes.length ? undefined : { protocol: bytes[start + 9] as number, offset };
  }
  const found = findIpv6Header(start === 0 ? bytes : bytes.subarray(start));
  if (found === undefined || found === "later-fragment" || found.fragmentOffset !== 0) return undefined;
  if (found.protocol === NO_NEXT_HEADER) return undefined;
  return { protocol: found.protocol, offset: start + found.offset };
}

/**
 * The tuple of the IP packet at `start`, whose transport header of `protocol` is at `offset`.
 * @returns undefined if the header is too short to be filed.
 */
export function readTuple(
  family: Family,
  bytes: Uint8Array,
  start: number,
  offset: number,
  protocol: number,
): Tuple | undefined {
  const tuple = new Tuple(family, protocol);
  if (family === "ipv4") {
    tuple.s3 = word(bytes, start + 12);
    tuple.d3 = word(bytes, start + 16);
  } else {
    tuple.s0 = word(bytes, start + 8);
    tuple.s1 = word(bytes, start + 12);
    tuple.s2 = word(bytes, start + 16);
    tuple.s3 = word(bytes, start + 20);
    tuple.d0 = word(bytes, start + 24);
    tuple.d1 = word(bytes, start + 28);
    tuple.d2 = word(bytes, start + 32);
    tuple.d3 = word(bytes, start + 36);
  }
  const length = bytes.length - offset;
  if (hasPorts(protocol)) {
    if (length < 4) return undefined;
    tuple.sport = get16(bytes, offset);
    tuple.dport = get16(bytes, offset + 2);
  } else if (protocol === PROTOCOL.gre) {
    // Version 1 is PPTP's: it carries PPP under a call id, or it is nothing known.
    if (length >= 8 && ((bytes[offset + 1] as number) & 7) === 1) {
      if (get16(bytes, offset + 2) !== PPP_OVER_GRE) return undefined;
      tuple.dport = get16(bytes, offset + 6);
    }
  } else if (protocol === (family === "ipv4" ? PROTOCOL.icmp : PROTOCOL.icmpv6)) {
    if (length < 8) return undefined;
    tuple.sport = get16(bytes, offset + 4);
    tuple.dport = get16(bytes, offset);
  }
  return tuple;
}
