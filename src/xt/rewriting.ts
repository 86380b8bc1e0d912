/** Changes of header fields that targets make, with checksums kept right. */
import { type Family, get16, PROTOCOL, put16, updatedChecksum } from "../net/index.ts";
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

/** Puts `inserted` bytes into the TCP header at `at`; lengths, data offset and checksums follow. */
export function insertIntoTcp(skb: Skb, at: number, inserted: Uint8Array): void {
  const { bytes, transport, family } = skb;
  const grown = new Uint8Array(bytes.length + inserted.length);
  grown.set(bytes.subarray(0, at));
  grown.set(inserted, at);
  grown.set(bytes.subarray(at), at + inserted.length);
  grown[transport + 12] = (grown[transport + 12] as number) + ((inserted.length / 4) << 4);
  setLength(family, grown);
  tcpChecksum(family, grown, transport);
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

function tcpChecksum(family: Family, bytes: Uint8Array, transport: number): void {
  put16(bytes, transport + 16, 0);
  const length = bytes.length - transport;
  let sum = PROTOCOL.tcp + length;
  const [from, to] = family === "ipv4" ? [12, 20] : [8, 40];
  for (let at = from; at < to; at += 2) sum += get16(bytes, at);
  for (let at = transport; at + 1 < bytes.length; at += 2) sum += get16(bytes, at);
  if (length % 2 === 1) sum += (bytes[bytes.length - 1] as number) << 8;
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000);
  put16(bytes, transport + 16, ~sum & 0xffff);
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
