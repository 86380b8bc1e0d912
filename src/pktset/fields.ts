/**
 * The header fields that packet sets speak of, and what the kernel keeps beside a packet. A field is a number of so many
 * bits; small enumerations have their names here.
 */
import type { Family } from "../net/index.ts";

export type FieldName =
  | "src"
  | "dst"
  | "protocol"
  | "sport"
  | "dport"
  | "icmp"
  | "tcpflags"
  | "fragment"
  | "in"
  | "out"
  | "pkttype"
  | "mac"
  | "ctstate"
  | "ctdir"
  | "ctstatus"
  | "mark"
  | "connmark"
  | "length"
  | "ttl"
  | "tos";

/** Bigint only for IPv6 addresses. */
export type FieldValue = number | bigint;

/** As `--ctstate` names them, in the numbers that diagrams use. */
export const CT_STATES = ["INVALID", "NEW", "ESTABLISHED", "RELATED", "UNTRACKED"] as const;
export type CtStateName = (typeof CT_STATES)[number];
export const CT_DIRECTIONS = ["ORIGINAL", "REPLY"] as const;
/** Bits 1, 2, 4 … of `ctstatus`, as the kernel's enum ip_conntrack_status. */
export const CT_STATUS_BITS = ["EXPECTED", "SEEN_REPLY", "ASSURED", "CONFIRMED", "SNAT", "DNAT"] as const;
/** `fragment`: a whole packet or a first fragment, or a later one, which has no ports. */
export const FRAGMENTS = ["first", "later"] as const;
/** As `-m pkttype` names them, and the loopback device's. Kernel: include/uapi/linux/if_packet.h, PACKET_HOST and on. */
export const PACKET_TYPES = ["host", "broadcast", "multicast", "otherhost", "outgoing", "loopback"] as const;

interface FieldFacts {
  /** Width in bits; that of some depends on the family. */
  readonly bits: number | Readonly<Record<Family, number>>;
  /** Highest value where it is not all ones. */
  readonly max?: number | Readonly<Record<Family, number>>;
  /** Names of the values from 0 on. */
  readonly values?: readonly string[];
}

export const FIELDS: Readonly<Record<FieldName, FieldFacts>> = {
  src: { bits: { ipv4: 32, ipv6: 128 } },
  dst: { bits: { ipv4: 32, ipv6: 128 } },
  protocol: { bits: 8 },
  sport: { bits: 16 },
  dport: { bits: 16 },
  /** Type in the upper, code in the lower eight bits; both families. */
  icmp: { bits: 16 },
  tcpflags: { bits: 8 },
  fragment: { bits: 1, values: FRAGMENTS },
  /** Interfaces are numbered by each packet space: `InterfaceNames`. */
  in: { bits: 16 },
  out: { bits: 16 },
  pkttype: { bits: 3, max: PACKET_TYPES.length - 1, values: PACKET_TYPES },
  mac: { bits: 48 },
  ctstate: { bits: 3, max: CT_STATES.length - 1, values: CT_STATES },
  ctdir: { bits: 1, values: CT_DIRECTIONS },
  ctstatus: { bits: 6 },
  mark: { bits: 32 },
  connmark: { bits: 32 },
  /** Of the packet with its IP header, in bytes; IPv6 counts 16 bits without its 40 bytes of header. */
  length: { bits: { ipv4: 16, ipv6: 17 }, max: { ipv4: 0xffff, ipv6: 0xffff + 40 } },
  /** TTL, or IPv6's hop limit. */
  ttl: { bits: 8 },
  /** The whole octet, ECN included; IPv6's traffic class. */
  tos: { bits: 8 },
};

export const FIELD_NAMES = Object.keys(FIELDS) as readonly FieldName[];

/** TCP flags by bit, lowest first. */
export const TCP_FLAGS = ["FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"] as const;

export function fieldBits(field: FieldName, family: Family): number {
  const { bits } = FIELDS[field];
  return typeof bits === "number" ? bits : bits[family];
}

/** Highest value of a field; a bigint for IPv6 addresses. */
export function fieldMax(field: FieldName, family: Family): FieldValue {
  const { max } = FIELDS[field];
  if (max !== undefined) return typeof max === "number" ? max : max[family];
  const bits = fieldBits(field, family);
  return bits > 53 ? (1n << BigInt(bits)) - 1n : 2 ** bits - 1;
}
