/** What this host does with a packet that is for it. Kernel: ip_protocol_deliver_rcu(), icmp_rcv(), udp_rcv(), tcp_v4_rcv(). */
import { get16, PROTOCOL, readWords } from "../../net/index.ts";
import { CT_INFO } from "../../xt/index.ts";
import { transportChecksumHolds } from "../checksums.ts";
import type { Host, Socket } from "../host.ts";
import { mutableHeader, type Packet } from "../packet.ts";
import { sendEchoReply, sendIcmpError, sendTimestampReply } from "./icmp.ts";
import { takeHeaders } from "./ipv6-headers.ts";
import { answerSolicitation } from "./neighbours.ts";
import { answerListening, sendReset } from "./tcp.ts";

const IGMP = 2;
const NO_NEXT_HEADER = 59;

export function deliver(host: Host, skb: Packet): void {
  const field = skb.family === "ipv6" ? takeHeaders(host, skb) : 0;
  if (field === undefined) return;
  const { family, bytes, transport, protocol } = skb;
  if (reachesRawSockets(skb)) host.delivered.push({ family, protocol, bytes, transport });
  host.report({ kind: "deliver", skb });
  switch (protocol) {
    case family === "ipv4" ? PROTOCOL.icmp : PROTOCOL.icmpv6:
      deliverIcmp(host, skb);
      return;
    case PROTOCOL.tcp:
      deliverTcp(host, skb);
      return;
    case PROTOCOL.udp:
    case PROTOCOL.udplite:
      deliverUdp(host, skb);
      return;
    default:
      if (protocol === (family === "ipv4" ? IGMP : NO_NEXT_HEADER)) return;
      if (family === "ipv4") sendIcmpError(host, skb, { type: 3, code: 2, info: 0 });
      else sendIcmpError(host, skb, { type: 4, code: 1, info: field });
  }
}

/**
 * Raw sockets get ICMP only with a whole header, and ICMPv6 only with a right checksum. Kernel: raw.c, icmp_filter();
 * rawv6_rcv_skb(); RFC 3542 section 3.1.
 */
const reachesRawSockets = (skb: Packet): boolean => {
  const { family, bytes, transport, protocol } = skb;
  if (family === "ipv4") return protocol !== PROTOCOL.icmp || skb.hasTransport(8);
  return protocol !== PROTOCOL.icmpv6 || transportChecksumHolds(family, bytes, transport, protocol);
};

function deliverIcmp(host: Host, skb: Packet): void {
  const { family, bytes, transport, protocol } = skb;
  if (!skb.hasTransport(8) || !transportChecksumHolds(family, bytes, transport, protocol)) return;
  if (bytes[transport] === (family === "ipv4" ? 8 : 128)) sendEchoReply(host, skb);
  else if (family === "ipv4" && bytes[transport] === 13) sendTimestampReply(host, skb);
  else if (family === "ipv6" && bytes[transport] === 135) answerSolicitation(host, skb);
}

function deliverTcp(host: Host, skb: Packet): void {
  const { family, bytes, transport } = skb;
  if (!skb.hasTransport(20) || skb.destination?.kind !== "local") return;
  if (skb.destination.route?.type === "anycast") return;
  if (skb.packetType !== "host") return;
  const size = ((bytes[transport + 12] as number) >>> 4) * 4;
  if (size < 20 || bytes.length - transport < size) return;
  if (!skb.partialChecksum && !transportChecksumHolds(family, bytes, transport, PROTOCOL.tcp)) return;
  // Who does not know its listeners does not know the answer.
  if (host.sockets === undefined) return;
  if (findSocket(host, "tcp", skb) === undefined) sendReset(host, skb);
  else answerListening(host, skb);
}

function deliverUdp(host: Host, skb: Packet): void {
  const { family, bytes, transport, protocol } = skb;
  if (!skb.hasTransport(8)) return;
  const stated = get16(bytes, transport + 4);
  const length = bytes.length - transport;
  if (protocol === PROTOCOL.udp && (stated > length || stated < 8)) return;
  if (!transportChecksumHolds(family, bytes, transport, protocol) || sumIsOutdated(skb, length)) return;
  if (host.sockets === undefined) return;
  if (protocol === PROTOCOL.udp && findSocket(host, "udp", skb) !== undefined) return;
  if (skb.destination?.kind !== "local") return;
  // UDP forgets the connection before it answers; the error is filed by what it quotes, unless a rule keeps it out.
  skb.ct = undefined;
  skb.ctInfo = CT_INFO.ESTABLISHED;
  sendIcmpError(host, skb, family === "ipv4" ? { type: 3, code: 3, info: 0 } : { type: 1, code: 4, info: 0 });
}

/**
 * HL, TOS and DSCP leave conntrack's sum over an IPv6 packet as it was, and UDP trusts that sum unless the datagram is so
 * short that it is summed again at once. Kernel: udp6_csum_init(), CHECKSUM_BREAK, skb->csum_complete_sw.
 */
const sumIsOutdated = ({ headerWhenSummed, bytes }: Packet, length: number): boolean =>
  headerWhenSummed !== -1 && length > 76 && headerWhenSummed !== mutableHeader(bytes);

const findSocket = (
  host: Host,
  protocol: Socket["protocol"],
  { family, bytes, transport }: Packet,
): Socket | undefined =>
  host.socketFor(
    family,
    protocol,
    get16(bytes, transport + 2),
    readWords(family, bytes, family === "ipv4" ? 16 : 24),
  );
