/**
 * Connection tracking: gives each packet its connection, and files new ones when their first packet leaves.
 * Kernel: net/netfilter/nf_conntrack_core.c, nf_conntrack_in(), resolve_normal_ct(), __nf_conntrack_confirm().
 */
import { get16, PROTOCOL } from "../../net/index.ts";
import { type ConntrackTemplate, CT_INFO, CT_STATUS, isReply, type Skb } from "../../xt/index.ts";
import { trackedUdpLiteHolds, transportChecksumHolds } from "../checksums.ts";
import { mutableHeader, type Packet } from "../packet.ts";
import { Connection } from "./connection.ts";
import { Expectations } from "./expectations.ts";
import type { Segment, Verdict } from "./protocol.ts";
import { sctpIsClosing, trackSctp } from "./sctp.ts";
import type { ConntrackSettings } from "./settings.ts";
import { trackGeneric, trackGre, trackIcmp, trackUdp } from "./simple.ts";
import { ConnectionTable } from "./table.ts";
import { tcpIsClosing, trackTcp } from "./tcp.ts";
import { readTuple, type Tuple, transportOf } from "./tuple.ts";
import { zoneIn, zoneOf } from "./zone.ts";

const ICMP_MAX_TYPE = 18;
const ICMP_ERRORS: ReadonlySet<number> = new Set([3, 4, 5, 11, 12]);
/** Neighbour and router discovery, multicast listeners: never tracked. */
const ICMPV6_UNTRACKED: ReadonlySet<number> = new Set([130, 131, 132, 133, 134, 135, 136, 143]);
const ICMPV6_REDIRECT = 137;

export class Conntrack {
  readonly table: ConnectionTable;
  readonly expectations: Expectations;
  settings: ConntrackSettings;
  accounting: boolean;
  readonly #now: () => number;
  readonly #tickZero: number;

  /** `uptimeSec` is how long the host has been up at virtual time 0. */
  constructor(settings: ConntrackSettings, now: () => number, uptimeSec: number) {
    this.#tickZero = tickZero(uptimeSec);
    this.settings = settings;
    this.accounting = settings.accounting;
    this.#now = now;
    this.expectations = new Expectations(now);
    this.table = new ConnectionTable(now, (connection) => this.expectations.forget(connection));
  }

  /**
   * Gives `skb` its connection, or none if it is INVALID.
   * @returns "drop" if the table is full.
   */
  enter(skb: Skb, template: ConntrackTemplate | undefined): "accept" | "drop" {
    if (skb.ct !== undefined || skb.ctInfo === CT_INFO.UNTRACKED) return "accept";
    const { family, bytes } = skb;
    const found = transportOf(family, bytes, 0);
    if (found === undefined) return "accept";
    const { protocol, offset } = found;
    const icmp = protocol === (family === "ipv4" ? PROTOCOL.icmp : PROTOCOL.icmpv6);
    const id = template === undefined ? 0 : template.zoneFromMark ? skb.mark & 0xffff : template.zone;
    const zone = zoneOf(id, template?.zoneDirection ?? "both");
    // The checksum is compared in place. Kernel: sctp_error(), skb_ensure_writable().
    if (protocol === PROTOCOL.sctp && skb.hook === "PREROUTING" && this.settings.checksum) skb.pull(12);
    if (icmp) {
      const outcome = this.#enterIcmpError(skb, offset, zone);
      if (outcome === "done") return "accept";
    }
    for (;;) {
      const tuple = readTuple(family, bytes, 0, offset, protocol);
      if (tuple === undefined) return "accept";
      const node = this.table.find(tuple, zone);
      const connection = node?.connection ?? this.#create(tuple, zone, template);
      if (connection === undefined) return "accept";
      if (connection === "full") return "drop";
      const reply = node?.isReply ?? false;
      const verdict = this.#track(skb, connection, protocol, offset, reply);
      if (verdict === "reopen") {
        this.table.remove(connection);
        continue;
      }
      if (verdict === "invalid") return "accept";
      const { status } = connection;
      skb.ct = connection;
      skb.ctInfo = reply
        ? CT_INFO.ESTABLISHED_REPLY
        : (status & CT_STATUS.SEEN_REPLY) !== 0
          ? CT_INFO.ESTABLISHED
          : (status & CT_STATUS.EXPECTED) !== 0
            ? CT_INFO.RELATED
            : CT_INFO.NEW;
      if (reply) connection.status |= CT_STATUS.SEEN_REPLY;
      if (verdict === "kill") {
        if (this.accounting) connection.count(reply, bytes.length);
        this.table.remove(connection);
      }
      return "accept";
    }
  }

