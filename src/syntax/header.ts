/**
 * Operands of `-s`, `-d`, `-p`, `-i` and `-o`. Source: libxtables/xtables.c, xtables_ipparse_multiple(),
 * xtables_ip6parse_multiple(), xtables_parse_protocol(), xtables_parse_interface().
 */

import { byteLength, closest } from "../base/index.ts";
import {
  type Address,
  addressBits,
  type Family,
  ipv4Mask,
  type MaskedAddress,
  prefixMask,
  protocolByName,
  protocolName,
  withMask,
} from "../net/index.ts";
import { parseMask, refuseHost } from "../xt/hosts.ts";
import { wholeNumber } from "../xt/numbers.ts";
import { parseNumericAddress, parseOctets } from "../xt/octets.ts";
import { type Refusal, refuse } from "../xt/refusal.ts";

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
  if (number !== undefined) return number;
  const meant = closest(lower, NUMBERS.keys());
  return refuse(
    "xt/bad-protocol",
    `"${text}" is not a protocol`,
    `${meant === undefined ? "" : `did you mean "${meant}"? `}write a name such as tcp, or a number from 0 to 255`,
  );
}

/** The name that iptables-save prints for a protocol, or its number. */
export function printProtocol(number: number): string {
  return NAMES.get(number) ?? protocolName(number) ?? `${number}`;
}

/** IFNAMSIZ less the terminating zero byte. */
const INTERFACE_BYTES = 15;

/** An interface name, `+` at its end for any end. */
export function parseInterface(text: string): string | Refusal {
  if (text === "")
    return refuse(
      "xt/empty-interface",
      "the interface name is empty",
      "name the interface, or leave the option out",
    );
  if (byteLength(text) > INTERFACE_BYTES) {
    return refuse(
      "xt/interface-too-long",
      `the interface name "${text}" is longer than ${INTERFACE_BYTES} bytes`,
      "shorten it, or end it with +",
    );
  }
  return text;
}

/** `a[/mask]`, or a list `a[/mask],b[/mask]…`, as `-s` and `-d` take it; host bits are cleared. */
export function parseAddresses(text: string, family: Family): MaskedAddress | MaskedAddress[] | Refusal {
  if (!text.includes(",")) return parseMaskedAddress(text, family);
  const list: MaskedAddress[] = [];
  for (const item of text.split(",")) {
    const masked = parseMaskedAddress(item.trimStart(), family);
    if (!("address" in masked)) return masked;
    list.push(masked);
  }
  return list;
}

function parseMaskedAddress(text: string, family: Family): MaskedAddress | Refusal {
  if (family === "ipv4") {
    const plain = parsePlainPrefix(text);
    if (plain !== undefined) return plain;
  }
  const slash = text.lastIndexOf("/");
  const mask =
    slash < 0 ? prefixMask(family, addressBits(family)) : parseAddressMask(text.slice(slash + 1), family);
  if (typeof mask === "object") return mask;
  const name = slash < 0 ? text : text.slice(0, slash);
  // iptables reads nothing before a mask of zero bits, so that "any/0" works.
  const address = mask === 0 || mask === 0n ? mask : parseNumericAddress(name, family);
  if (address === undefined) return refuseHost(name, family);
  return { address: withMask(address, mask), mask };
}

/**
 * `a.b.c.d` or `a.b.c.d/length` in plain decimal, in one pass: nearly every operand of a large ruleset.
 * @returns undefined for everything else, which takes the long way.
 */
function parsePlainPrefix(text: string): MaskedAddress | undefined {
  const end = text.length;
  let address = 0;
  let number = -1;
  let dots = 0;
  let slash = false;
  for (let at = 0; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code >= 48 && code <= 57) {
      // A leading zero means octal.
      if (number === 0) return undefined;
      number = number < 0 ? code - 48 : number * 10 + code - 48;
      if (number > 255) return undefined;
    } else if ((code === 46 && !slash) || (code === 47 && !slash)) {
      if (number < 0) return undefined;
      address = address * 256 + number;
      number = -1;
      if (code === 46) dots++;
      else slash = true;
    } else return undefined;
  }
  if (dots !== 3 || number < 0) return undefined;
  if (!slash) return { address: address * 256 + number, mask: 0xffffffff };
  if (number > 32) return undefined;
  const mask = ipv4Mask(number);
  return { address: (address & mask) >>> 0, mask };
}

function parseAddressMask(text: string, family: Family): Address | Refusal {
  // Three dots make it a mask of octets; fewer would complete a network, which a mask is not.
  if (family === "ipv4" && text.split(".").length === 4) {
    const mask = parseOctets(text);
    if (mask !== undefined) return mask;
  }
  return parseMask(text, family);
}
