/**
 * ICMP messages that this host sends. Kernel: net/ipv4/icmp.c, __icmp_send(), icmp_reply(); net/ipv6/icmp.c,
 * icmp6_send(), icmpv6_echo_reply(). RFC 792, RFC 1122 section 3.2.2, RFC 4443.
 */
import {
  type AddressWords,
  checksum,
  NO_ADDRESS,
  PROTOCOL,
  put16,
  put32,
  readWords,
  sameWords,
  writeWords,
} from "../../net/index.ts";
import { CT_INFO, isReply } from "../../xt/index.ts";
import { writeTransportChecksum } from "../checksums.ts";
import { ownHopLimit } from "../hop-count.ts";
import type { Host } from "../host.ts";
import { echoOptions, withOptions } from "../ip-options.ts";
import { type Destination, Packet } from "../packet.ts";
import { localOut } from "../path.ts";
import { flowTo, isLinkLocal } from "../routing/fib.ts";
import { linkScoped } from "../routing/input-route.ts";
import { type OutputRoute, routeOutput } from "../routing/output-route.ts";
import { toJiffies } from "./rate-limits.ts";

export interface IcmpError {
  readonly type: number;
  readonly code: number;
  /** The second word: MTU, gateway, or 0. */
  readonly info: number;
}

/** What is never answered with an error: errors, router discovery, and types without a meaning. */
const IPV4_ERROR_TYPES: ReadonlySet<number> = new Set([1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12]);
/** The default net.ipv4.icmp_ratemask, as types. */
const LIMITED_IPV4_TYPES: ReadonlySet<number> = new Set([3, 4, 11, 12]);
const DEFAULT_RATE_LIMIT_MS = 1000;
/** Of Linux 6.18; before, one second, and less for wider prefixes. */
const IPV6_RATE_LIMIT_MS = 100;
/** An IPv4 error quotes so much of the packet that it has this length; RFC 1812 section 4.3.2.3. */
const IPV4_ERROR_LENGTH = 576;
const IPV6_MIN_MTU = 1280;

/** Answers `cause` with an error, unless it is one that must not be answered. */
export function sendIcmpError(host: Host, cause: Packet, error: IcmpError): void {
  if (cause.family === "ipv4") sendIpv4Error(host, cause, error);
  else sendIpv6Error(host, cause, error);
}

function sendIpv4Error(host: Host, cause: Packet, { type, code, info }: IcmpError): void {
  const { bytes } = cause;
  const destination = cause.destination;
  if (destination?.kind === "broadcast" || destination?.kind === "multicast") return;
  if (cause.packetType !== "host" && cause.packetType !== "outgoing" && cause.packetType !== "loopback")
    return;
  if (cause.fragmentOffset !== 0) return;
  if (bytes[9] === PROTOCOL.icmp) {
    const inner = bytes[cause.transport];
    if (inner === undefined || inner > 18 || IPV4_ERROR_TYPES.has(inner)) return;
  }
  if (host.sendingIcmp.ipv4) return;
  const source = readWords("ipv4", bytes, 12);
  const own = destination?.kind === "local" || cause.local ? readWords("ipv4", bytes, 16) : NO_ADDRESS;
  const inbound =
    !cause.local && host.sysctls.number("net.ipv4.icmp_errors_use_inbound_ifaddr", 0) !== 0
      ? (host.network.sourceAddress("ipv4", cause.inDevice, source) ?? NO_ADDRESS)
      : NO_ADDRESS;
  const from = destination?.kind === "local" ? own : inbound;
  const route = routeOutput(host, "ipv4", {
    ...flowTo(source, from),
    tos: (((bytes[1] as number) & 0x1e) | 0xc0) & 0xfc,
    protocol: PROTOCOL.icmp,
  });
  if (typeof route === "string") return;
  const limited = LIMITED_IPV4_TYPES.has(type) && !(type === 3 && code === 4) && cause.inDevice !== "lo";
  if (limited && route.destination.device !== "lo") {
    const limit = toJiffies(host.sysctls.number("net.ipv4.icmp_ratelimit", DEFAULT_RATE_LIMIT_MS));
    if (!host.peers.allowIcmpError(bytes.subarray(12, 16), host.now, limit)) {
      host.report({ kind: "answer", what: "no ICMP error: too many to this peer" });
      return;
    }
  }
  const options = echoOptions(host, cause, route.source);
  if (options === undefined) return;
  const room = Math.min(route.destination.mtu, IPV4_ERROR_LENGTH) - 28 - options.length;
  const quoted = bytes.subarray(0, Math.min(bytes.length, room));
  const packet = new Uint8Array(28 + quoted.length);
  packet[0] = 0x45;
  packet[1] = ((bytes[1] as number) & 0x1e) | 0xc0;
  put16(packet, 4, host.choices.random(65_536, "IP identification"));
  packet[8] = ownHopLimit(host, "ipv4", route.destination);
  packet[9] = PROTOCOL.icmp;
  writeWords("ipv4", packet, 12, route.source);
  writeWords("ipv4", packet, 16, source);
  packet[20] = type;
  packet[21] = code;
  put32(packet, 24, info);
  packet.set(quoted, 28);
  put16(packet, 22, checksum(packet, 20, packet.length));
  const skb = new Packet("ipv4", withOptions(packet, options), true);
  skb.destination = route.destination;
  attach(skb, cause);
  host.report({ kind: "answer", what: `ICMP type ${type} code ${code}` });
  sendMessage(host, skb);
}

