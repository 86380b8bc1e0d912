/**
 * Writing translated endpoints into packets, and into the packets that ICMP errors quote.
 * Kernel: net/netfilter/nf_nat_proto.c, nf_nat_ipv4_manip_pkt(), l4proto_manip_pkt(), nf_nat_icmp_reply_translation().
 */
import {
  checksum,
  type Family,
  findIpv6Header,
  get16,
  PROTOCOL,
  put16,
  readWords,
  updatedChecksum,
  writeWords,
} from "../../net/index.ts";
import {
  adjustChecksum,
  checksumOffset,
  replaceWord,
  writeSctpChecksum,
  writeTransportChecksum,
} from "../checksums.ts";
import type { Tuple } from "../conntrack/tuple.ts";

type Manip = "src" | "dst";

/** Full length of each transport header; a shorter one has its ports changed but not its checksum. */
const HEADER_LENGTH: Readonly<Record<number, number>> = {
  [PROTOCOL.tcp]: 20,
  [PROTOCOL.udp]: 8,
  [PROTOCOL.udplite]: 8,
  [PROTOCOL.sctp]: 12,
};

/**
 * Gives the IP packet at `start` the source or destination of `target`.
 * @returns false if it cannot be done, and the packet is dropped: a GRE version that nobody knows, or less of the
 * transport header than the part that holds what is translated.
 */
export function rewritePacket(
  family: Family,
  bytes: Uint8Array,
  start: number,
  target: Tuple,
  manip: Manip,
): boolean {
  let transport: number;
  let fragment: boolean;
  if (family === "ipv4") {
    transport = start + ((bytes[start] as number) & 15) * 4;
    fragment = (get16(bytes, start + 6) & 0x1fff) !== 0;
  } else {
    const found = findIpv6Header(start === 0 ? bytes : bytes.subarray(start));
    if (found === undefined || found === "later-fragment") return true;
    transport = start + found.offset;
    fragment = found.fragmentOffset !== 0;
  }
  const at = start + (family === "ipv4" ? (manip === "src" ? 12 : 16) : manip === "src" ? 8 : 24);
  const { protocol } = target;
  if (!fragment && TRANSLATED.has(protocol) && bytes.length - transport < TRANSLATED_LENGTH) return false;
  if (!fragment && manip === "dst" && protocol === PROTOCOL.gre && greVersion(bytes, transport) > 1)
    return false;
  if (!fragment) rewriteTransport(family, bytes, at, transport, target, manip);
  const words = manip === "src" ? target.source : target.destination;
  if (family === "ipv4") replaceWord(bytes, at, words.w3, start + 10);
  else writeWords(family, bytes, at, words);
  if (!fragment && protocol === PROTOCOL.sctp && bytes.length - transport >= 12)
    writeSctpChecksum(bytes, transport);
  return true;
}

/** So much of the header must be there, also of one that is quoted. Kernel: nf_nat_proto.c, tcp_manip_pkt() and its like. */
const TRANSLATED_LENGTH = 8;
const TRANSLATED: ReadonlySet<number> = new Set([
  PROTOCOL.icmp,
  PROTOCOL.icmpv6,
  PROTOCOL.gre,
  ...Object.keys(HEADER_LENGTH).map(Number),
]);

const greVersion = (bytes: Uint8Array, transport: number): number => (bytes[transport + 1] ?? 0) & 7;

function rewriteTransport(
  family: Family,
  bytes: Uint8Array,
  addressAt: number,
  transport: number,
  target: Tuple,
  manip: Manip,
): void {
  const { protocol } = target;
  const length = bytes.length - transport;
  if (protocol === PROTOCOL.icmp || protocol === PROTOCOL.icmpv6) {
    if (protocol === PROTOCOL.icmpv6)
      adjustForAddress(family, bytes, addressAt, transport + 2, target, manip);
    if (isQuery(family, bytes[transport] as number))
      replacePort(bytes, transport + 4, target.sport, transport + 2);
    return;
  }
  const full = HEADER_LENGTH[protocol];
  if (full === undefined) return;
  const portAt = transport + (manip === "src" ? 0 : 2);
  const port = manip === "src" ? target.sport : target.dport;
  const offset = checksumOffset(protocol);
  const udp = protocol === PROTOCOL.udp;
  const sumAt = transport + (offset ?? 0);
  if (length < full || offset === undefined || (udp && get16(bytes, sumAt) === 0)) {
    put16(bytes, portAt, port);
    return;
  }
  adjustForAddress(family, bytes, addressAt, sumAt, target, manip);
  replacePort(bytes, portAt, port, sumAt);
  if ((udp || protocol === PROTOCOL.udplite) && get16(bytes, sumAt) === 0) put16(bytes, sumAt, 0xffff);
}

/** ICMP messages whose id belongs to the connection. */
const isQuery = (family: Family, type: number): boolean =>
  family === "ipv4" ? type === 8 || type === 0 || (type >= 13 && type <= 18) : type === 128 || type === 129;

function adjustForAddress(
  family: Family,
  bytes: Uint8Array,
  addressAt: number,
  sumAt: number,
  target: Tuple,
  manip: Manip,
): void {
  const old = readWords(family, bytes, addressAt);
  const words = manip === "src" ? target.source : target.destination;
  for (const part of ["w0", "w1", "w2", "w3"] as const) {
    if (old[part] !== words[part]) adjustChecksum(bytes, sumAt, old[part], words[part]);
  }
}

function replacePort(bytes: Uint8Array, at: number, port: number, sumAt: number): void {
  const old = get16(bytes, at);
  if (old === port) return;
  put16(bytes, sumAt, updatedChecksum(get16(bytes, sumAt), old, port));
  put16(bytes, at, port);
}

/**
 * Translates an ICMP error and the packet that it quotes. `peer` is the tuple of the connection's other direction.
 * @returns false if it cannot be done, and the error is dropped.
 */
export function rewriteIcmpError(
  family: Family,
  bytes: Uint8Array,
  transport: number,
  peer: Tuple,
  manip: Manip,
): boolean {
  const opposite = manip === "src" ? "dst" : "src";
  if (!rewritePacket(family, bytes, transport + 8, peer, opposite)) return false;
  if (family === "ipv4") {
    put16(bytes, transport + 2, 0);
    put16(bytes, transport + 2, checksum(bytes, transport, bytes.length));
  } else writeTransportChecksum(family, bytes, transport, PROTOCOL.icmpv6);
  const inverse = peer.inverse();
  if (inverse === undefined) return true;
  const at = family === "ipv4" ? (manip === "src" ? 12 : 16) : manip === "src" ? 8 : 24;
  const words = manip === "src" ? inverse.source : inverse.destination;
  if (family === "ipv4") replaceWord(bytes, at, words.w3, 10);
  else {
    writeWords(family, bytes, at, words);
    writeTransportChecksum(family, bytes, transport, PROTOCOL.icmpv6);
  }
  return true;
}
