/**
 * A packet and what the kernel keeps beside it while it passes the hooks: `struct sk_buff` and `struct
 * nf_hook_state` as far as matches and targets can see them. One object for the whole journey, changed in place.
 */
import { type Family, findIpv6Header, get16 } from "../net/index.ts";
import type { Hook } from "./contract.ts";

/** `enum ip_conntrack_info`: which direction of what kind of connection a packet belongs to. */
export const CT_INFO = {
  ESTABLISHED: 0,
  RELATED: 1,
  NEW: 2,
  ESTABLISHED_REPLY: 3,
  RELATED_REPLY: 4,
  UNTRACKED: 7,
} as const;
export type CtInfo = (typeof CT_INFO)[keyof typeof CT_INFO];

/** Whether a packet goes from the connection's responder to its initiator. Kernel: CTINFO2DIR(). */
export const isReply = (info: CtInfo): boolean =>
  info === CT_INFO.ESTABLISHED_REPLY || info === CT_INFO.RELATED_REPLY;

/** Bits of a connection's status; `enum ip_conntrack_status`. */
export const CT_STATUS = {
  EXPECTED: 1,
  SEEN_REPLY: 2,
  ASSURED: 4,
  CONFIRMED: 8,
  SRC_NAT: 16,
  DST_NAT: 32,
  SEQ_ADJUST: 64,
  SRC_NAT_DONE: 128,
  DST_NAT_DONE: 256,
  DYING: 512,
  FIXED_TIMEOUT: 1024,
  TEMPLATE: 2048,
  UNTRACKED: 4096,
  HELPER: 8192,
} as const;

/** Endpoints and protocol of one direction. Addresses in words; ports, ICMP type and code or id as the kernel files them. */
export interface TupleView {
  readonly family: Family;
  readonly protocol: number;
  readonly s0: number;
  readonly s1: number;
  readonly s2: number;
  readonly s3: number;
  readonly d0: number;
  readonly d1: number;
  readonly d2: number;
  readonly d3: number;
  readonly sport: number;
  readonly dport: number;
}

/** What matches and targets see of a connection. */
export interface ConnectionView {
  readonly original: TupleView;
  readonly reply: TupleView;
  readonly status: number;
  readonly zone: number;
  mark: number;
  secmark: number;
  readonly master: ConnectionView | undefined;
  /** Name of the helper that watches it. */
  readonly helper: string | undefined;
  /** Labels that are set, a bit each; undefined if none ever was. */
  labels: bigint | undefined;
  /** Packets and bytes: original, reply. Counted only while accounting is on. */
  readonly packets: readonly [number, number];
  readonly bytes: readonly [number, number];
  /** Seconds until it expires. */
  remainingSec(): number;
}

export type PacketType = "host" | "broadcast" | "multicast" | "otherhost" | "loopback" | "outgoing";

/** Who sent a packet of this host. Numbers as the kernel's `kuid_t` prints in the initial user namespace. */
export interface SocketOwner {
  /** undefined: nobody said who sends. */
  readonly uid: number | undefined;
  readonly gid: number | undefined;
}

const NO_MAC = new Uint8Array(0);

export class Skb {
  readonly family: Family;
  /** From the first byte of the IP header to the last of the packet. */
  bytes: Uint8Array;
  /** Offset of the transport header; -1 if an IPv6 header chain is broken. */
  transport = 0;
  /** Protocol at `transport`; -1 if unknown. */
  protocol = 0;
  /** In units of 8 bytes; 0 for whole packets and first fragments. */
  fragmentOffset = 0;
  hook: Hook = "PREROUTING";
  inDevice = "";
  outDevice = "";
  mark = 0;
  priority = 0;
  secmark = 0;
  /** Routing realm of the route taken: source in the upper, destination in the lower 16 bits. */
  realms = 0;
  ct: ConnectionView | undefined;
  ctInfo: CtInfo = CT_INFO.ESTABLISHED;
  packetType: PacketType = "host";
  /** Ethernet source address; empty where there was no link header, undefined where nobody said it. */
  sourceMac: Uint8Array | undefined = NO_MAC;
  /** Empty where there was no link header. */
  destinationMac: Uint8Array = NO_MAC;
  /** "kernel": a socket of the kernel's own, by which it sends ICMP and resets. */
  owner: SocketOwner | "kernel" | undefined;
  /** Set by TRACE; only the trace of a journey looks at it. */
  traced = false;

  constructor(family: Family, bytes: Uint8Array) {
    this.family = family;
    this.bytes = bytes;
    this.locate();
  }

  /** The packet is one piece from here on, whatever fragments it came in. Kernel: skb_linearize(). */
  linearize(): void {}

  /** The first `length` bytes of the transport part are in one piece from here on. Kernel: pskb_may_pull(). */
  pull(_length: number): void {}

  /** Finds the transport header; to be called again when headers have moved. */
  locate(): void {
    const { bytes } = this;
    if (this.family === "ipv4") {
      this.transport = ((bytes[0] as number) & 15) * 4;
      this.protocol = bytes[9] as number;
      this.fragmentOffset = get16(bytes, 6) & 0x1fff;
      return;
    }
    const found = findIpv6Header(bytes);
    if (found === undefined || found === "later-fragment") {
      this.transport = -1;
      this.protocol = -1;
      this.fragmentOffset = found === undefined ? 0 : 1;
    } else {
      this.transport = found.offset;
      this.protocol = found.protocol;
      this.fragmentOffset = found.fragmentOffset;
    }
  }

  /** Bytes from the transport header on. */
  get transportLength(): number {
    return this.bytes.length - this.transport;
  }

  /** Whether `count` bytes of the transport header are there. */
  hasTransport(count: number): boolean {
    return this.transport >= 0 && this.bytes.length - this.transport >= count;
  }
}
