/** One tracked connection. */
import { InvariantError } from "../../base/index.ts";
import { type ConnectionView, CT_STATUS } from "../../xt/index.ts";
import type { SctpTracking } from "./sctp.ts";
import type { TcpTracking } from "./tcp.ts";
import type { Tuple } from "./tuple.ts";

/** A NAT helper's change of a TCP stream's length, by direction of the sender. */
export interface SequenceAdjustment {
  /** Sequence number from which `after` holds; before it `before` does. */
  readonly position: number;
  readonly before: number;
  readonly after: number;
}

/** Who reads a connection's text, and what it remembers. */
export interface HelperState {
  readonly name: string;
  /** FTP: sequence numbers behind the last lines' ends, of the original direction and of replies. */
  lineEnds?: readonly [number[], number[]];
  /** It has been said that nobody can read for this helper. */
  said?: boolean;
}

/**
 * One tracked connection, the kernel's `struct nf_conn`.
 *
 * - `original` never changes; NAT alters only `reply`, the tuple that replies will carry.
 * - `expiresAt` is virtual time in ms. An expired entry is gone, swept or not. Until the entry is confirmed it
 *   says only what --ctexpire shows: `timeoutSec` waits for confirmation.
 * - Visible to lookups only once CONFIRMED, after its first packet has passed POSTROUTING or INPUT.
 *
 * Kernel: net/netfilter/nf_conntrack_core.c, __nf_conntrack_confirm().
 */
export class Connection implements ConnectionView {
  readonly original: Tuple;
  reply: Tuple;
  /** As zone.ts has it. */
  readonly zone: number;
  status = 0;
  mark = 0;
  secmark = 0;
  labels: bigint | undefined = undefined;
  master: Connection | undefined = undefined;
  /** Connections in the table of which this is the master. */
  dependants = 0;
  helperState: HelperState | undefined = undefined;
  expiresAt = 0;
  timeoutSec = 0;
  /** Virtual time in ms; undefined unless the host notes times. Sysctl net.netfilter.nf_conntrack_timestamp. */
  confirmedAt: number | undefined = undefined;
  /** UDP: ms at which the flow becomes a stream. */
  streamAt = 0;
  tcp: TcpTracking | undefined = undefined;
  sctp: SctpTracking | undefined = undefined;
  adjustments: [SequenceAdjustment | undefined, SequenceAdjustment | undefined] | undefined = undefined;
  /** Device that a MASQUERADE used; the entry dies with its address. */
  masqueradeDevice: string | undefined = undefined;
  /** Its neighbours among the connections of its source, as ConnectionTable keeps them. */
  hasSource = false;
  olderOfSource: Connection | undefined = undefined;
  newerOfSource: Connection | undefined = undefined;
  packets: [number, number] = NO_COUNTS;
  bytes: [number, number] = NO_COUNTS;
  readonly #now: () => number;

  constructor(original: Tuple, reply: Tuple, zone: number, now: () => number) {
    this.original = original;
    this.reply = reply;
    this.zone = zone;
    this.#now = now;
    original.connection = this;
    reply.connection = this;
    reply.isReply = true;
  }

  get helper(): string | undefined {
    return this.helperState?.name;
  }

  get confirmed(): boolean {
    return (this.status & CT_STATUS.CONFIRMED) !== 0;
  }

  /** Replaces the reply tuple, as NAT does before confirmation. */
  alterReply(reply: Tuple): void {
    if (this.confirmed) throw new InvariantError("the reply tuple of a confirmed connection was altered");
    reply.connection = this;
    reply.isReply = true;
    this.reply = reply;
  }

  /** Seconds, whole: what `conntrack -L` prints. */
  remainingSec(): number {
    return Math.max(0, Math.floor((this.expiresAt - this.#now()) / 1000));
  }

  count(reply: boolean, bytes: number): void {
    if (this.packets === NO_COUNTS) {
      this.packets = [0, 0];
      this.bytes = [0, 0];
    }
    const side = reply ? 1 : 0;
    this.packets[side]++;
    this.bytes[side] += bytes;
  }
}

/** Shared by all connections that never counted: most of a million. */
const NO_COUNTS: [number, number] = [0, 0];
