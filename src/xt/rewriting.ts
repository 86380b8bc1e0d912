/** Changes of header fields that targets make, with checksums kept right. */
import { type Family, get16, put16, updatedChecksum } from "../net/index.ts";
import type { Skb } from "./skb.ts";

/** The TOS byte, or the traffic class. */
export const trafficClass = ({ family, bytes }: Skb): number =>
  family === "ipv4"
    ? (bytes[1] as number)
    : (((bytes[0] as number) & 15) << 4) | ((bytes[1] as number) >>> 4);

export function setTrafficClass({ family, bytes }: Skb, value: number): void {
  if (family === "ipv4") {
    const old = get16(bytes, 0);
    bytes[1] = value;
    put16(bytes, 10, updatedChecksum(get16(bytes, 10), old, get16(bytes, 0)));
    return;
  }
  bytes[0] = ((bytes[0] as number) & 0xf0) | (value >>> 4);
  bytes[1] = ((bytes[1] as number) & 15) | ((value & 15) << 4);
}

export const hopCount = ({ family, bytes }: Skb): number => bytes[family === "ipv4" ? 8 : 7] as number;

export function setHopCount({ family, bytes }: Skb, value: number): void {
  if (family === "ipv6") {
    bytes[7] = value;
    return;
  }
  const old = get16(bytes, 8);
  bytes[8] = value;
  put16(bytes, 10, updatedChecksum(get16(bytes, 10), old, get16(bytes, 8)));
}

/** Writes a 16-bit word of the transport header at `at` and repairs the checksum at `sumAt`. */
export function setTransportWord({ bytes }: Skb, at: number, value: number, sumAt: number): void {
  const old = get16(bytes, at);
  put16(bytes, at, value);
  put16(bytes, sumAt, updatedChecksum(get16(bytes, sumAt), old, value));
}

/**
 * Puts `inserted` bytes, whole words, into the TCP header at `at`; lengths, data offset and checksums follow. A wrong
 * checksum stays wrong by as much. Kernel: xt_TCPMSS.c, tcpmss_mangle_packet().
 */
export function insertIntoTcp(skb: Skb, at: number, inserted: Uint8Array): void {
  const { bytes, transport, family } = skb;
  const grown = new Uint8Array(bytes.length + inserted.length);
  grown.set(bytes.subarray(0, at));
  grown.set(inserted, at);
  grown.set(bytes.subarray(at), at + inserted.length);
  let sum = get16(bytes, transport + 16);
  sum = updatedChecksum(sum, bytes.length - transport, grown.length - transport);
  for (let word = 0; word < inserted.length; word += 2) sum = updatedChecksum(sum, 0, get16(inserted, word));
  grown[transport + 12] = (grown[transport + 12] as number) + ((inserted.length / 4) << 4);
  sum = updatedChecksum(sum, get16(bytes, transport + 12), get16(grown, transport + 12));
  put16(grown, transport + 16, sum);
  setLength(family, grown);
  skb.bytes = grown;
}

function setLength(family: Family, bytes: Uint8Array): void {
  if (family === "ipv6") {
    put16(bytes, 4, bytes.length - 40);
    return;
  }
  const old = get16(bytes, 2);
  put16(bytes, 2, bytes.length);
  put16(bytes, 10, updatedChecksum(get16(bytes, 10), old, bytes.length));
}

/** Calls `visit` with each byte of the TCP options where an option may start, as the kernel's loops step over them. */
export function findTcpOption(
  bytes: Uint8Array,
  transport: number,
  visit: (at: number, left: number) => boolean,
): number | undefined {
  const end = transport + ((bytes[transport + 12] as number) >>> 4) * 4;
  for (let at = transport + 20; at < end; ) {
    if (visit(at, end - at)) return at;
    at += (bytes[at] as number) < 2 ? 1 : bytes[at + 1] || 1;
  }
  return undefined;
}
