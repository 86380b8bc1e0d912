/** The element syntax of ipset(8): `192.0.2.0/24,tcp:80-90,physdev:eth0` and the like, part by part. */
import {
  type Address,
  addressBits,
  type Family,
  familyOf,
  IPV4_ALL_ONES,
  IPV6_ALL_ONES,
  maskBits,
  PROTOCOL,
  parseAddress,
  parseIpv4,
  parseIpv6,
  prefixMask,
  printAddress,
  protocolByName,
  protocolName,
  servicePort,
  withMask,
} from "../net/index.ts";
import type { PartKind } from "./ipset.ts";
import { decimal, integer, UINT32_MAX } from "./words.ts";

export type ElementPart =
  /** Addresses from `first` to `last`, both included; a prefix is the range that it covers. */
  | { readonly kind: "ip"; readonly first: Address; readonly last: Address }
  /** `protocol` is absent in bitmap:port, where the number alone counts. */
  | { readonly kind: "port"; readonly protocol?: number; readonly first: number; readonly last: number }
  /** ICMP or ICMPv6, by `protocol`. */
  | { readonly kind: "icmp"; readonly protocol: number; readonly type: number; readonly code: number }
  | { readonly kind: "mac"; readonly mac: string }
  | { readonly kind: "mark"; readonly mark: number }
  /** `physdev:` is the port of the bridge that the packet came through. */
  | { readonly kind: "iface"; readonly name: string; readonly physdev: boolean }
  | { readonly kind: "set"; readonly name: string };

/** What to write, by kind of part, for a message. */
export const PART_EXPECTED: Readonly<Record<PartKind, string>> = {
  ip: "an address, a prefix or a range `192.0.2.1-192.0.2.9`",
  net: "a prefix, an address or a range `192.0.2.1-192.0.2.9`",
  port: "a port such as `tcp:80`, `udp:1000-2000` or `icmp:echo-request`",
  mac: "a MAC address such as `00:53:00:12:34:56`",
  mark: "a mark such as `0x63`",
  iface: "an interface of at most 15 characters, `eth0` or `physdev:eth0`",
  set: "the name of a set",
};

/** @returns undefined if the text is no part of this kind. */
export function parseElementPart(
  kind: PartKind,
  text: string,
  family: Family,
  protocolFree: boolean,
): ElementPart | undefined {
  switch (kind) {
    case "ip":
    case "net":
      return parseAddresses(text, family);
    case "port":
      return protocolFree ? parsePlainPorts(text) : parseProtocolPorts(text);
    case "mac":
      return /^([0-9a-f]{1,2}:){5}[0-9a-f]{1,2}$/i.test(text) ? { kind, mac: canonicalMac(text) } : undefined;
    case "mark": {
      const mark = integer(text, UINT32_MAX);
      return mark === undefined ? undefined : { kind, mark };
    }
    case "iface": {
      const physdev = text.startsWith("physdev:");
      const name = physdev ? text.slice("physdev:".length) : text;
      return name === "" || name.length > 15 ? undefined : { kind, name, physdev };
    }
    case "set":
      return text === "" || text.length > 31 ? undefined : { kind, name: text };
  }
}

/** ipset prints upper case. */
function canonicalMac(text: string): string {
  return text
    .split(":")
    .map((byte) => byte.padStart(2, "0").toUpperCase())
    .join(":");
}

/** ipset takes a range with its ends exchanged and sorts them; we copy that. */
export function parseAddresses(text: string, family?: Family): ElementPart | undefined {
  const parse = (part: string): Address | undefined => {
    // Brackets keep an IPv6 address apart from what follows: `[2001:db8::1],tcp:80`.
    const bare = part.startsWith("[") && part.endsWith("]") ? part.slice(1, -1) : part;
    return family === undefined ? (parseIpv4(bare) ?? parseIpv6(bare)) : parseAddress(bare, family);
  };
  const [low = "", high, ...more] = text.split("-");
  if (more.length > 0) return undefined;
  if (high !== undefined) {
    const first = parse(low);
    const last = parse(high);
    if (first === undefined || last === undefined || familyOf(first) !== familyOf(last)) return undefined;
    return first <= last ? { kind: "ip", first, last } : { kind: "ip", first: last, last: first };
  }
  const [host = "", length, ...rest] = text.split("/");
  const address = parse(host);
  if (address === undefined || rest.length > 0) return undefined;
  const bits = addressBits(familyOf(address));
  const prefixBits = length === undefined ? bits : decimal(length, bits);
  return prefixBits === undefined ? undefined : prefixPart(address, prefixBits);
}

function prefixPart(address: Address, prefixBits: number): ElementPart {
  const mask = prefixMask(familyOf(address), prefixBits);
  const first = withMask(address, mask);
  const last =
    typeof first === "number"
      ? first + (IPV4_ALL_ONES - Number(mask))
      : first + (IPV6_ALL_ONES - BigInt(mask));
  return { kind: "ip", first, last };
}

function parsePlainPorts(text: string): ElementPart | undefined {
  const range = portRange(text.slice(text.indexOf(":") + 1), undefined);
  return range === undefined ? undefined : { kind: "port", ...range };
}

