/**
 * Address operands of extensions. A host name is refused: a ruleset must not depend on what DNS answers at load
 * time.
 */
import {
  type Address,
  addressBits,
  type Family,
  isPrefixLength,
  parseAddress,
  prefixMask,
  printAddress,
} from "../net/index.ts";
import type { ValueParser } from "./contract.ts";
import { wholeNumber } from "./numbers.ts";
import { type Refusal, refuse } from "./refusal.ts";

const EXAMPLE: Readonly<Record<Family, string>> = { ipv4: "192.0.2.1", ipv6: "2001:db8::1" };

/** Why `text` is not an address of `family`, with the reason for names. */
export function refuseHost(text: string, family: Family): Refusal {
  const other = parseAddress(text, family === "ipv4" ? "ipv6" : "ipv4");
  if (other !== undefined) {
    const is = family === "ipv4" ? "IPv6" : "IPv4";
    return refuse(
      "xt/wrong-family",
      `"${text}" is an ${is} address in an ${is === "IPv6" ? "IPv4" : "IPv6"} rule`,
      `write an address such as ${EXAMPLE[family]}`,
    );
  }
  if (family === "ipv4" && /^0x[0-9a-f]{1,8}$/i.test(text)) {
    const dotted = printAddress(Number(text));
    return refuse(
      "xt/bad-address",
      `"${text}" is a number, which iptables takes for ${dotted}`,
      `write ${dotted}`,
    );
  }
  if (/^[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?$/.test(text) && /[A-Za-z]/.test(text)) {
    return refuse(
      "xt/host-name",
      `"${text}" is a host name; a policy must not depend on what DNS answers at load time`,
      `write its address, such as ${EXAMPLE[family]}`,
    );
  }
  return refuse(
    "xt/bad-address",
    `"${text}" is not an ${family === "ipv4" ? "IPv4" : "IPv6"} address`,
    `write an address such as ${EXAMPLE[family]}`,
  );
}

/** One address of the rule's family. */
export const host: ValueParser<Address> = (text, { family }) =>
  parseAddress(text, family) ?? refuseHost(text, family);

/** A prefix length, or a mask written as an address of any shape. */
export function parseMask(text: string, family: Family): Address | Refusal {
  const bits = wholeNumber(text, 0, addressBits(family));
  if (bits !== undefined && isPrefixLength(family, bits)) return prefixMask(family, bits);
  const mask = parseAddress(text, family);
  if (mask !== undefined) return mask;
  return refuse(
    "xt/bad-mask",
    `"${text}" is not a mask`,
    `write a length from 0 to ${addressBits(family)}, or a mask such as ${family === "ipv4" ? "255.255.255.0" : "ffff:ffff::"}`,
  );
}
