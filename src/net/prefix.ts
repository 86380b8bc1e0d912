import {
  type Address,
  addressBits,
  type Family,
  IPV4_ALL_ONES,
  IPV6_ALL_ONES,
  type Ipv4,
  type Ipv6,
} from "./address.ts";

/** `address/length`; the bits of `address` beyond `prefixBits` are zero. */
export interface Prefix {
  readonly address: Address;
  readonly prefixBits: number;
}

/**
 * An address under a mask of any shape, the kernel's `struct in_addr src, smsk`. The mask need not be a prefix:
 * iptables takes `10.0.0.1/255.0.0.255`. Bits of `address` outside `mask` are zero.
 */
export interface MaskedAddress {
  readonly address: Address;
  readonly mask: Address;
}

/** The mask of the first `prefixBits` bits. */
export function ipv4Mask(prefixBits: number): Ipv4 {
  return prefixBits === 0 ? 0 : (IPV4_ALL_ONES << (32 - prefixBits)) >>> 0;
}

const IPV6_MASKS: readonly Ipv6[] = Array.from(
  { length: 129 },
  (_, bits) => (IPV6_ALL_ONES << BigInt(128 - bits)) & IPV6_ALL_ONES,
);

export function ipv6Mask(prefixBits: number): Ipv6 {
  return IPV6_MASKS[prefixBits] as Ipv6;
}

export function prefixMask(family: Family, prefixBits: number): Address {
  return family === "ipv4" ? ipv4Mask(prefixBits) : ipv6Mask(prefixBits);
}

/** @returns the prefix length of a mask of leading ones, undefined for a mask with holes. */
export function maskBits(mask: Address): number | undefined {
  if (typeof mask === "number") {
    const bits = 32 - Math.clz32(~mask >>> 0);
    const length = 32 - bits;
    return ipv4Mask(length) === mask ? length : undefined;
  }
  if (mask === IPV6_ALL_ONES) return 128;
  const length = IPV6_MASKS.indexOf(mask);
  return length < 0 ? undefined : length;
}

export function withMask(address: Address, mask: Address): Address {
  return typeof address === "number" ? (address & (mask as Ipv4)) >>> 0 : address & (mask as Ipv6);
}

/** A prefix length that the family has room for. */
export function isPrefixLength(family: Family, prefixBits: number): boolean {
  return Number.isInteger(prefixBits) && prefixBits >= 0 && prefixBits <= addressBits(family);
}