/** Without a protocol a port is TCP's. Protocols without ports are written with port 0. */
function parseProtocolPorts(text: string): ElementPart | undefined {
  const colon = text.indexOf(":");
  if (colon < 0) {
    const range = portRange(text, "tcp");
    return range === undefined ? undefined : { kind: "port", protocol: PROTOCOL.tcp, ...range };
  }
  const name = text.slice(0, colon);
  const rest = text.slice(colon + 1);
  const protocol = name === "icmpv6" ? PROTOCOL.icmpv6 : (decimal(name, 255) ?? protocolByName(name));
  if (protocol === undefined) return undefined;
  if (protocol === PROTOCOL.icmp || protocol === PROTOCOL.icmpv6) {
    const numbers =
      /^([0-9]{1,3})\/([0-9]{1,3})$/.exec(rest)?.slice(1).map(Number) ??
      ICMP_NAMES.get(`${protocol} ${rest}`);
    const [type = 256, code = 256] = numbers ?? [];
    return type > 255 || code > 255 ? undefined : { kind: "icmp", protocol, type, code };
  }
  const range = portRange(rest, protocolName(protocol));
  return range === undefined ? undefined : { kind: "port", protocol, ...range };
}

function portRange(text: string, protocol: string | undefined): { first: number; last: number } | undefined {
  const port = (part: string): number | undefined => decimal(part, 65535) ?? servicePort(part, protocol);
  // A service name may hold a hyphen: `ftp-data`.
  const named = port(text);
  if (named !== undefined) return { first: named, last: named };
  const [low = "", high = "", ...more] = text.split("-");
  const one = port(low);
  const two = port(high);
  if (one === undefined || two === undefined || more.length > 0) return undefined;
  return { first: Math.min(one, two), last: Math.max(one, two) };
}

export function printElementParts(parts: readonly ElementPart[]): string {
  return parts.map(printPart).join(",");
}

function printPart(part: ElementPart): string {
  switch (part.kind) {
    case "ip":
      return printAddresses(part.first, part.last);
    case "port": {
      const ports = part.first === part.last ? `${part.first}` : `${part.first}-${part.last}`;
      return part.protocol === undefined ? ports : `${protocolName(part.protocol) ?? part.protocol}:${ports}`;
    }
    case "icmp": {
      const name = ICMP_NAME_OF.get(`${part.protocol} ${part.type}/${part.code}`);
      return `${protocolName(part.protocol)}:${name ?? `${part.type}/${part.code}`}`;
    }
    case "mac":
      return part.mac;
    case "mark":
      return `0x${part.mark.toString(16).padStart(8, "0")}`;
    case "iface":
      return part.physdev ? `physdev:${part.name}` : part.name;
    case "set":
      return part.name;
  }
}

/** A single address bare, a prefix as a prefix, anything else as a range. */
function printAddresses(first: Address, last: Address): string {
  if (first === last) return printAddress(first);
  const mask =
    typeof first === "number"
      ? (first ^ Number(last) ^ IPV4_ALL_ONES) >>> 0
      : first ^ BigInt(last) ^ IPV6_ALL_ONES;
  const bits = maskBits(mask);
  const aligned = bits !== undefined && withMask(first, mask) === first;
  return aligned ? `${printAddress(first)}/${bits}` : `${printAddress(first)}-${printAddress(last)}`;
}

/** `protocol name type/code` for every name that ipset 7.17 takes and prints; the second of a pair is only read. */
const ICMP_TABLE: readonly string[] = [
  "1 echo-reply 0/0",
  "1 pong 0/0",
  "1 network-unreachable 3/0",
  "1 host-unreachable 3/1",
  "1 protocol-unreachable 3/2",
  "1 port-unreachable 3/3",
  "1 fragmentation-needed 3/4",
  "1 source-route-failed 3/5",
  "1 network-unknown 3/6",
  "1 host-unknown 3/7",
  "1 network-prohibited 3/9",
  "1 host-prohibited 3/10",
  "1 TOS-network-unreachable 3/11",
  "1 TOS-host-unreachable 3/12",
  "1 communication-prohibited 3/13",
  "1 host-precedence-violation 3/14",
  "1 precedence-cutoff 3/15",
  "1 source-quench 4/0",
  "1 network-redirect 5/0",
  "1 host-redirect 5/1",
  "1 TOS-network-redirect 5/2",
  "1 TOS-host-redirect 5/3",
  "1 echo-request 8/0",
  "1 ping 8/0",
  "1 router-advertisement 9/0",
  "1 router-solicitation 10/0",
  "1 ttl-zero-during-transit 11/0",
  "1 ttl-zero-during-reassembly 11/1",
  "1 ip-header-bad 12/0",
  "1 required-option-missing 12/1",
  "1 timestamp-request 13/0",
  "1 timestamp-reply 14/0",
  "1 address-mask-request 17/0",
  "1 address-mask-reply 18/0",
  "58 no-route 1/0",
  "58 communication-prohibited 1/1",
  "58 address-unreachable 1/3",
  "58 port-unreachable 1/4",
  "58 packet-too-big 2/0",
  "58 ttl-zero-during-transit 3/0",
  "58 ttl-zero-during-reassembly 3/1",
  "58 bad-header 4/0",
  "58 unknown-header-type 4/1",
  "58 unknown-option 4/2",
  "58 echo-request 128/0",
  "58 ping 128/0",
  "58 echo-reply 129/0",
  "58 pong 129/0",
  "58 router-solicitation 133/0",
  "58 router-advertisement 134/0",
  "58 neighbour-solicitation 135/0",
  "58 neighbour-advertisement 136/0",
  "58 redirect 137/0",
];
const ICMP_NAMES = new Map<string, readonly number[]>();
const ICMP_NAME_OF = new Map<string, string>();
for (const row of ICMP_TABLE) {
  const [protocol = "", name = "", numbers = ""] = row.split(" ");
  ICMP_NAMES.set(`${protocol} ${name}`, numbers.split("/").map(Number));
  if (!ICMP_NAME_OF.has(`${protocol} ${numbers}`)) ICMP_NAME_OF.set(`${protocol} ${numbers}`, name);
}
