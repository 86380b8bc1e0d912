/**
 * What this host's TCP answers: a reset where nobody listens, a SYN/ACK where somebody does.
 * Kernel: net/ipv4/tcp_ipv4.c, tcp_v4_send_reset(); net/ipv6/tcp_ipv6.c; net/netfilter/nf_reject_ipv4.c. RFC 9293.
 */
import {
  type AddressWords,
  type Family,
  get16,
  get32,
  PROTOCOL,
  put16,
  put32,
  readWords,
} from "../../net/index.ts";
import { writePartialChecksum, writeTransportChecksum } from "../checksums.ts";
import type { Connection } from "../conntrack/connection.ts";
import { setClosing } from "../conntrack/tcp.ts";
import { ownHopLimit } from "../hop-count.ts";
import type { Host } from "../host.ts";
import { echoOptions, withOptions } from "../ip-options.ts";
import { Packet } from "../packet.ts";
import { localOut } from "../path.ts";
import { flowTo } from "../routing/fib.ts";
import { linkScoped } from "../routing/input-route.ts";
import { routableSource, routeOutput } from "../routing/output-route.ts";
import { attach } from "./icmp.ts";

const FIN = 1;
const SYN = 2;
const RST = 4;
const ACK = 16;
const ECE = 64;
const CWR = 128;
/** The low bits of the traffic class. */
const ECN_BITS = 3;
const MAX_WINDOW = 65_535;

/** An answer to `cause` with its endpoints exchanged; addressed, but without checksum. */
function answer(cause: Packet, options: Uint8Array): Uint8Array {
  const { family, bytes, transport } = cause;
  const ipv4 = family === "ipv4";
  const start = ipv4 ? 20 : 40;
  const packet = new Uint8Array(start + 20 + options.length);
  if (ipv4) {
    packet[0] = 0x45;
    put16(packet, 6, 0x4000);
    packet[9] = PROTOCOL.tcp;
    packet.set(bytes.subarray(16, 20), 12);
    packet.set(bytes.subarray(12, 16), 16);
  } else {
    packet[0] = 0x60;
    packet[6] = PROTOCOL.tcp;
    packet.set(bytes.subarray(24, 40), 8);
    packet.set(bytes.subarray(8, 24), 24);
  }
  put16(packet, start, get16(bytes, transport + 2));
  put16(packet, start + 2, get16(bytes, transport));
  packet[start + 12] = ((20 + options.length) / 4) << 4;
  packet.set(options, start + 20);
  return packet;
}

/** Sequence and acknowledgement of a reset; RFC 9293 section 3.5.2. */
function writeReset(packet: Uint8Array, start: number, cause: Packet): void {
  const { bytes, transport } = cause;
  const flags = bytes[transport + 13] as number;
  if ((flags & ACK) !== 0) {
    put32(packet, start + 4, get32(bytes, transport + 8));
    packet[start + 13] = RST;
    return;
  }
  const size = ((bytes[transport + 12] as number) >>> 4) * 4;
  const length = bytes.length - transport - size + ((flags & SYN) !== 0 ? 1 : 0) + (flags & FIN);
  put32(packet, start + 8, get32(bytes, transport + 4) + length);
  packet[start + 13] = RST | ACK;
}

function route(
  host: Host,
  family: Family,
  from: AddressWords,
  to: AddressWords,
  { tos = 0, inDevice = "" }: { readonly tos?: number; readonly inDevice?: string } = {},
) {
  const flow = { ...flowTo(to, from), tos, protocol: PROTOCOL.tcp };
  return routeOutput(host, family, linkScoped(flow, inDevice));
}

/** The stack's own reset: nobody listens. */
export function sendReset(host: Host, cause: Packet): void {
  const { family, bytes, transport } = cause;
  if (((bytes[transport + 13] as number) & RST) !== 0) return;
  const packet = answer(cause, new Uint8Array(0));
  const start = family === "ipv4" ? 20 : 40;
  writeReset(packet, start, cause);
  if (family === "ipv4") packet[1] = (bytes[1] as number) & ~ECN_BITS;
  else put16(packet, 0, (get16(bytes, 0) & 0xffc0) | 0x6000);
  const ipv4 = family === "ipv4";
  (ipv4 ? writeTransportChecksum : writePartialChecksum)(family, packet, start, PROTOCOL.tcp);
  const way = route(
    host,
    family,
    readWords(family, packet, ipv4 ? 12 : 8),
    readWords(family, packet, ipv4 ? 16 : 24),
    ipv4 ? { tos: (packet[1] as number) & 0xfc } : cause,
  );
  if (typeof way === "string") return;
  packet[ipv4 ? 8 : 7] = ownHopLimit(host, family, way.destination);
  const options = ipv4 ? echoOptions(host, cause, readWords(family, packet, 12)) : undefined;
  if (ipv4 && options === undefined) return;
  const skb = new Packet(family, options === undefined ? packet : withOptions(packet, options), true);
  skb.destination = way.destination;
  skb.partialChecksum = !ipv4;
  if (ipv4) skb.owner = "kernel";
  host.report({ kind: "answer", what: "TCP reset: nothing listens on the port" });
  localOut(host, skb);
}

