/**
 * Big-endian fields of packets, and the Internet checksum (RFC 1071) with its incremental update (RFC 1624). Offsets
 * and lengths are in bytes; every offset must lie inside `bytes`.
 */

export const get16 = (bytes: Uint8Array, at: number): number =>
  ((bytes[at] as number) << 8) | (bytes[at + 1] as number);

/** Unsigned. */
export const get32 = (bytes: Uint8Array, at: number): number => word(bytes, at) >>> 0;

/** Signed, as bit operations give it: the cheap form for comparing. */
export const word = (bytes: Uint8Array, at: number): number =>
  ((bytes[at] as number) << 24) |
  ((bytes[at + 1] as number) << 16) |
  ((bytes[at + 2] as number) << 8) |
  (bytes[at + 3] as number);

export function put16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 8;
  bytes[at + 1] = value;
}

export function put32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

/** Sum of 16-bit words from `start` to `end`, an odd last byte padded with zero; not folded. Below 2^53 for any packet. */
export function sum16(bytes: Uint8Array, start: number, end: number, initial = 0): number {
  let sum = initial;
  let at = start;
  for (; at + 1 < end; at += 2) sum += ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
  if (at < end) sum += (bytes[at] as number) << 8;
  return sum;
}

/** One's complement of the folded sum: the checksum field's value. */
export function fold(sum: number): number {
  let folded = sum;
  while (folded > 0xffff) folded = (folded & 0xffff) + Math.floor(folded / 0x10000);
  return ~folded & 0xffff;
}

/** Checksum of a stretch; 0 if the stretch holds its own correct checksum. */
export function checksum(bytes: Uint8Array, start: number, end: number, initial = 0): number {
  return fold(sum16(bytes, start, end, initial));
}

/** The checksum `old` after one 16-bit word has changed, as the kernel's csum_replace2() gives it. */
export function updatedChecksum(old: number, from: number, to: number): number {
  return fold((~old & 0xffff) + (~from & 0xffff) + to);
}

/** @returns lower-case hexadecimal digits without separators. */
export function toHex(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += HEX[byte];
  return text;
}

const HEX: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** @returns undefined if the text is not pairs of hexadecimal digits. */
export function fromHex(text: string): Uint8Array | undefined {
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) return undefined;
  const bytes = new Uint8Array(text.length / 2);
  for (let at = 0; at < bytes.length; at++) bytes[at] = Number.parseInt(text.slice(2 * at, 2 * at + 2), 16);
  return bytes;
}
