/**
 * Neighbour discovery: who asks for one of this host's addresses gets an advertisement, who sends to a worse router a redirect.
 * Kernel: net/ipv6/ndisc.c. RFC 4861.
 */
import {
  type AddressWords,
  PROTOCOL,
  put16,
  readWords,
  sameWords,
  toWords,
  writeWords,
} from "../../net/index.ts";
import { writeTransportChecksum } from "../checksums.ts";
import type { Host } from "../host.ts";
import { type Destination, Packet } from "../packet.ts";
import { localOut } from "../path.ts";
import { flowTo, isLinkLocal } from "../routing/fib.ts";
import type { Device } from "../routing/network.ts";
import { routeOutput } from "../routing/output-route.ts";
import { toJiffies } from "./rate-limits.ts";

const HOP_LIMIT = 255;
const SOLICITATION = 24;
const ADVERTISEMENT = 136;
const REDIRECT = 137;
const SOURCE_LINK_ADDRESS = 1;
const TARGET_LINK_ADDRESS = 2;
const REDIRECTED_HEADER = 4;
const LINK_OPTION = 8;
const ROUTER = 0x80;
const SOLICITED = 0x40;
const OVERRIDE = 0x20;
const ALL_NODES = toWords(0xff02_0000_0000_0000_0000_0000_0000_0001n);

/** Kernel: ndisc_rcv(), ndisc_recv_ns(), ndisc_send_na(). */
export function answerSolicitation(host: Host, skb: Packet): void {
  const { bytes, transport } = skb;
  const device = host.network.device(skb.inDevice);
  if (device === undefined || bytes[7] !== HOP_LIMIT || bytes[transport + 1] !== 0) return;
  if (bytes.length - transport < SOLICITATION || bytes[transport + 8] === 0xff) return;
  const source = readWords("ipv6", bytes, 8);
  const isDetection = (source.w0 | source.w1 | source.w2 | source.w3) === 0;
  // Detection of duplicates goes to groups that nobody joins here.
  if (isDetection) return;
  const link = sourceLinkAddress(bytes, transport + SOLICITATION);
  if (link === "wrong") return;
  const target = readWords("ipv6", bytes, transport + 8);
  const isOwn = device.addresses.some(({ family, words }) => family === "ipv6" && sameWords(words, target));
  const route = host.network.fibs.ipv6.at("local", target);
  const isAnycast = route?.type === "anycast" && route.nexthops[0]?.device === device.name;
  if (!isOwn && !isAnycast) return;
  const toGroup = bytes[24] === 0xff;
  const own = isOwn ? target : host.network.sourceAddress("ipv6", device.name, source);
  // Somebody unknown who asks everybody and does not say where to answer.
  if (own === undefined) return;
  if (toGroup && link === "absent" && !host.neighbours.knows(device.name, source)) return;
  host.neighbours.learn(device.name, source);
  const all = host.sysctls.all("ipv6", "forwarding", 0);
  const flags =
    (host.sysctls.device("ipv6", device.name, "forwarding", all) !== 0 ? ROUTER : 0) |
    SOLICITED |
    (isOwn && toGroup ? OVERRIDE : 0);
  advertise(host, device, { from: own, to: source, target, flags, withLink: toGroup });
}

interface Advertisement {
  readonly from: AddressWords;
  readonly to: AddressWords;
  readonly target: AddressWords;
  readonly flags: number;
  readonly withLink: boolean;
}

function advertise(host: Host, device: Device, { from, to, target, flags, withLink }: Advertisement): void {
  const length = SOLICITATION + (withLink ? LINK_OPTION : 0);
  const packet = message(ADVERTISEMENT, from, to, length);
  packet[44] = flags;
  writeWords("ipv6", packet, 48, target);
  if (withLink) packet.set([TARGET_LINK_ADDRESS, 1, ...device.mac], 64);
  host.report({ kind: "answer", what: "neighbour advertisement" });
  sendMessage(host, packet, {
    kind: sameWords(to, ALL_NODES) ? "multicast" : "forward",
    device: device.name,
    gateway: undefined,
    mtu: device.mtu,
    route: undefined,
    realms: 0,
  });
}