/**
 * Sends an ICMP message. The kernel has one socket for it, so while a message is on its way out, nothing that happens
 * to it (a REJECT in OUTPUT, say) can send another. Kernel: icmp_xmit_lock(), icmpv6_xmit_lock().
 */
function sendMessage(host: Host, skb: Packet): void {
  host.sendingIcmp[skb.family] = true;
  skb.owner = "kernel";
  localOut(host, skb);
  host.sendingIcmp[skb.family] = false;
}

/**
 * An answer belongs to the connection of what it answers, as RELATED. To an untracked packet's answer only the word
 * sticks, which is enough to keep a NOTRACK rule from it: it is tracked. Kernel: nf_conntrack_attach().
 */
export function attach(skb: Packet, cause: Packet): void {
  if (cause.ct === undefined && cause.ctInfo !== CT_INFO.UNTRACKED) return;
  skb.ct = cause.ct;
  skb.ctInfo =
    isReply(cause.ctInfo) || cause.ctInfo === CT_INFO.UNTRACKED ? CT_INFO.RELATED : CT_INFO.RELATED_REPLY;
}

function sendIpv6Error(host: Host, cause: Packet, { type, code, info }: IcmpError): void {
  const { bytes } = cause;
  const source = readWords("ipv6", bytes, 8);
  const target = readWords("ipv6", bytes, 24);
  const multicastTarget = target.w0 >>> 24 === 0xff;
  const tooBig = type === 2;
  const badOption = type === 4 && code === 2;
  if (
    (multicastTarget || cause.packetType === "multicast" || cause.packetType === "broadcast") &&
    !tooBig &&
    !badOption
  )
    return;
  if (source.w0 >>> 24 === 0xff || (source.w0 | source.w1 | source.w2 | source.w3) === 0) return;
  // Of a later fragment nobody can tell what it is part of, and it is answered. Kernel: is_ineligible().
  if (cause.protocol === PROTOCOL.icmpv6 && cause.fragmentOffset === 0) {
    const inner = bytes[cause.transport];
    if (inner === undefined || inner < 128) return;
  }
  if (host.sendingIcmp.ipv6) return;
  const owner = host.network.ownerOf("ipv6", target);
  const own =
    owner !== undefined
      ? !isLinkLocal(target) || owner.name === cause.inDevice
      : cause.destination?.route?.type === "anycast";
  const from: AddressWords = own ? target : (inputSource(host, cause, source) ?? NO_ADDRESS);
  const route = routeOutput(
    host,
    "ipv6",
    linkScoped({ ...flowTo(source, from), protocol: PROTOCOL.icmpv6 }, cause.inDevice),
  );
  if (typeof route === "string" || isAnycast(route.destination, source)) return;
  const limited = !tooBig && cause.inDevice !== "" && cause.inDevice !== "lo";
  if (limited && route.destination.device !== "lo") {
    const limit = toJiffies(host.sysctls.number("net.ipv6.icmp.ratelimit", IPV6_RATE_LIMIT_MS));
    if (!host.peers.allowIcmpError(bytes.subarray(8, 24), host.now, limit)) {
      host.report({ kind: "answer", what: "no ICMPv6 error: too many to this peer" });
      return;
    }
  }
  const room = IPV6_MIN_MTU - 48;
  const quoted = bytes.subarray(0, Math.min(bytes.length, room));
  const packet = ipv6Message(host, route, route.source, source, quoted.length);
  packet[40] = type;
  packet[41] = code;
  put32(packet, 44, info);
  packet.set(quoted, 48);
  finishIpv6(host, packet, cause, route.destination, true);
  host.report({ kind: "answer", what: `ICMPv6 type ${type} code ${code}` });
}

/** Whom an error would reach must be one. Kernel: ipv6_anycast_destination(); RFC 4443 section 2.4. */
const isAnycast = ({ route, gateway }: Destination, target: AddressWords): boolean =>
  route?.type === "anycast" ||
  (route !== undefined &&
    route.type === "unicast" &&
    route.prefixBits < 127 &&
    gateway === undefined &&
    sameWords(route.destination, target));

/** An error about a packet in transit comes from an address of the device that the packet came in by. */
const inputSource = (host: Host, { inDevice }: Packet, towards: AddressWords): AddressWords | undefined =>
  inDevice === "" ? undefined : host.network.sourceAddress("ipv6", inDevice, towards);

