/** A packet inside the machine: what extensions see, and what only the stack needs. */
import { type AddressWords, type Family, get32 } from "../net/index.ts";
import { type ConntrackTemplate, CT_INFO, Skb } from "../xt/index.ts";
import type { FibRoute } from "./routing/fib.ts";

/** Where routing sends a packet; the kernel's `struct dst_entry`. */
export interface Destination {
  readonly kind: "forward" | "local" | "broadcast" | "multicast";
  /** The device that it leaves by; `lo` for this host. */
  readonly device: string;
  /** The next hop if it is not the destination itself. */
  readonly gateway: AddressWords | undefined;
  readonly mtu: number;
  readonly route: FibRoute | undefined;
}

export class Packet extends Skb {
  destination: Destination | undefined;
  template: ConntrackTemplate | undefined;
  /** Largest fragment that it was put together from; 0 for a packet that came whole. */
  largestFragment = 0;
  /** The fragments' sizes in order, header included, for sending them on as they came. */
  fragmentSizes: readonly number[] | undefined;
  /** Put together from fragments of which the largest had DF. */
  fragmentsHadDf = false;
  /** Sent by this host, not received. */
  readonly local: boolean;
  /** The sender should be told of a better router. */
  redirect = false;
  /** TEE made it; its own TEE rules do not hold. */
  duplicate = false;

  /**
   * The transport checksum covers the pseudo-header only and is completed when the packet leaves; on the loopback device
   * never. Kernel: CHECKSUM_PARTIAL.
   */
  partialChecksum = false;

  /**
   * First word and hop limit of an IPv6 header at the time that conntrack summed up its UDP datagram; -1 if it did not.
   * Kernel: skb->csum with csum_complete_sw.
   */
  headerWhenSummed = -1;

  constructor(family: Family, bytes: Uint8Array, local: boolean) {
    super(family, bytes);
    this.local = local;
  }

  override linearize(): void {
    this.fragmentSizes = undefined;
  }

  /** Makes the object another packet of the same family, received or sent as this one was. */
  become(bytes: Uint8Array): void {
    this.bytes = bytes;
    this.mark = 0;
    this.priority = 0;
    this.secmark = 0;
    this.realms = 0;
    this.ct = undefined;
    this.ctInfo = CT_INFO.ESTABLISHED;
    this.packetType = this.local ? "outgoing" : "host";
    this.owner = undefined;
    this.traced = false;
    this.destination = undefined;
    this.template = undefined;
    this.largestFragment = 0;
    this.fragmentSizes = undefined;
    this.fragmentsHadDf = false;
    this.redirect = false;
    this.duplicate = false;
    this.partialChecksum = false;
    this.headerWhenSummed = -1;
    this.locate();
  }
}

/** What mangle targets change of an IPv6 header without telling the checksum: version, class, flow label, hop limit. */
export const mutableHeader = (bytes: Uint8Array): number => get32(bytes, 0) * 256 + (bytes[7] as number);
