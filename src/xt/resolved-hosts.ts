/**
 * Addresses and masks that iptables hands to getaddrinfo(3), which reads IPv4 as inet_aton(3) does: `0x` and `0` begin
 * hexadecimal and octal parts, and the last of fewer than four parts fills the rest, so that `10.1` is 10.0.0.1. (An
 * operand read by octets.ts would make it 10.1.0.0.) A mask must be a prefix: iptables silently takes any other for
 * all ones, so that `/33` and `/255.0.255.0` test the whole address; here they are refused.
 * Source: libxtables/xtoptions.c, xtopt_parse_host(), xtopt_parse_hostmask() and xtopt_parse_plen().
 */
import {
  type Address,
  addressBits,
  type Family,
  type Ipv4,
  type MaskedAddress,
  maskBits,
  parseIpv6,
  prefixMask,
  printAddress,
} from "../net/index.ts";
import type { ValueParser } from "./contract.ts";
import { refuseHost } from "./hosts.ts";
import { wholeNumber } from "./numbers.ts";
import { type Refusal, refuse } from "./refusal.ts";

/** One to four numbers between dots, as inet_aton(3) reads them; undefined for anything else. */
export function parseInetAton(text: string): Ipv4 | undefined {
  const parts = text.split(".");
  if (parts.length > 4) return undefined;
  let address = 0;
  for (const [index, part] of parts.entries()) {
    const first = part.charCodeAt(0);
    if (!(first >= 48 && first <= 57)) return undefined;
    const last = index === parts.length - 1;
    const value = wholeNumber(part, 0, last ? 2 ** (8 * (5 - parts.length)) - 1 : 255);
    if (value === undefined) return undefined;
    address = last ? address * 2 ** (8 * (5 - parts.length)) + value : address * 256 + value;
  }
  return address;
}

function parseResolved(text: string, family: Family): Address | undefined {
  return family === "ipv4" ? parseInetAton(text) : parseIpv6(text);
}

/** One address; a host name is refused. */
export const resolvedHost: ValueParser<Address> = (text, { family }) =>
  parseResolved(text, family) ?? refuseHost(text, family);

/** A prefix length, or a mask that is one. */
export const prefixLength: ValueParser<number> = (text, { family }) => {
  const length = wholeNumber(text, 0, addressBits(family));
  if (length !== undefined) return length;
  const mask = parseResolved(text, family);
  const bits = mask === undefined ? undefined : maskBits(mask);
  return bits ?? refuseMask(text, mask, family);
};

function refuseMask(text: string, mask: Address | undefined, family: Family): Refusal {
  const holes =
    mask === undefined ? "is not a mask" : "has holes, and iptables would test the whole address instead";
  const example = printAddress(prefixMask(family, family === "ipv4" ? 24 : 64));
  return refuse(
    "xt/bad-mask",
    `"${text}" ${holes}`,
    `write a length from 0 to ${addressBits(family)}, or a mask such as ${example}`,
  );
}

/** `address[/mask]`; the address keeps its bits outside the mask. */
export const resolvedHostWithMask: ValueParser<MaskedAddress> = (text, context) => {
  const { family } = context;
  const slash = text.indexOf("/");
  const address = resolvedHost(slash < 0 ? text : text.slice(0, slash), context);
  if (typeof address === "object") return address;
  const length = slash < 0 ? addressBits(family) : prefixLength(text.slice(slash + 1), context);
  return typeof length === "object" ? length : { address, mask: prefixMask(family, length) };
};

/** `10.0.0.1/8`; nothing after the address where the mask is all ones. */
export function printResolvedHost({ address, mask }: MaskedAddress): string {
  const bits = maskBits(mask) as number;
  return bits === (typeof mask === "number" ? 32 : 128)
    ? printAddress(address)
    : `${printAddress(address)}/${bits}`;
}