/** A message of `length` bytes, less its checksum and its fields. */
function message(type: number, from: AddressWords, to: AddressWords, length: number): Uint8Array {
  const packet = new Uint8Array(40 + length);
  packet[0] = 0x60;
  put16(packet, 4, length);
  packet[6] = PROTOCOL.icmpv6;
  packet[7] = HOP_LIMIT;
  writeWords("ipv6", packet, 8, from);
  writeWords("ipv6", packet, 24, to);
  packet[40] = type;
  return packet;
}

function sendMessage(host: Host, packet: Uint8Array, destination: Destination): void {
  writeTransportChecksum("ipv6", packet, 40, PROTOCOL.icmpv6);
  const skb = new Packet("ipv6", packet, true);
  skb.destination = destination;
  skb.owner = "kernel";
  localOut(host, skb);
}

/** So often one destination and one sender bring redirects about; these draw on the tokens of errors to them. */
const REDIRECT_MS = 1000;
const REDIRECT_HEADER = 40;
const IPV6_MIN_MTU = 1280;

/**
 * Tells the sender of a packet that goes out where it came in of its better next hop. It comes from a link-local address;
 * without one, nothing is sent. RFC 4861 section 4.5. Kernel: ip6_forward(), ndisc_send_redirect().
 */
export function sendIpv6Redirect(host: Host, skb: Packet): void {
  const { bytes, destination } = skb;
  const limit = toJiffies(REDIRECT_MS);
  if (!host.peers.allowIcmpError(bytes.subarray(24, 40), host.now, limit)) return;
  const device = host.network.device(skb.inDevice);
  const own = device?.addresses.find(({ family, words }) => family === "ipv6" && isLinkLocal(words))?.words;
  const end = readWords("ipv6", bytes, 24);
  const target = destination?.gateway ?? end;
  if (device === undefined || own === undefined) return;
  if (!sameWords(target, end) && !isLinkLocal(target)) return;
  const sender = readWords("ipv6", bytes, 8);
  const flow = { ...flowTo(sender, own), protocol: PROTOCOL.icmpv6, outDevice: device.name };
  const route = routeOutput(host, "ipv6", flow);
  if (typeof route === "string" || route.destination.gateway !== undefined) return;
  if (!host.peers.allowIcmpError(bytes.subarray(8, 24), host.now, limit)) return;
  if (device.arp) {
    host.report({
      kind: "answer",
      what: "an ICMPv6 redirect, with a link address that only neighbours know",
    });
    return;
  }
  const link = device.mac.length === 0 ? 0 : LINK_OPTION;
  const room = IPV6_MIN_MTU - 40 - REDIRECT_HEADER - link;
  const quoting = Math.min(room, bytes.length + 8) & ~7;
  const packet = message(REDIRECT, own, sender, REDIRECT_HEADER + link + quoting);
  writeWords("ipv6", packet, 48, target);
  writeWords("ipv6", packet, 64, end);
  if (link > 0) packet.set([TARGET_LINK_ADDRESS, 1, ...device.mac], 80);
  packet.set([REDIRECTED_HEADER, quoting / 8], 80 + link);
  packet.set(bytes.subarray(0, quoting - 8), 88 + link);
  host.report({ kind: "answer", what: "ICMPv6 redirect" });
  sendMessage(host, packet, route.destination);
}

/** The option that says where the sender is. Kernel: ndisc_parse_options(), ndisc_opt_addr_data(). */
function sourceLinkAddress(bytes: Uint8Array, start: number): "present" | "absent" | "wrong" {
  let found: "present" | "absent" = "absent";
  for (let at = start; at < bytes.length; ) {
    const length = (bytes[at + 1] ?? 0) * 8;
    if (length === 0 || at + length > bytes.length) return "wrong";
    if (bytes[at] === SOURCE_LINK_ADDRESS && found === "absent") {
      if (length !== LINK_OPTION) return "wrong";
      found = "present";
    }
    at += length;
  }
  return found;
}
