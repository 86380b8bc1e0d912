/** What people type where a packet is wanted, and what to type instead. */
import { parseIpv4, parseIpv6 } from "../net/index.ts";

/** @returns the advice, of several words; undefined if the word looks like nothing known. */
export function likelyMeant(text: string, next: string | undefined): string | undefined {
  // What is so long is no word of anybody's.
  if (text.length > LONGEST) return undefined;
  const zone = /^\[?([0-9a-f:]+)%([^\]]+)\]?$/i.exec(text);
  if (zone !== null) return `write the address without its zone, and "in ${zone[2]}": ${zone[1]}`;
  const prefix = /^([0-9a-f:.]+)\/\d+$/i.exec(text);
  if (prefix !== null && isAddress(prefix[1] as string))
    return `a packet has one address, not a prefix: write ${prefix[1]}`;
  if (/^(s|d|sport|dport|port)$/i.test(text) && /^\d+$/.test(next ?? ""))
    return `write the port behind its protocol or address: "tcp:${next}" or "192.0.2.10:${next}"`;
  if (/^-{1,2}[a-z]/i.test(text))
    return 'this is how iptables writes a rule; write the packet as "tcp 203.0.113.7 > 192.0.2.10:443"';
  if (/^[0-9.:]+$/.test(text)) return `"${text}" is no address; an IPv4 address has four numbers up to 255`;
  if (/^[a-z0-9_-]+(\.[a-z0-9_-]+)+(:\w+)?$/i.test(text))
    return "names are not looked up: write the address of the host";
  return undefined;
}

const LONGEST = 100;

const isAddress = (text: string): boolean =>
  (text.includes(":") ? parseIpv6(text) : parseIpv4(text)) !== undefined;
