/**
 * What helpers share: announcing a connection, and having it follow the translation of its master.
 * Kernel: net/netfilter/nf_conntrack_expect.c, nf_ct_expect_related(); nf_nat_helper.c, nf_nat_follow_master(),
 * nf_nat_exp_find_port().
 */
import { CT_STATUS } from "../../xt/index.ts";
import type { Connection } from "../conntrack/connection.ts";
import type { Tuple } from "../conntrack/tuple.ts";
import type { Host } from "../host.ts";
import { bindNat } from "../nat/nat.ts";

const EXPECT_MS = 300_000;
const MAX_ATTEMPTS = 128;

export interface Announcement {
  readonly master: Connection;
  /** Whether a packet of the reply direction announces it. */
  readonly fromReply: boolean;
  /** A source of zeros or a source port of 0 stands for any. */
  readonly tuple: Tuple;
  /** So many of one master at once; the oldest gives way. */
  readonly most: number;
}

export const isTranslated = ({ status }: Connection): boolean =>
  (status & (CT_STATUS.SRC_NAT | CT_STATUS.DST_NAT)) !== 0;

/**
 * Announces a connection; where it is translated, `ownPort` is the port that its receiver listens on.
 * @returns false if another one is expected there.
 */
export function announce(
  host: Host,
  { master, fromReply, tuple, most }: Announcement,
  ownPort = tuple.dport,
): boolean {
  const sender = fromReply ? master.reply : master.original;
  const expectation = {
    tuple,
    zone: master.zone,
    master,
    expiresAt: host.now + EXPECT_MS,
    permanent: false,
    ...(isTranslated(master) && {
      onConnection: (data: Connection) => followMaster(host, data, sender, ownPort),
    }),
  };
  return host.conntrack.expectations.relate(expectation, most);
}

/** Announces it on the port wanted or, if that is taken, on another. @returns the port; undefined if none is free. */
export function announceOnFreePort(host: Host, announcement: Announcement): number | undefined {
  const { tuple } = announcement;
  const wanted = tuple.dport;
  const range = 65_535 - wanted;
  for (let left = Math.min(range, MAX_ATTEMPTS); ; left--) {
    if (announce(host, announcement, wanted)) return tuple.dport;
    if (left <= 0) return undefined;
    tuple.dport = wanted + host.choices.random(range, "port", wanted);
  }
}

/** The announced connection goes between the two that the master connects, seen as the master's packets are. */
function followMaster(host: Host, data: Connection, sender: Tuple, port: number): void {
  const context = { table: host.conntrack.table, random: host.choices.random.bind(host.choices) };
  const plain = { ports: undefined, random: false, randomFully: false, persistent: false };
  const { source, destination } = sender;
  bindNat(data, { manip: "src", addresses: { min: destination, max: destination }, ...plain }, context);
  const ports = { min: port, max: port, base: undefined };
  bindNat(data, { manip: "dst", addresses: { min: source, max: source }, ...plain, ports }, context);
}
