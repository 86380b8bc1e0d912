/**
 * Addresses as plain numbers: an IPv4 address is a `number` (unsigned, 32 bits), an IPv6 address a `bigint`
 * (unsigned, 128 bits), so that both compare with `===` and `<`, serve as Map keys and cost no object.
 * Decision record 0001 has the reasons.
 */
export type Family = "ipv4" | "ipv6";
export const FAMILIES: readonly Family[] = ["ipv4", "ipv6"];

export type Ipv4 = number;
export type Ipv6 = bigint;
export type Address = Ipv4 | Ipv6;

/** Every bit of an address set, by family. */
export const IPV4_ALL_ONES: Ipv4 = 0xffffffff;
export const IPV6_ALL_ONES: Ipv6 = (1n << 128n) - 1n;

export function familyOf(address: Address): Family {
  return typeof address === "number" ? "ipv4" : "ipv6";
}

/** Address length in bits. */
export function addressBits(family: Family): 32 | 128 {
  return family === "ipv4" ? 32 : 128;
}

/**
 * Strict dotted quad, as inet_pton(3) reads it: four decimal numbers, each at most 255 and without
 * leading zeros.
 * @returns undefined if the text is anything else.
 */
export function parseIpv4(text: string): Ipv4 | undefined {
  const end = text.length;
  if (end < 7 || end > 15) return undefined;
  let value = 0;
  let octet = -1;
  let dots = 0;
  let digits = 0;
  for (let at = 0; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code === 46) {
      if (octet < 0 || ++dots > 3) return undefined;
      value = value * 256 + octet;
      octet = -1;
      digits = 0;
    } else if (code >= 48 && code <= 57) {
      if (octet === 0) return undefined;
      octet = octet < 0 ? code - 48 : octet * 10 + (code - 48);
      if (octet > 255 || ++digits > 3) return undefined;
    } else return undefined;
  }
  return dots === 3 && octet >= 0 ? value * 256 + octet : undefined;
}

/** Octets as text, and the same with a dot behind: addresses are printed by the hundred thousand. */
const OCTETS: readonly string[] = Array.from({ length: 256 }, (_, octet) => `${octet}`);
const DOTTED: readonly string[] = OCTETS.map((octet) => `${octet}.`);

export function printIpv4(address: Ipv4): string {
  return (
    (DOTTED[address >>> 24] as string) +
    (DOTTED[(address >>> 16) & 255] as string) +
    (DOTTED[(address >>> 8) & 255] as string) +
    (OCTETS[address & 255] as string)
  );
}

/**
 * RFC 4291 section 2.2 text, with `::` and an embedded dotted quad in the last 32 bits.
 * @returns undefined if the text is anything else (a scope such as `%eth0` included).
 */
export function parseIpv6(text: string): Ipv6 | undefined {
  let tail = text;
  let quad: Ipv4 | undefined;
  if (text.includes(".")) {
    const colon = text.lastIndexOf(":");
    quad = parseIpv4(text.slice(colon + 1));
    if (colon < 0 || quad === undefined) return undefined;
    tail = `${text.slice(0, colon + 1)}0:0`;
  }
  const halves = tail.split("::");
  if (halves.length > 2) return undefined;
  const head = parseGroups(halves[0] as string);
  const rest = halves.length === 2 ? parseGroups(halves[1] as string) : [];
  if (head === undefined || rest === undefined) return undefined;
  const missing = 8 - head.length - rest.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  let value = 0n;
  for (const group of [...head, ...new Array<number>(missing).fill(0), ...rest])
    value = (value << 16n) | BigInt(group);
  return quad === undefined ? value : value | BigInt(quad);
}

function parseGroups(text: string): number[] | undefined {
  if (text === "") return [];
  const groups: number[] = [];
  for (const group of text.split(":")) {
    if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return undefined;
    groups.push(Number.parseInt(group, 16));
  }
  return groups;
}

/**
 * As inet_ntop(3) prints: lower case, the first longest run of two or more zero groups as `::`, IPv4-compatible
 * and IPv4-mapped addresses with a dotted quad.
 */
export function printIpv6(address: Ipv6): string {
  const groups: number[] = [];
  for (let shift = 112n; shift >= 0n; shift -= 16n) groups.push(Number((address >> shift) & 0xffffn));
  let bestStart = -1;
  let bestLength = 1;
  for (let start = 0; start < 8; start++) {
    let length = 0;
    while (start + length < 8 && groups[start + length] === 0) length++;
    if (length > bestLength) {
      bestStart = start;
      bestLength = length;
    }
  }
  const mapped = bestStart === 0 && (bestLength === 6 || (bestLength === 5 && groups[5] === 0xffff));
  if (mapped) {
    const quad = printIpv4(Number(address & 0xffffffffn));
    return bestLength === 6 ? `::${quad}` : `::ffff:${quad}`;
  }
  const hex = (part: readonly number[]): string => part.map((group) => group.toString(16)).join(":");
  if (bestStart < 0) return hex(groups);
  return `${hex(groups.slice(0, bestStart))}::${hex(groups.slice(bestStart + bestLength))}`;
}

/** One address of a known family. */
export function parseAddress(text: string, family: Family): Address | undefined {
  return family === "ipv4" ? parseIpv4(text) : parseIpv6(text);
}

export function printAddress(address: Address): string {
  return typeof address === "number" ? printIpv4(address) : printIpv6(address);
}
