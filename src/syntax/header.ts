/**
 * Operands of `-s`, `-d`, `-p`, `-i` and `-o`. Source: libxtables/xtables.c, xtables_ipparse_multiple(),
 * xtables_ip6parse_multiple(), xtables_parse_protocol(), xtables_parse_interface().
 */
import {
  type Address,
  addressBits,
  type Family,
  type MaskedAddress,
  parseAddress,
  parseIpv4,
  prefixMask,
  protocolByName,
  protocolName,
  withMask,
} from "../net/index.ts";
import { parseMask, refuseHost } from "../xt/hosts.ts";
import { wholeNumber } from "../xt/numbers.ts";
import { type Refusal, refuse } from "../xt/refusal.ts";
import { byteLength } from "../xt/strings.ts";

/** Names that iptables knows before it asks /etc/protocols, the printed one of a number first. */
const BUILT_IN_PROTOCOLS: readonly (readonly [string, number])[] = [
  ["tcp", 6],
  ["sctp", 132],
  ["udp", 17],
  ["udplite", 136],
  ["icmp", 1],
  ["ipv6-icmp", 58],
  ["icmpv6", 58],
  ["esp", 50],
  ["ah", 51],
  ["mobility-header", 135],
  ["ipv6-mh", 135],
  ["mh", 135],
  ["all", 0],
];
const NUMBERS = new Map(BUILT_IN_PROTOCOLS);
const NAMES = new Map([...BUILT_IN_PROTOCOLS].reverse().map(([name, number]) => [number, name]));

/** A protocol's number; the name is read without regard to case. */
export function parseProtocol(text: string): number | Refusal {
  const known = NUMBERS.get(text);
  if (known !== undefined) return known;
  const lower = text.toLowerCase();
  const number = wholeNumber(lower, 0, 255) ?? NUMBERS.get(lower) ?? protocolByName(lower);
  return number ?? refuse("xt/bad-protocol", `"${text}" is not a protocol`, "write a name such as tcp, or a number from 0 to 255");
}

/** The name that iptables-save prints for a protocol, or its number. */
export function printProtocol(number: number): string {
  return NAMES.get(number) ?? protocolName(number) ?? `${number}`;
}

/** IFNAMSIZ less the terminating zero byte. */
const INTERFACE_BYTES = 15;

/** An interface name, `+` at its end for any end. */
export function parseInterface(text: string): string | Refusal {
  if (text === "") return refuse("xt/empty-interface", "the interface name is empty", "name the interface, or leave the option out");
  if (byteLength(text) > INTERFACE_BYTES) {
    return refuse("xt/interface-too-long", `the interface name "${text}" is longer than ${INTERFACE_BYTES} bytes`, "shorten it, or end it with +");
  }
  return text;
}

/** A list `a[/mask],b[/mask]…` as `-s` and `-d` take it, host bits cleared. */
export function parseAddressList(text: string, family: Family): readonly MaskedAddress[] | Refusal {
  if (!text.includes(",")) {
    const only = parseMaskedAddress(text, family);
    return "address" in only ? [only] : only;
  }
  const list: MaskedAddress[] = [];
  for (const item of text.split(",")) {
    const masked = parseMaskedAddress(item.trimStart(), family);
    if (!("address" in masked)) return masked;
    list.push(masked);
  }
  return list;
}

function parseMaskedAddress(text: string, family: Family): MaskedAddress | Refusal {
  const slash = text.lastIndexOf("/");
  const mask = slash < 0 ? prefixMask(family, addressBits(family)) : parseAddressMask(text.slice(slash + 1), family);
  if (typeof mask === "object") return mask;
  const name = slash < 0 ? text : text.slice(0, slash);
  // iptables reads nothing before a mask of zero bits, so that "any/0" works.
  const address = mask === 0 || mask === 0n ? mask : parseNetwork(name, family);
  if (address === undefined) return refuseHost(name, family);
  return { address: withMask(address, mask), mask };
}

function parseAddressMask(text: string, family: Family): Address | Refusal {
  if (family === "ipv4" && text.includes(".")) {
    const mask = parseOctets(text, false);
    if (mask !== undefined) return mask;
  }
  return parseMask(text, family);
}

function parseNetwork(text: string, family: Family): Address | undefined {
  return family === "ipv4" ? (parseIpv4Strict(text) ?? parseOctets(text, true)) : parseAddress(text, family);
}

/** A dotted quad without leading zeros, which would mean octal here. */
function parseIpv4Strict(text: string): Address | undefined {
  return /(^|\.)0[0-9xX]/.test(text) ? undefined : parseIpv4(text);
}

/** `10`, `10.1` and `10.1.2` stand for networks; octets may be octal or hexadecimal. */
function parseOctets(text: string, complete: boolean): number | undefined {
  const parts = text.split(".");
  if (parts.length > 4 || (parts.length < 4 && !complete)) return undefined;
  let address = 0;
  for (let index = 0; index < 4; index++) {
    const octet = index < parts.length ? wholeNumber(parts[index] as string, 0, 255) : 0;
    if (octet === undefined) return undefined;
    address = address * 256 + octet;
  }
  return address;
}