/** REJECT's reset: from the address that the packet was for, whoever has it. */
export function sendRejectReset(host: Host, cause: Packet): void {
  const { family, bytes, transport } = cause;
  if (!cause.hasTransport(20) || ((bytes[transport + 13] as number) & RST) !== 0) return;
  const ipv4 = family === "ipv4";
  const start = ipv4 ? 20 : 40;
  const packet = answer(cause, new Uint8Array(0));
  writeReset(packet, start, cause);
  (ipv4 ? writePartialChecksum : writeTransportChecksum)(family, packet, start, PROTOCOL.tcp);
  const source = readWords(family, packet, ipv4 ? 12 : 8);
  const target = readWords(family, packet, ipv4 ? 16 : 24);
  const way = route(host, family, routableSource(host, family, source), target);
  if (typeof way === "string") return;
  packet[ipv4 ? 8 : 7] = ownHopLimit(host, family, way.destination);
  const skb = new Packet(family, packet, true);
  skb.destination = way.destination;
  skb.partialChecksum = ipv4;
  attach(skb, cause);
  const connection = cause.ct as Connection | undefined;
  if (connection !== undefined) setClosing(connection, host.conntrack.settings, host.now);
  host.report({ kind: "answer", what: "TCP reset" });
  localOut(host, skb);
}

/** What a listening socket answers to a segment without a connection. */
export function answerListening(host: Host, cause: Packet): void {
  const { family, bytes, transport } = cause;
  const flags = bytes[transport + 13] as number;
  if ((flags & RST) !== 0) return;
  if ((flags & ACK) !== 0) {
    sendReset(host, cause);
    return;
  }
  if ((flags & SYN) === 0 || (flags & FIN) !== 0) return;
  const wanted = readSynOptions(bytes, transport);
  const mtu = host.network.mtuOf(cause.inDevice);
  const mss = mtu - (family === "ipv4" ? 40 : 60);
  const options = synAckOptions(mss, wanted, host);
  const packet = answer(cause, options);
  const start = family === "ipv4" ? 20 : 40;
  put32(packet, start + 4, host.choices.random(0x100000000, "TCP initial sequence number"));
  put32(packet, start + 8, get32(bytes, transport + 4) + 1);
  packet[start + 13] = SYN | ACK | (agreesToEcn(host, cause) ? ECE : 0);
  const segment = mss - (wanted.timestamp === undefined ? 0 : 12);
  put16(packet, start + 14, Math.floor(MAX_WINDOW / segment) * segment);
  writePartialChecksum(family, packet, start, PROTOCOL.tcp);
  const ipv4 = family === "ipv4";
  const way = route(
    host,
    family,
    readWords(family, packet, ipv4 ? 12 : 8),
    readWords(family, packet, ipv4 ? 16 : 24),
    ipv4 ? {} : cause,
  );
  if (typeof way === "string") return;
  packet[ipv4 ? 8 : 7] = ownHopLimit(host, family, way.destination);
  const echoed = ipv4 ? echoOptions(host, cause, readWords(family, packet, 12)) : undefined;
  const skb = new Packet(family, echoed === undefined ? packet : withOptions(packet, echoed), true);
  skb.destination = way.destination;
  skb.partialChecksum = true;
  skb.owner = { uid: 0, gid: 0 };
  host.report({ kind: "answer", what: "SYN/ACK of the listening socket" });
  localOut(host, skb);
}

/** Whether a SYN asks for congestion notification and gets it: by default on demand only. Kernel: tcp_ecn_create_request(). */
function agreesToEcn(host: Host, { family, bytes, transport }: Packet): boolean {
  const asked = ((bytes[transport + 13] as number) & (ECE | CWR)) === (ECE | CWR);
  const capable = (family === "ipv4" ? (bytes[1] as number) : (bytes[1] as number) >>> 4) & ECN_BITS;
  return asked && capable === 0 && host.sysctls.number("net.ipv4.tcp_ecn", 2) !== 0;
}

interface SynOptions {
  readonly mss: number | undefined;
  readonly sack: boolean;
  readonly timestamp: number | undefined;
  readonly scale: boolean;
}

function readSynOptions(bytes: Uint8Array, transport: number): SynOptions {
  const end = transport + ((bytes[transport + 12] as number) >>> 4) * 4;
  let mss: number | undefined;
  let sack = false;
  let timestamp: number | undefined;
  let scale = false;
  for (let at = transport + 20; at < end; ) {
    const kind = bytes[at] as number;
    if (kind === 0) break;
    if (kind === 1) {
      at++;
      continue;
    }
    const length = bytes[at + 1] as number;
    if (length < 2 || at + length > end) break;
    if (kind === 2 && length === 4) mss = get16(bytes, at + 2);
    if (kind === 3 && length === 3) scale = true;
    if (kind === 4 && length === 2) sack = true;
    if (kind === 8 && length === 10) timestamp = get32(bytes, at + 2);
    at += length;
  }
  return { mss, sack, timestamp, scale };
}

/** In the kernel's order: MSS, timestamp (with SACK in its padding), window scale. */
function synAckOptions(mss: number, wanted: SynOptions, host: Host): Uint8Array {
  const options: number[] = [2, 4, mss >>> 8, mss & 255];
  if (wanted.timestamp !== undefined) {
    options.push(...(wanted.sack ? [4, 2] : [1, 1]), 8, 10);
    const own = host.choices.random(0x100000000, "TCP timestamp");
    for (const value of [own, wanted.timestamp])
      options.push(value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255);
  } else if (wanted.sack) options.push(1, 1, 4, 2);
  if (wanted.scale) options.push(1, 3, 3, WINDOW_SCALE);
  return Uint8Array.from(options);
}

/** Of the default tcp_rmem. */
const WINDOW_SCALE = 7;
