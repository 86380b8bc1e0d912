/**
 * Translation: the nat tables see the first packet of a connection and bind its endpoints; every packet is rewritten
 * after that without asking again. Kernel: net/netfilter/nf_nat_core.c, nf_nat_inet_fn(), nf_nat_setup_info().
 */
import { PROTOCOL } from "../../net/index.ts";
import { CT_INFO, CT_STATUS, isReply, type NatRequest, type Skb } from "../../xt/index.ts";
import { transportChecksumHolds, writePartialChecksum } from "../checksums.ts";
import type { Connection } from "../conntrack/connection.ts";
import type { Tuple } from "../conntrack/tuple.ts";
import type { Packet } from "../packet.ts";
import { rewriteIcmpError, rewritePacket } from "./rewrite.ts";
import { type NatContext, uniqueTuple } from "./unique-tuple.ts";

type Manip = "src" | "dst";

/** Which side a hook translates. */
export const manipOf = (hook: Skb["hook"]): Manip =>
  hook === "POSTROUTING" || hook === "INPUT" ? "src" : "dst";

const doneBit = (manip: Manip): number => (manip === "src" ? CT_STATUS.SRC_NAT_DONE : CT_STATUS.DST_NAT_DONE);

/** Binds the connection's endpoints; what a nat table's targets end in. */
export function bindNat(connection: Connection, request: NatRequest, context: NatContext): void {
  if (connection.confirmed) return;
  const current = connection.reply.inverse() as Tuple;
  const chosen = uniqueTuple(current, request, connection, context);
  if (!chosen.equals(current)) {
    connection.alterReply(chosen.inverse() as Tuple);
    connection.status |= request.manip === "src" ? CT_STATUS.SRC_NAT : CT_STATUS.DST_NAT;
  }
  if (request.manip === "src") context.table.rememberSource(connection);
  connection.status |= doneBit(request.manip);
}

/** A binding that keeps the address, and changes the port only if it must. */
function nullBinding(connection: Connection, manip: Manip): NatRequest {
  const address = manip === "src" ? connection.reply.destination : connection.reply.source;
  return {
    manip,
    addresses: { min: address, max: address },
    ports: undefined,
    random: false,
    randomFully: false,
    persistent: false,
  };
}

/**
 * One packet at a nat hook. `walk` runs the nat table's chain and answers its verdict; it is called for the first
 * packet of a connection only.
 */
export function translate(
  skb: Packet,
  context: NatContext,
  walk: () => "accept" | "drop" | "stolen",
): "accept" | "drop" | "stolen" {
  const connection = skb.ct as Connection | undefined;
  if (connection === undefined || skb.ctInfo === CT_INFO.UNTRACKED) return "accept";
  const manip = manipOf(skb.hook);
  const related = skb.ctInfo === CT_INFO.RELATED || skb.ctInfo === CT_INFO.RELATED_REPLY;
  if (related && skb.protocol === (skb.family === "ipv4" ? PROTOCOL.icmp : PROTOCOL.icmpv6))
    return translateError(skb, connection, manip);
  if (related || skb.ctInfo === CT_INFO.NEW) {
    if ((connection.status & doneBit(manip)) === 0) {
      const verdict = walk();
      if (verdict !== "accept") return verdict;
      if ((connection.status & doneBit(manip)) === 0)
        bindNat(connection, nullBinding(connection, manip), context);
    } else if (leftMasqueradeDevice(skb, connection)) return "drop";
  } else if (leftMasqueradeDevice(skb, connection)) {
    context.table.remove(connection);
    return "drop";
  }
  const reply = isReply(skb.ctInfo);
  if (changes(connection, manip, reply)) {
    const target = (reply ? connection.original : connection.reply).inverse() as Tuple;
    if (!rewritePacket(skb.family, skb.bytes, 0, target, manip)) return "drop";
    if (skb.partialChecksum) writePartialChecksum(skb.family, skb.bytes, skb.transport, skb.protocol);
  }
  return "accept";
}

function leftMasqueradeDevice(skb: Skb, { masqueradeDevice }: Connection): boolean {
  return (
    masqueradeDevice !== undefined &&
    skb.hook === "POSTROUTING" &&
    !isReply(skb.ctInfo) &&
    masqueradeDevice !== skb.outDevice
  );
}

/** Whether packets of the direction are rewritten on the side: a reply is where the other side was for the original. */
function changes(connection: Connection, manip: Manip, reply: boolean): boolean {
  const source = (manip === "src") !== reply;
  return (connection.status & (source ? CT_STATUS.SRC_NAT : CT_STATUS.DST_NAT)) !== 0;
}

const ICMP_REDIRECT = 5;
const ICMPV6_REDIRECT = 137;
const NAT_DONE = CT_STATUS.SRC_NAT_DONE | CT_STATUS.DST_NAT_DONE;
const NAT = CT_STATUS.SRC_NAT | CT_STATUS.DST_NAT;

function translateError(skb: Skb, connection: Connection, manip: Manip): "accept" | "drop" {
  const { family, bytes, transport, protocol } = skb;
  if (bytes.length < transport + 8 + (family === "ipv4" ? 20 : 40)) return "drop";
  if (skb.hook === "PREROUTING" || skb.hook === "INPUT") {
    if (!transportChecksumHolds(family, bytes, transport, protocol)) return "drop";
  }
  const type = bytes[transport] as number;
  if (type === (family === "ipv4" ? ICMP_REDIRECT : ICMPV6_REDIRECT)) {
    if ((connection.status & NAT_DONE) !== NAT_DONE || (connection.status & NAT) !== 0) return "drop";
  }
  const reply = isReply(skb.ctInfo);
  if (!changes(connection, manip, reply)) return "accept";
  const peer = reply ? connection.original : connection.reply;
  return rewriteIcmpError(family, bytes, transport, peer, manip) ? "accept" : "drop";
}
