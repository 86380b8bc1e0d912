/** Connections as text. Kernel: net/netfilter/nf_conntrack_standalone.c, ct_seq_show(). */
import { type AddressWords, type Family, PROTOCOL, printIpv4 } from "../../net/index.ts";
import { CT_STATUS } from "../../xt/index.ts";
import type { Connection } from "./connection.ts";
import { SCTP_STATES } from "./sctp.ts";
import { TCP_STATES } from "./tcp.ts";
import { hasPorts, type Tuple } from "./tuple.ts";
import { zoneIn } from "./zone.ts";

const NAMES: Readonly<Record<number, string>> = {
  [PROTOCOL.tcp]: "tcp",
  [PROTOCOL.udp]: "udp",
  [PROTOCOL.icmp]: "icmp",
  [PROTOCOL.icmpv6]: "icmpv6",
  [PROTOCOL.udplite]: "udplite",
  [PROTOCOL.sctp]: "sctp",
  [PROTOCOL.gre]: "gre",
};

/** One line as /proc/net/nf_conntrack has it from the protocol's name on, its number left out. */
export function printConnection(connection: Connection, now: number): string {
  const { original, reply, status, tcp, sctp } = connection;
  const parts = [NAMES[original.protocol] ?? "unknown", `${connection.remainingSec()}`];
  if (tcp !== undefined) parts.push(TCP_STATES[tcp.state] ?? "NONE");
  if (original.protocol === PROTOCOL.gre) parts.push("timeout=30,", "stream_timeout=180");
  if (sctp !== undefined) parts.push(SCTP_STATES[sctp.state] ?? "NONE");
  const [inOriginal, inReply] = [zoneIn(connection.zone, false), zoneIn(connection.zone, true)];
  parts.push(printTuple(original));
  if (inOriginal !== 0 && inReply === 0) parts.push(`zone-orig=${inOriginal}`);
  parts.push(...counts(connection, 0));
  if ((status & CT_STATUS.SEEN_REPLY) === 0) parts.push("[UNREPLIED]");
  parts.push(printTuple(reply));
  if (inOriginal === 0 && inReply !== 0) parts.push(`zone-reply=${inReply}`);
  parts.push(...counts(connection, 1));
  if ((status & CT_STATUS.ASSURED) !== 0) parts.push("[ASSURED]");
  parts.push(`mark=${connection.mark}`);
  if (inOriginal === inReply) parts.push(`zone=${inOriginal}`);
  if (connection.confirmedAt !== undefined)
    parts.push(`delta-time=${Math.floor((now - connection.confirmedAt) / 1000)}`);
  parts.push(`use=${2 + connection.dependants}`);
  return parts.join(" ");
}

function counts({ packets, bytes }: Connection, side: 0 | 1): string[] {
  return packets[0] === 0 && packets[1] === 0 ? [] : [`packets=${packets[side]}`, `bytes=${bytes[side]}`];
}

/** IPv6 addresses in full, as the kernel's %pI6 has them. */
function printWords(family: Family, { w0, w1, w2, w3 }: AddressWords): string {
  if (family === "ipv4") return printIpv4(w3 >>> 0);
  const half = (value: number): string => (value & 0xffff).toString(16).padStart(4, "0");
  return [w0, w1, w2, w3].map((word) => `${half(word >>> 16)}:${half(word)}`).join(":");
}

function printTuple(tuple: Tuple): string {
  const text = `src=${printWords(tuple.family, tuple.source)} dst=${printWords(tuple.family, tuple.destination)}`;
  const { protocol, sport, dport } = tuple;
  if (hasPorts(protocol)) return `${text} sport=${sport} dport=${dport}`;
  if (protocol === PROTOCOL.icmp || protocol === PROTOCOL.icmpv6)
    return `${text} type=${dport >>> 8} code=${dport & 255} id=${sport}`;
  if (protocol === PROTOCOL.gre)
    return `${text} srckey=0x${sport.toString(16)} dstkey=0x${dport.toString(16)}`;
  return text;
}
