/**
 * DiffServ code points, the upper six bits of the TOS byte (IPv4) or traffic class (IPv6), and the names of their
 * classes. Source: RFC 2474, RFC 2597, RFC 3246; extensions/dscp_helper.c.
 */
import type { ValueParser } from "./contract.ts";
import { refuse } from "./refusal.ts";

const CLASSES: ReadonlyMap<string, number> = new Map([
  ["be", 0],
  ...[0, 1, 2, 3, 4, 5, 6, 7].map((selector) => [`cs${selector}`, selector * 8] as const),
  ...[1, 2, 3, 4].flatMap((group) =>
    [1, 2, 3].map((drop) => [`af${group}${drop}`, group * 8 + drop * 2] as const),
  ),
  ["ef", 46],
]);

/** A class by name, in any case. iptables also takes text behind the name, and ignores it. */
export const dscpClass: ValueParser<number> = (text) =>
  CLASSES.get(text.toLowerCase()) ??
  refuse(
    "xt/unknown-keyword",
    `"${text}" is not a DiffServ class`,
    "write BE, EF, CS0 to CS7, or AF11 to AF43",
  );

/** `0x0a`, two digits at least. */
export function printDscp(dscp: number): string {
  return `0x${dscp.toString(16).padStart(2, "0")}`;
}
