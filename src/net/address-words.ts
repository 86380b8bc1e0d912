/**
 * Addresses as four 32-bit words, the form in which packets are compared: signed, so that JavaScript keeps them as
 * small integers, an IPv4 address in the last one and the others zero. `number`s and `bigint`s (decision 0001) are
 * for text, tables and questions; a packet's way through ten thousand rules has no time for a bigint.
 */
import type { Address, Family } from "./address.ts";
import { put32, word } from "./bytes.ts";

export interface AddressWords {
  readonly w0: number;
  readonly w1: number;
  readonly w2: number;
  readonly w3: number;
}

export const NO_ADDRESS: AddressWords = { w0: 0, w1: 0, w2: 0, w3: 0 };

export function toWords(address: Address): AddressWords {
  if (typeof address === "number") return { w0: 0, w1: 0, w2: 0, w3: address | 0 };
  const part = (shift: bigint): number => Number(BigInt.asIntN(32, address >> shift));
  return { w0: part(96n), w1: part(64n), w2: part(32n), w3: part(0n) };
}

export function fromWords(family: Family, { w0, w1, w2, w3 }: AddressWords): Address {
  if (family === "ipv4") return w3 >>> 0;
  const part = (value: number): bigint => BigInt(value >>> 0);
  return (part(w0) << 96n) | (part(w1) << 64n) | (part(w2) << 32n) | part(w3);
}

export function sameWords(a: AddressWords, b: AddressWords): boolean {
  return a.w3 === b.w3 && a.w2 === b.w2 && a.w1 === b.w1 && a.w0 === b.w0;
}

/** The address at `at`: 4 bytes for IPv4, 16 for IPv6. */
export function readWords(family: Family, bytes: Uint8Array, at: number): AddressWords {
  return family === "ipv4"
    ? { w0: 0, w1: 0, w2: 0, w3: word(bytes, at) }
    : { w0: word(bytes, at), w1: word(bytes, at + 4), w2: word(bytes, at + 8), w3: word(bytes, at + 12) };
}

export function writeWords(family: Family, bytes: Uint8Array, at: number, words: AddressWords): void {
  if (family === "ipv4") put32(bytes, at, words.w3);
  else {
    put32(bytes, at, words.w0);
    put32(bytes, at + 4, words.w1);
    put32(bytes, at + 8, words.w2);
    put32(bytes, at + 12, words.w3);
  }
}