function ipv6Message(
  host: Host,
  route: OutputRoute,
  from: AddressWords,
  to: AddressWords,
  dataLength: number,
): Uint8Array {
  const packet = new Uint8Array(48 + dataLength);
  put32(packet, 0, (0x60000000 | host.choices.random(0x100000, "flow label")) >>> 0);
  put16(packet, 4, 8 + dataLength);
  packet[6] = PROTOCOL.icmpv6;
  packet[7] = ownHopLimit(host, "ipv6", route.destination);
  writeWords("ipv6", packet, 8, from);
  writeWords("ipv6", packet, 24, to);
  return packet;
}

function finishIpv6(
  host: Host,
  packet: Uint8Array,
  cause: Packet,
  destination: NonNullable<Packet["destination"]>,
  isError: boolean,
): void {
  writeTransportChecksum("ipv6", packet, 40, PROTOCOL.icmpv6);
  const skb = new Packet("ipv6", packet, true);
  skb.destination = destination;
  if (isError) attach(skb, cause);
  sendMessage(host, skb);
}

/** The answer to a timestamp request: the time of day in ms, which nobody can foretell. RFC 792. */
export function sendTimestampReply(host: Host, request: Packet): void {
  const { bytes, transport } = request;
  if (request.destination?.kind !== "local" || bytes.length - transport < 12) return;
  const times = new Uint8Array(16);
  times.set(bytes.subarray(transport + 4, transport + 8));
  const now = host.choices.random(86_400_000, "time of day");
  times.set(bytes.subarray(transport + 8, transport + 12), 4);
  put32(times, 8, now);
  put32(times, 12, now);
  sendIpv4Reply(host, request, 14, times);
}

/** The answer to an echo request. */
export function sendEchoReply(host: Host, request: Packet): void {
  const { family, bytes, transport } = request;
  if (family === "ipv4") {
    if (host.sysctls.number("net.ipv4.icmp_echo_ignore_all", 0) !== 0) return;
    if (
      request.destination?.kind !== "local" &&
      host.sysctls.number("net.ipv4.icmp_echo_ignore_broadcasts", 1) !== 0
    )
      return;
  } else if (host.sysctls.number("net.ipv6.icmp.echo_ignore_all", 0) !== 0) return;
  const data = bytes.subarray(transport + 4);
  if (family === "ipv4") {
    sendIpv4Reply(host, request, 0, data, bytes[transport + 1]);
    return;
  }
  if (host.sendingIcmp.ipv6) return;
  const source = readWords("ipv6", bytes, 8);
  const unicast = request.destination?.kind === "local" && request.destination.route?.type !== "anycast";
  const own = unicast ? readWords("ipv6", bytes, 24) : NO_ADDRESS;
  const flow = { ...flowTo(source, own), protocol: PROTOCOL.icmpv6 };
  const route = routeOutput(host, "ipv6", linkScoped(flow, request.inDevice));
  if (typeof route === "string") return;
  const packet = ipv6Message(host, route, route.source, source, data.length - 4);
  // The traffic class of the request.
  packet[0] = 0x60 | ((bytes[0] as number) & 15);
  packet[1] = ((bytes[1] as number) & 0xf0) | ((packet[1] as number) & 15);
  packet[40] = 129;
  packet[41] = bytes[transport + 1] as number;
  packet.set(data, 44);
  finishIpv6(host, packet, request, route.destination, false);
}

/** `data` is what follows the checksum; an echo keeps its code. Kernel: icmp_reply(), icmp_echo(). */
function sendIpv4Reply(host: Host, request: Packet, type: number, data: Uint8Array, code = 0): void {
  if (host.sendingIcmp.ipv4) return;
  const { bytes } = request;
  const source = readWords("ipv4", bytes, 12);
  const own = request.destination?.kind === "local" ? readWords("ipv4", bytes, 16) : NO_ADDRESS;
  const flow = { ...flowTo(source, own), tos: (bytes[1] as number) & 0xfc, protocol: PROTOCOL.icmp };
  const route = routeOutput(host, "ipv4", flow);
  if (typeof route === "string") return;
  const packet = new Uint8Array(24 + data.length);
  packet[0] = 0x45;
  packet[1] = bytes[1] as number;
  put16(packet, 4, host.choices.random(65_536, "IP identification"));
  packet[8] = ownHopLimit(host, "ipv4", route.destination);
  packet[9] = PROTOCOL.icmp;
  writeWords("ipv4", packet, 12, route.source);
  writeWords("ipv4", packet, 16, source);
  packet[20] = type;
  packet[21] = code;
  packet.set(data, 24);
  put16(packet, 22, checksum(packet, 20, packet.length));
  const options = echoOptions(host, request, own);
  if (options === undefined) return;
  const skb = new Packet("ipv4", withOptions(packet, options), true);
  skb.destination = route.destination;
  host.report({ kind: "answer", what: type === 0 ? "ICMP echo reply" : "ICMP timestamp reply" });
  sendMessage(host, skb);
}
