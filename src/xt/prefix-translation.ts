/**
 * IPv6-to-IPv6 network prefix translation (RFC 6296): what the targets DNPT and SNPT share.
 *
 *     --src-pfx prefix/length
 *     --dst-pfx prefix/length
 *
 * Both prefixes speak of the address that the target rewrites: the source prefix is what it has, the destination
 * prefix what it gets. One word of the rest changes too, so that transport checksums stay right without being touched.
 * Stateless: connection tracking knows nothing of it. Source: extensions/libip6t_DNPT.c and libip6t_SNPT.c. Kernel:
 * net/ipv6/netfilter/ip6t_NPT.c, ip6t_npt_checkentry().
 */
import {
  type AddressWords,
  type MaskedAddress,
  maskBits,
  printAddress,
  put16,
  readWords,
  toWords,
  withMask,
} from "../net/index.ts";
import { type Given, required, type ValueParser } from "./contract.ts";
import type { TargetAction } from "./evaluation.ts";
import { type Refusal, refuse } from "./refusal.ts";
import { resolvedHostWithMask } from "./resolved-hosts.ts";

export interface PrefixTranslation {
  readonly source: MaskedAddress;
  readonly destination: MaskedAddress;
}

/** The kernel's limit: the interface part of an address must have room for the checksum. */
const MAX_BITS = 64;

/** iptables-save leaves `::/0` out, and the rest of the rule could then not be restored. */
const prefix: ValueParser<MaskedAddress> = (text, context) => {
  const parsed = resolvedHostWithMask(text, context);
  if ("address" in parsed && parsed.mask === 0n && parsed.address === 0n) {
    return refuse(
      "xt/bad-address",
      `the prefix "${text}" is empty, and iptables-save would drop it`,
      "write a prefix of 1 to 64 bits",
    );
  }
  return parsed;
};

export const translationOptions = {
  "--src-pfx": required(prefix, { operand: "prefix/length" }),
  "--dst-pfx": required(prefix, { operand: "prefix/length" }),
};

export function buildTranslation(given: Given<typeof translationOptions>): PrefixTranslation {
  return { source: given["--src-pfx"].value, destination: given["--dst-pfx"].value };
}

export function printTranslation({ source, destination }: PrefixTranslation): string {
  return `--src-pfx ${printPrefix(source)} --dst-pfx ${printPrefix(destination)}`;
}

function printPrefix({ address, mask }: MaskedAddress): string {
  return `${printAddress(address)}/${maskBits(mask)}`;
}

export function checkTranslation({ source, destination }: PrefixTranslation): Refusal | undefined {
  for (const each of [source, destination]) {
    const network = withMask(each.address, each.mask);
    if ((maskBits(each.mask) ?? 0) > MAX_BITS) {
      return refuse(
        "xt/bad-mask",
        `the prefix ${printPrefix(each)} is longer than ${MAX_BITS} bits`,
        `write a length from 1 to ${MAX_BITS}`,
      );
    }
    if (network !== each.address) {
      return refuse(
        "xt/bad-address",
        `${printPrefix(each)} has bits set beyond the prefix`,
        `write ${printPrefix({ ...each, address: network })}`,
      );
    }
  }
  return undefined;
}

/**
 * Rewrites one address of the packet from one prefix to the other, without state and so that the checksum stays right:
 * a word of the address takes up the difference (RFC 6296). Kernel: net/ipv6/netfilter/ip6t_NPT.c.
 */
export function translatePrefix(side: "source" | "destination", info: PrefixTranslation): TargetAction {
  const from = toWords(info.source.address);
  const to = toWords(info.destination.address);
  const fromBits = maskBits(info.source.mask) ?? 128;
  const toBits = maskBits(info.destination.mask) ?? 128;
  const longer = Math.max(fromBits, toBits);
  const halves = ({ w0, w1, w2, w3 }: AddressWords): number[] =>
    [w0, w1, w2, w3].flatMap((word) => [word >>> 16, word & 0xffff]);
  const sum = (parts: readonly number[]): number => {
    let total = parts.reduce((all, part) => all + part, 0);
    while (total > 0xffff) total = (total & 0xffff) + (total >>> 16);
    return total;
  };
  const adjustment = sum([sum(halves(from)), ~sum(halves(to)) & 0xffff]);
  return (skb) => {
    const at = side === "source" ? 8 : 24;
    const parts = halves(readWords("ipv6", skb.bytes, at));
    const prefix = halves(to);
    for (let bit = 0; bit < toBits; bit += 16) {
      const index = bit / 16;
      const mask = toBits - bit >= 16 ? 0xffff : (0xffff << (16 - (toBits - bit))) & 0xffff;
      parts[index] = ((parts[index] as number) & ~mask & 0xffff) | ((prefix[index] as number) & mask);
    }
    let index = longer <= 48 ? 3 : 4;
    if (longer > 48) while (index < 8 && parts[index] === 0xffff) index++;
    if (index >= 8) return "drop";
    const adjusted = sum([parts[index] as number, adjustment]);
    parts[index] = adjusted === 0xffff ? 0 : adjusted;
    for (const [place, part] of parts.entries()) put16(skb.bytes, at + 2 * place, part);
    return "continue";
  };
}
