/**
 * IPv4 addresses in the loose form that iptables reads wherever it accepts no name: octets decimal, 0x hexadecimal or
 * 0 octal, and missing octets at the end zero, so that `10.1` is 10.1.0.0. (inet_aton(3) would say 10.0.0.1.)
 * Source: libxtables/xtables.c, xtables_numeric_to_ipaddr().
 */
import { type Address, type Family, type Ipv4, parseAddress } from "../net/index.ts";
import { wholeNumber } from "./numbers.ts";

/** iptables cuts the text off behind so many characters, which can only be a mistake. */
const MAX_LENGTH = 19;

/** @returns undefined if the text is no such address. */
export function parseOctets(text: string): Ipv4 | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  const parts = text.split(".");
  if (parts.length > 4) return undefined;
  let address = 0;
  for (let index = 0; index < 4; index++) {
    const part = parts[index];
    const octet = part === undefined ? 0 : wholeNumber(part, 0, 255);
    if (octet === undefined) return undefined;
    address = address * 256 + octet;
  }
  return address;
}

/** An address in numbers: IPv4 by octets, IPv6 in its usual text. */
export function parseNumericAddress(text: string, family: Family): Address | undefined {
  return family === "ipv4" ? parseOctets(text) : parseAddress(text, family);
}
