/** Checksums of whole packets: whether they hold, and setting them. RFC 1071, RFC 9293, RFC 768, RFC 4443, RFC 9260. */
import { checksum, type Family, fold, get16, PROTOCOL, put16, sum16, word } from "../net/index.ts";

/** Sum of the pseudo-header of IPv4 (RFC 9293 section 3.1) or IPv6 (RFC 8200 section 8.1). */
function pseudoHeader(
  family: Family,
  bytes: Uint8Array,
  start: number,
  protocol: number,
  length: number,
): number {
  const addresses =
    family === "ipv4" ? sum16(bytes, start + 12, start + 20) : sum16(bytes, start + 8, start + 40);
  return addresses + protocol + (length >>> 16) + (length & 0xffff);
}

/** The transport's checksum over `length` bytes, its field included: 0 if it holds. */
function transportSum(
  family: Family,
  bytes: Uint8Array,
  start: number,
  transport: number,
  protocol: number,
  length: number,
  covered = length,
): number {
  const pseudo = protocol === PROTOCOL.icmp ? 0 : pseudoHeader(family, bytes, start, protocol, length);
  return checksum(bytes, transport, transport + covered, pseudo);
}

/** Whether TCP, UDP, UDP-Lite, ICMP, ICMPv6 or SCTP at `transport` has the right checksum; others have none. */
export function transportChecksumHolds(
  family: Family,
  bytes: Uint8Array,
  transport: number,
  protocol: number,
): boolean {
  const length = bytes.length - transport;
  switch (protocol) {
    case PROTOCOL.tcp:
    case PROTOCOL.icmpv6:
      return transportSum(family, bytes, 0, transport, protocol, length) === 0;
    case PROTOCOL.icmp:
      return checksum(bytes, transport, bytes.length) === 0;
    case PROTOCOL.udp: {
      if (get16(bytes, transport + 6) === 0) return family === "ipv4";
      const stated = get16(bytes, transport + 4);
      return transportSum(family, bytes, 0, transport, protocol, Math.min(stated, length)) === 0;
    }
    case PROTOCOL.udplite: {
      const coverage = get16(bytes, transport + 4) || length;
      return transportSum(family, bytes, 0, transport, protocol, length, coverage) === 0;
    }
    case PROTOCOL.sctp:
      return readLittle32(bytes, transport + 8) === crc32c(bytes, transport);
    default:
      return true;
  }
}

/**
 * Whether conntrack takes a UDP-Lite checksum for right: it sums the pseudo-header of UDP, so that it takes the right one for
 * wrong, and we copy it. Kernel: nf_conntrack_proto_udp.c, nf_conntrack_udplite_packet(), udplite_error().
 */
export function trackedUdpLiteHolds(family: Family, bytes: Uint8Array, transport: number): boolean {
  const length = bytes.length - transport;
  const coverage = get16(bytes, transport + 4) || length;
  return transportSum(family, bytes, 0, transport, PROTOCOL.udp, length, coverage) === 0;
}

/** Whether the sum of the pseudo-header and all that follows holds, whatever lengths the header states. */
export const checksumHoldsOver = (
  family: Family,
  bytes: Uint8Array,
  transport: number,
  protocol: number,
): boolean => transportSum(family, bytes, 0, transport, protocol, bytes.length - transport) === 0;

/** Offset of the checksum within the transport header; undefined for protocols without one of the Internet kind. */
export function checksumOffset(protocol: number): number | undefined {
  switch (protocol) {
    case PROTOCOL.tcp:
      return 16;
    case PROTOCOL.udp:
    case PROTOCOL.udplite:
      return 6;
    case PROTOCOL.icmp:
    case PROTOCOL.icmpv6:
      return 2;
    case PROTOCOL.dccp:
      return 6;
    default:
      return undefined;
  }
}

/** Writes what the field holds until the device computes the rest: the sum of the pseudo-header. */
export function writePartialChecksum(
  family: Family,
  bytes: Uint8Array,
  transport: number,
  protocol: number,
): void {
  const sum = pseudoHeader(family, bytes, 0, protocol, bytes.length - transport);
  put16(bytes, transport + (checksumOffset(protocol) ?? 0), ~fold(sum) & 0xffff);
}

/** Computes and writes the transport checksum of the IP packet in `bytes`. */
export function writeTransportChecksum(
  family: Family,
  bytes: Uint8Array,
  transport: number,
  protocol: number,
): void {
  const offset = checksumOffset(protocol);
  if (offset === undefined) return;
  put16(bytes, transport + offset, 0);
  const sum = transportSum(family, bytes, 0, transport, protocol, bytes.length - transport);
  put16(bytes, transport + offset, protocol === PROTOCOL.udp && sum === 0 ? 0xffff : sum);
}

/** Computes and writes the checksum of an IPv4 header. */
export function writeIpv4Checksum(bytes: Uint8Array): void {
  put16(bytes, 10, 0);
  put16(bytes, 10, checksum(bytes, 0, ((bytes[0] as number) & 15) * 4));
}

/** Replaces one 32-bit word at `at`, which a checksum at `sumAt` covers, and repairs that checksum. */
export function replaceWord(bytes: Uint8Array, at: number, value: number, sumAt: number): void {
  const old = word(bytes, at);
  if (old === value) return;
  const sum = ~get16(bytes, sumAt) & 0xffff;
  put16(
    bytes,
    sumAt,
    fold(sum + (~(old >>> 16) & 0xffff) + (~old & 0xffff) + ((value >>> 16) & 0xffff) + (value & 0xffff)),
  );
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

/** Takes account in the checksum at `sumAt` of a word that changed elsewhere, as in a pseudo-header. */
export function adjustChecksum(bytes: Uint8Array, sumAt: number, from: number, to: number): void {
  const sum = ~get16(bytes, sumAt) & 0xffff;
  put16(
    bytes,
    sumAt,
    fold(sum + (~(from >>> 16) & 0xffff) + (~from & 0xffff) + ((to >>> 16) & 0xffff) + (to & 0xffff)),
  );
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, index) => {
  let crc = index;
  for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 0 ? crc >>> 1 : (crc >>> 1) ^ 0x82f63b78;
  return crc;
});

/** CRC32c of an SCTP packet with its checksum field taken as zero. */
function crc32c(bytes: Uint8Array, start: number): number {
  let crc = 0xffffffff;
  for (let at = start; at < bytes.length; at++) {
    const byte = at >= start + 8 && at < start + 12 ? 0 : (bytes[at] as number);
    crc = (CRC_TABLE[(crc ^ byte) & 255] as number) ^ (crc >>> 8);
  }
  return ~crc >>> 0;
}

const readLittle32 = (bytes: Uint8Array, at: number): number =>
  ((bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)) >>>
  0;

/** Writes the checksum of an SCTP packet. */
export function writeSctpChecksum(bytes: Uint8Array, transport: number): void {
  const crc = crc32c(bytes, transport);
  bytes[transport + 8] = crc;
  bytes[transport + 9] = crc >>> 8;
  bytes[transport + 10] = crc >>> 16;
  bytes[transport + 11] = crc >>> 24;
}
