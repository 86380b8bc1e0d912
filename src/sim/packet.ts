/** A packet inside the machine: what extensions see, and what only the stack needs. */
import { type AddressWords, type Family, get32 } from "../net/index.ts";
import { type ConntrackTemplate, CT_INFO, Skb } from "../xt/index.ts";
import type { Ipv4Options } from "./ip-options.ts";
import type { FibRoute, RouteError } from "./routing/fib.ts";

/** Where routing sends a packet; the kernel's `struct dst_entry`. */
export interface Destination {
  readonly kind: "forward" | "local" | "broadcast" | "multicast";
  /** The device that it leaves by; `lo` for this host. */
  readonly device: string;
  /** The next hop if it is not the destination itself. */
  readonly gateway: AddressWords | undefined;
  readonly mtu: number;
  readonly route: FibRoute | undefined;
  /** Realm of the route that leads there, and of the one that leads back in the upper 16 bits. */
  readonly realms: number;
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
  /** Where conntrack, putting an IPv6 packet together, believes the first header behind the IPv6 header; 0 for 40. */
  firstHeader = 0;
  /** It came with hop-by-hop options, which are taken; one that stands anywhere else is a header that nobody knows. */
  hopByHop = false;
  /** The sender should be told of a better router. */
  redirect = false;
  /** Where IPv4 options stand that this host has a part in; undefined for a header without options. */
  options: Ipv4Options | undefined;
  /** Why a packet of this host that rules had changed found no way. */
  routeError: RouteError | undefined = undefined;
  /** TEE made it; its own TEE rules do not hold. */
  duplicate = false;

  /**
   * The transport checksum covers the pseudo-header only and is completed when the packet leaves; on the loopback device
   * never. Kernel: CHECKSUM_PARTIAL.
   */
  partialChecksum = false;

  /** Conntrack found the checksum right, and nobody sums up again. Kernel: skb->csum_valid. */
  checksumVerified = false;

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
    this.firstHeader = 0;
    this.hopByHop = false;
    this.redirect = false;
    this.options = undefined;
    this.routeError = undefined;
    this.duplicate = false;
    this.partialChecksum = false;
    this.checksumVerified = false;
    this.headerWhenSummed = -1;
    this.locate();
  }

  /** A first fragment that was shorter has another size than it came with. */
  override pull(length: number): void {
    const first = this.fragmentSizes?.[0];
    if (first === undefined || first - this.transport >= length || !this.hasTransport(length)) return;
    if (length % 8 !== 0) this.linearize();
  }
}

/** What mangle targets change of an IPv6 header without telling the checksum: version, class, flow label, hop limit. */
export const mutableHeader = (bytes: Uint8Array): number => get32(bytes, 0) * 256 + (bytes[7] as number);