  /**
   * Files the connection of `skb` when its first packet has come through.
   * @returns "drop" if its tuples are taken.
   */
  confirm(skb: Skb): "accept" | "drop" {
    const connection = skb.ct as Connection | undefined;
    if (connection === undefined || skb.ctInfo === CT_INFO.UNTRACKED || isReply(skb.ctInfo)) return "accept";
    if (connection.confirmed) return "accept";
    if ((connection.status & CT_STATUS.DYING) !== 0) return "drop";
    const { original, reply, zone } = connection;
    const clash =
      this.table.findUnder(original, zone, zoneIn(zone, false)) ??
      this.table.findUnder(reply, zone, zoneIn(zone, true));
    if (clash !== undefined) {
      this.table.forgetSource(connection);
      const other = clash.connection as Connection;
      const mergeable =
        original.protocol === PROTOCOL.udp && other.original.equals(original) && other.reply.equals(reply);
      if (!mergeable) return "drop";
      skb.ct = other;
      return "accept";
    }
    connection.expiresAt = this.#now() + connection.timeoutSec * 1000;
    connection.status |= CT_STATUS.CONFIRMED;
    if (this.settings.timestamps) connection.confirmedAt = this.#now();
    this.table.insert(connection);
    return "accept";
  }

  #create(
    tuple: Tuple,
    zone: number,
    template: ConntrackTemplate | undefined,
  ): Connection | "full" | undefined {
    const reply = tuple.inverse();
    if (reply === undefined) return undefined;
    if (this.table.size >= this.settings.max && !this.#dropEarly()) return "full";
    const connection = new Connection(tuple, reply, zone, this.#now);
    const expected = this.expectations.take(tuple, zone);
    if (expected !== undefined) {
      connection.status |= CT_STATUS.EXPECTED;
      connection.master = expected.master;
      connection.mark = expected.master.mark;
      connection.secmark = expected.master.secmark;
      expected.onConnection?.(connection);
    } else if (template?.helper !== undefined) {
      connection.status |= CT_STATUS.HELPER;
      connection.helperState = { name: template.helper };
    }
    return connection;
  }

  /** Makes room in a full table by giving up an entry that is not ASSURED or is closing. */
  #dropEarly(): boolean {
    return this.table.evict(
      ({ status, tcp, sctp }) =>
        (status & CT_STATUS.ASSURED) === 0 ||
        (tcp !== undefined && tcpIsClosing(tcp)) ||
        (sctp !== undefined && sctpIsClosing(sctp)),
    );
  }

  #track(skb: Skb, connection: Connection, protocol: number, transport: number, reply: boolean): Verdict {
    const now = this.#now();
    const segment: Segment = {
      bytes: skb.bytes,
      transport,
      reply,
      settings: this.settings,
      now,
      checksumHolds: () => this.#checksumHolds(skb, protocol, transport),
      refresh: (timeoutSec) => {
        if ((connection.status & CT_STATUS.FIXED_TIMEOUT) === 0) {
          connection.timeoutSec = timeoutSec;
          connection.expiresAt = (connection.confirmed ? now : this.#tickZero) + timeoutSec * 1000;
        }
        if (this.accounting) connection.count(reply, skb.bytes.length);
      },
    };
    switch (protocol) {
      case PROTOCOL.tcp:
        return trackTcp(connection, segment);
      case PROTOCOL.udp:
        return trackUdp(connection, segment, false);
      case PROTOCOL.udplite:
        return trackUdp(connection, segment, true);
      case PROTOCOL.sctp:
        return trackSctp(connection, segment);
      case PROTOCOL.gre:
        return trackGre(connection, segment);
      case PROTOCOL.icmp:
      case PROTOCOL.icmpv6:
        // The other family's messages are nothing to either. Kernel: nf_conntrack_icmp_packet().
        if (protocol !== (skb.family === "ipv4" ? PROTOCOL.icmp : PROTOCOL.icmpv6)) return "invalid";
        return trackIcmp(connection, segment);
      default:
        return trackGeneric(segment);
    }
  }

  /** Only what comes in is checked: what this host sends has no checksum yet, as far as netfilter knows. */
  #checksumHolds(skb: Skb, protocol: number, transport: number): boolean {
    if (skb.hook !== "PREROUTING" || !this.settings.checksum || skb.packetType === "loopback") return true;
    const packet = skb as Packet;
    if (packet.partialChecksum) return true;
    if (skb.family === "ipv6" && protocol === PROTOCOL.udp && get16(skb.bytes, transport + 6) !== 0)
      packet.headerWhenSummed = mutableHeader(skb.bytes);
    if (protocol === PROTOCOL.udplite) return trackedUdpLiteHolds(skb.family, skb.bytes, transport);
    packet.checksumVerified = transportChecksumHolds(skb.family, skb.bytes, transport, protocol);
    return packet.checksumVerified;
  }

  /** @returns "done" if the packet is an error (filed, untracked or invalid), "go-on" for queries and answers. */
  #enterIcmpError(skb: Skb, offset: number, zone: number): "done" | "go-on" {
    const { family, bytes } = skb;
    const protocol = family === "ipv4" ? PROTOCOL.icmp : PROTOCOL.icmpv6;
    if (bytes.length - offset < 8 || !this.#checksumHolds(skb, protocol, offset)) return "done";
    const type = bytes[offset] as number;
    if (family === "ipv4") {
      if (type > ICMP_MAX_TYPE) return "done";
      if (!ICMP_ERRORS.has(type)) return "go-on";
    } else {
      if (ICMPV6_UNTRACKED.has(type)) {
        skb.ctInfo = CT_INFO.UNTRACKED;
        return "done";
      }
      if (type === ICMPV6_REDIRECT) return "done";
      if (type >= 128) return "go-on";
    }
    const inner = offset + 8;
    const found = transportOf(family, bytes, inner);
    if (found === undefined) return "done";
    const tuple = readTuple(family, bytes, inner, found.offset, found.protocol)?.inverse();
    const node = tuple === undefined ? undefined : this.table.find(tuple, zone);
    if (tuple === undefined || node === undefined) return "done";
    // The error must come back to the address that the quoted packet was sent from.
    const outer = readTuple(family, bytes, 0, bytes.length, 255) as Tuple;
    const { d0, d1, d2, d3 } = node;
    if (outer.d0 !== d0 || outer.d1 !== d1 || outer.d2 !== d2 || outer.d3 !== d3) return "done";
    skb.ct = node.connection;
    skb.ctInfo = node.isReply ? CT_INFO.RELATED_REPLY : CT_INFO.RELATED;
    return "done";
  }
}

const BOOT_TICKS_MS = -300_000;
/** 2^32 ticks at HZ=250. */
const TICK_WRAP_MS = 2 ** 32 * 4;

/**
 * The virtual time at which the kernel's tick counter, 32 bits wide, stands at 0: that nearest to now, before or after. A
 * host starts five minutes short of it. An entry that is not confirmed holds its timeout as if it began there, which
 * --ctexpire shows. Kernel: INITIAL_JIFFIES; nf_ct_expires(), nfct_time_stamp.
 */
function tickZero(uptimeSec: number): number {
  const ticksMs = uptimeSec * 1000 + BOOT_TICKS_MS;
  return Math.round(ticksMs / TICK_WRAP_MS) * TICK_WRAP_MS - ticksMs;
}

/** Whether an IPv4 packet is a fragment. */
export const isFragment = (bytes: Uint8Array): boolean => (get16(bytes, 6) & 0x3fff) !== 0;
