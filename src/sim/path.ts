/**
 * The way of a packet through the stack, between the hooks: received, delivered, forwarded, sent.
 * Kernel: net/ipv4/{ip_input,ip_forward,ip_output}.c; net/ipv6/{ip6_input,ip6_output}.c.
 */
import { checksum, type Family, get16, PROTOCOL, put16, readWords, toHex } from "../net/index.ts";
import { CT_INFO, type PacketType, type SocketOwner } from "../xt/index.ts";
import { writeIpv4Checksum, writeTransportChecksum } from "./checksums.ts";
import { defragmentIpv4, fragmentIpv4, fragmentIpv6, LOCAL } from "./fragments.ts";
import { runHook } from "./hooks.ts";
import { decrementTtl } from "./hop-count.ts";
import type { Host } from "./host.ts";
import { compileOptions, forwardOptions, type Ipv4Options } from "./ip-options.ts";
import { deliver } from "./local/deliver.ts";
import { sendIcmpError } from "./local/icmp.ts";
import { hopByHopHolds } from "./local/ipv6-headers.ts";
import { sendIpv6Redirect } from "./local/neighbours.ts";
import { Packet } from "./packet.ts";
import type { RouteError } from "./routing/fib.ts";
import { flowOf, routeInput } from "./routing/input-route.ts";
import { routeOutput } from "./routing/output-route.ts";

/** How a frame reached the device. */
export interface Link {
  /** undefined: not said; what asks for it cannot be answered. */
  readonly sourceMac: Uint8Array | undefined;
  /** If left out, the device's. */
  readonly destinationMac?: Uint8Array | undefined;
  readonly type: PacketType;
}

/** Packets of this host to itself that one packet may cause, before something is surely going in circles. */
const MAX_LOOPS = 1000;

/** A frame's IP packet comes in by a device. */
export function receive(host: Host, device: string, frame: Uint8Array, link: Link): void {
  receiveOne(host, device, frame, link);
  drainLoopback(host);
}

function drainLoopback(host: Host): void {
  for (let count = 0; host.loopbackQueue.length > 0; count++) {
    const skb = host.loopbackQueue.shift() as Packet;
    if (count >= MAX_LOOPS) {
      host.discard("too many packets on the loopback device");
      host.loopbackQueue.length = 0;
      return;
    }
    skb.hook = "PREROUTING";
    enter(host, skb, "lo");
  }
}

function receiveOne(host: Host, device: string, frame: Uint8Array, link: Link): void {
  if (link.type === "otherhost") {
    host.discard("the frame is for another station's link address");
    return;
  }
  const family = familyOf(frame);
  if (family === undefined) {
    host.discard("not an IP packet");
    return;
  }
  const bytes = family === "ipv4" ? validIpv4(frame) : validIpv6(frame, device);
  if (typeof bytes === "string") {
    host.discard(bytes);
    return;
  }
  const skb = new Packet(family, bytes, false);
  skb.sourceMac = link.sourceMac;
  skb.destinationMac = link.destinationMac ?? host.network.device(device)?.mac ?? Uint8Array.of();
  skb.packetType = link.type;
  enter(host, skb, device);
}

function familyOf(frame: Uint8Array): Family | undefined {
  const version = frame.length === 0 ? 0 : (frame[0] as number) >>> 4;
  return version === 4 ? "ipv4" : version === 6 ? "ipv6" : undefined;
}

/** What the IPv4 receiver takes of a frame: the packet without padding, or why it is dropped. Kernel: ip_rcv_core(). */
function validIpv4(frame: Uint8Array): Uint8Array | string {
  if (frame.length < 20) return "shorter than an IPv4 header";
  const headerLength = ((frame[0] as number) & 15) * 4;
  if (headerLength < 20) return "IPv4 header length below 20";
  if (frame.length < headerLength) return "shorter than its IPv4 header says";
  if (checksum(frame, 0, headerLength) !== 0) return "wrong IPv4 header checksum";
  const total = get16(frame, 2);
  if (frame.length < total) return "truncated: shorter than its total length says";
  if (total < headerLength) return "total length below the header length";
  return frame.slice(0, total);
}

/** Kernel: ip6_rcv_core(). */
function validIpv6(frame: Uint8Array, device: string): Uint8Array | string {
  if (frame.length < 40) return "shorter than an IPv6 header";
  const loopback = (at: number): boolean =>
    frame.subarray(at, at + 15).every((byte) => byte === 0) && frame[at + 15] === 1;
  if (device !== "lo" && (loopback(8) || loopback(24))) return "a loopback address from outside";
  if (frame[8] === 0xff) return "a multicast address as source";
  if (frame[24] === 0xff && ((frame[25] as number) & 15) === 0) return "a multicast destination of scope 0";
  if (frame[24] === 0xff && ((frame[25] as number) & 15) === 1 && device !== "lo")
    return "a multicast destination of scope 1 from outside";
  const payload = get16(frame, 4);
  if (payload === 0 && frame[6] === 0) return frame.slice();
  if (payload + 40 > frame.length) return "truncated: shorter than its payload length says";
  return frame.slice(0, payload + 40);
}

function enter(host: Host, skb: Packet, device: string): void {
  skb.inDevice = device;
  if (skb.family === "ipv6" && !hopByHopHolds(host, skb)) return;
  const before = skb.destination === undefined ? "" : destinationOf(skb);
  if (runHook(host, skb, "PREROUTING", device, "") !== "accept") return;
  // A packet on the loopback device keeps the route that it was sent with, unless NAT gives it another destination.
  if (skb.destination !== undefined && destinationOf(skb) !== before) skb.destination = undefined;
  if (skb.destination === undefined) {
    lookForSocket(host, skb);
    const route = routeInput(host, skb);
    if (route.kind === "martian") {
      host.discard(route.reason, skb);
      return;
    }
    if (route.kind === "error") {
      if (takeOptions(host, skb)) refuseRoute(host, skb, route.error);
      return;
    }
    skb.destination = route.destination;
    skb.redirect = route.redirect;
    host.observer?.({ kind: "route", skb, destination: route.destination, rule: route.rule });
  }
  if (!takeOptions(host, skb)) return;
  if (skb.destination.kind === "forward") forward(host, skb);
  else enterLocal(host, skb);
}

/** TCP looks for a socket before routing, and reads its whole header for it. Kernel: tcp_v4_early_demux(). */
function lookForSocket(host: Host, skb: Packet): void {
  const { family, bytes, packetType } = skb;
  const next = family === "ipv4" ? bytes[9] : bytes[6];
  if (next !== PROTOCOL.tcp || packetType !== "host") return;
  if (host.sysctls.number("net.ipv4.ip_early_demux", 1) === 0) return;
  if (host.sysctls.number("net.ipv4.tcp_early_demux", 1) !== 0) skb.pull(20);
}

/** Text that differs for different destination addresses. */
const destinationOf = ({ family, bytes }: Packet): string =>
  toHex(family === "ipv4" ? bytes.subarray(16, 20) : bytes.subarray(24, 40));

/**
 * Reads and fills in the options of a received IPv4 packet.
 * @returns false if it ends here. Kernel: ip_rcv_options(), ip_options_rcv_srr().
 */
function takeOptions(host: Host, skb: Packet): boolean {
  const { family, bytes, inDevice, destination } = skb;
  if (family !== "ipv4" || ((bytes[0] as number) & 15) === 5) return true;
  const wrong = compileOptions(host, skb);
  if (wrong !== 0) {
    host.discard("an IPv4 option that is wrong", skb);
    sendIcmpError(host, skb, { type: 12, code: 0, info: (wrong << 24) >>> 0 });
    return false;
  }
  const { sourceRoute, strict } = skb.options as Ipv4Options;
  if (sourceRoute === 0) return true;
  if (!host.sysctls.both(inDevice, "accept_source_route", 0, 1)) {
    host.discard("an IPv4 source route option", skb);
    return false;
  }
  if (skb.packetType !== "host") return false;
  if (destination?.kind === "forward") {
    if (!strict) return true;
    host.discard("a strict source route that does not lead here", skb);
    sendIcmpError(host, skb, { type: 12, code: 0, info: 16 << 24 });
    return false;
  }
  if ((bytes[sourceRoute + 2] as number) > (bytes[sourceRoute + 1] as number))
    return destination?.kind === "local";
  host.discard("an IPv4 source route to follow, which is not modelled", skb);
  return false;
}

/** Why there is no route, in words. */
const NO_ROUTE: Readonly<Record<RouteError, string>> = {
  "no-route": "no route to the destination",
  "host-unreachable": "the route says that the destination is unreachable",
  prohibited: "the route prohibits it",
  blackhole: "the route is a black hole",
};

/** No way for a received packet: an answer if this host forwards. Kernel: ip_error(), ip6_pkt_drop(). */
function refuseRoute(host: Host, skb: Packet, error: RouteError): void {
  const { family, inDevice } = skb;
  const stays = family === "ipv4" && error === "host-unreachable" && !host.sysctls.forwards("ipv4", inDevice);
  host.discard(stays ? "this host does not forward (net.ipv4.ip_forward is 0)" : NO_ROUTE[error], skb);
  if (error === "blackhole") return;
  if (family === "ipv4") {
    if (!host.sysctls.forwards("ipv4", inDevice)) return;
    if (!host.peers.allowRouteError(skb.bytes.subarray(12, 16), host.now)) return;
    sendIcmpError(host, skb, {
      type: 3,
      code: error === "no-route" ? 0 : error === "prohibited" ? 13 : 1,
      info: 0,
    });
    return;
  }
  sendIcmpError(host, skb, {
    type: 1,
    code: error === "prohibited" ? 1 : 0,
    info: 0,
  });
}

function enterLocal(host: Host, skb: Packet): void {
  if (skb.family === "ipv4" && defragmentIpv4(host, skb, LOCAL) === "stolen") return;
  if (runHook(host, skb, "INPUT", skb.inDevice, "") !== "accept") return;
  deliver(host, skb);
}

function forward(host: Host, skb: Packet): void {
  const { family, bytes } = skb;
  const destination = skb.destination as NonNullable<Packet["destination"]>;
  if (skb.packetType !== "host") {
    host.discard("a frame that was not for this host alone is not forwarded", skb);
    return;
  }
  const ttlAt = family === "ipv4" ? 8 : 7;
  if (family === "ipv6") {
    if (!host.sysctls.forwards("ipv6", skb.inDevice)) {
      host.discard("this host does not forward (net.ipv6.conf.all.forwarding is 0)", skb);
      return;
    }
  }
  if ((bytes[ttlAt] as number) <= 1) {
    host.discard("TTL expired", skb);
    sendIcmpError(
      host,
      skb,
      family === "ipv4" ? { type: 11, code: 0, info: 0 } : { type: 3, code: 0, info: 0 },
    );
    return;
  }
  if (family === "ipv6") {
    if (skb.redirect) sendIpv6Redirect(host, skb);
    else if (bytes.subarray(8, 23).every((byte) => byte === 0) && (bytes[23] as number) <= 1) {
      host.discard("a source that is not forwarded", skb);
      return;
    } else if (bytes[8] === 0xfe && ((bytes[9] as number) & 0xc0) === 0x80) {
      host.discard("a link-local source is not forwarded", skb);
      sendIcmpError(host, skb, { type: 1, code: 2, info: 0 });
      return;
    }
  }
  // IPv6 looks at the route's own MTU only when the packet leaves. Kernel: ip6_dst_mtu_maybe_forward().
  const mtu = family === "ipv4" ? destination.mtu : host.network.mtuOf(destination.device);
  if (exceedsMtu(skb, mtu)) {
    host.discard(`longer than the MTU of ${mtu}`, skb);
    sendIcmpError(
      host,
      skb,
      family === "ipv4" ? { type: 3, code: 4, info: mtu } : { type: 2, code: 0, info: mtu },
    );
    return;
  }
  decrementTtl(family, bytes);
  if (family === "ipv4" && skb.redirect) sendRedirect(host, skb);
  if (runHook(host, skb, "FORWARD", skb.inDevice, destination.device) !== "accept") return;
  if (forwardOptions(host, skb)) writeIpv4Checksum(skb.bytes);
  output(host, skb);
}

/** Kernel: ip_exceeds_mtu(), ip6_pkt_too_big(). */
function exceedsMtu(skb: Packet, mtu: number): boolean {
  if (skb.family === "ipv6") {
    if (skb.largestFragment > 0) return skb.largestFragment > mtu;
    return skb.bytes.length > mtu;
  }
  if (skb.bytes.length <= mtu || (get16(skb.bytes, 6) & 0x4000) === 0) return false;
  if (skb.largestFragment > mtu) return true;
  return skb.largestFragment === 0;
}

function sendRedirect(host: Host, skb: Packet): void {
  if (!host.peers.allowRedirect(skb.bytes.subarray(12, 16), host.now)) return;
  const gateway = skb.destination?.gateway?.w3 ?? flowOf(skb, "", "", undefined).destination.w3;
  sendIcmpError(host, skb, { type: 5, code: 1, info: gateway });
}

/** POSTROUTING and out of the device. Kernel: ip_output(), ip_finish_output(). */
export function output(host: Host, skb: Packet): boolean {
  const { destination } = skb;
  if (destination === undefined) return false;
  const verdict = runHook(host, skb, "POSTROUTING", skb.local ? "" : skb.inDevice, destination.device);
  if (verdict === "accept") transmit(host, skb);
  return verdict !== "drop";
}

function transmit(host: Host, skb: Packet): void {
  const { family } = skb;
  const { device, mtu } = skb.destination as NonNullable<Packet["destination"]>;
  if (device === "lo") {
    skb.packetType = "host";
    skb.sourceMac = new Uint8Array(6);
    skb.destinationMac = skb.sourceMac;
    host.loopbackQueue.push(skb);
    return;
  }
  const { bytes } = skb;
  if (family === "ipv6") {
    const { gateway } = skb.destination as NonNullable<Packet["destination"]>;
    host.neighbours.learn(device, gateway ?? readWords("ipv6", bytes, 24));
  }
  if (skb.partialChecksum) {
    writeTransportChecksum(family, bytes, skb.transport, skb.protocol);
    skb.partialChecksum = false;
  }
  // A packet that came as one fragment of its own goes on without it.
  const asFragments =
    family === "ipv4"
      ? skb.largestFragment > 0
      : bytes.length > skb.largestFragment && skb.largestFragment > 0;
  if (bytes.length <= mtu && !asFragments) {
    host.emit(device, bytes, skb);
    return;
  }
  if (family === "ipv6") {
    // What this host makes itself may be cut, as `ignore_df` says of its sockets. Kernel: ip6_fragment(), ip6_sk_ignore_df().
    if (!skb.local && (skb.largestFragment === 0 || skb.largestFragment > mtu)) {
      host.discard(`longer than the MTU of ${mtu}`, skb);
      sendIcmpError(host, skb, { type: 2, code: 0, info: mtu });
      return;
    }
    const pieces = fragmentIpv6(skb, mtu, host.choices.random(0x100000000, "fragment id"));
    for (const piece of pieces) host.emit(device, piece, skb);
    return;
  }
  const dontFragment = (get16(bytes, 6) & 0x4000) !== 0;
  if (dontFragment && (skb.largestFragment === 0 || skb.largestFragment > mtu)) {
    host.discard(`longer than the MTU of ${mtu}, and may not be fragmented`, skb);
    sendIcmpError(host, skb, { type: 3, code: 4, info: mtu });
    return;
  }
  for (const piece of fragmentIpv4(skb, mtu)) host.emit(device, piece, skb);
}

/**
 * A packet that this host made goes out, through OUTPUT. Its route is set.
 * @returns false if a rule dropped it, which its sender is told. Kernel: ip_local_out().
 */
export function localOut(host: Host, skb: Packet): boolean {
  if (skb.destination === undefined) return false;
  if (skb.family === "ipv4") {
    put16(skb.bytes, 2, skb.bytes.length);
    writeIpv4Checksum(skb.bytes);
  } else put16(skb.bytes, 4, skb.bytes.length - 40);
  skb.packetType = "outgoing";
  const verdict = runHook(host, skb, "OUTPUT", "", skb.destination.device);
  if (verdict !== "accept") return verdict === "stolen";
  return output(host, skb);
}

/** What happened to a packet that a program tried to send. */
export type SendOutcome = "sent" | "dropped" | "too-long" | "refused" | "broadcast" | RouteError;

/** Who sends, and how: through a raw socket a packet must fit the device, from a datagram socket it is cut to fit. */
export interface Sender extends SocketOwner {
  readonly datagram?: boolean;
  /** The socket may broadcast (SO_BROADCAST). */
  readonly mayBroadcast?: boolean;
}

/** A program of this host sends a whole IP packet. Kernel: raw_sendmsg(), raw_send_hdrinc(). */
export function send(
  host: Host,
  packet: Uint8Array,
  { datagram = false, mayBroadcast = false, ...owner }: Sender,
): SendOutcome {
  const family = familyOf(packet);
  if (family === undefined || packet.length < (family === "ipv4" ? 20 : 40)) return "refused";
  const skb = new Packet(family, packet.slice(), true);
  skb.owner = owner;
  const flow = flowOf(skb, "lo", "", owner.uid);
  const route = routeOutput(host, family, {
    ...flow,
    source: { w0: 0, w1: 0, w2: 0, w3: 0 },
    tos: 0,
    protocol: 255,
    sport: 0,
    dport: 0,
  });
  if (typeof route === "string") {
    host.discard(NO_ROUTE[route], skb);
    return route;
  }
  if (
    !mayBroadcast &&
    family === "ipv4" &&
    (route.destination.kind === "broadcast" || flow.destination.w3 === -1)
  ) {
    host.discard("a broadcast by a socket that may not", skb);
    return "broadcast";
  }
  skb.destination = route.destination;
  host.observer?.({ kind: "route", skb, destination: route.destination, rule: route.rule });
  const mtu = host.network.mtuOf(route.destination.device);
  if (!datagram && skb.bytes.length > mtu) {
    host.discard(`longer than the MTU of ${mtu}, which a raw socket may not send`, skb);
    return "too-long";
  }
  if (family === "ipv4") {
    if (flow.source.w3 === 0) {
      const { source } = route;
      skb.bytes.set(
        [source.w3 >>> 24, (source.w3 >>> 16) & 255, (source.w3 >>> 8) & 255, source.w3 & 255],
        12,
      );
    }
    if (get16(skb.bytes, 4) === 0) put16(skb.bytes, 4, host.choices.random(65_536, "IP identification"));
    if (((skb.bytes[0] as number) & 15) * 4 > skb.bytes.length) return "refused";
  }
  skb.ctInfo = CT_INFO.ESTABLISHED;
  const passed = localOut(host, skb);
  drainLoopback(host);
  return passed ? "sent" : (skb.routeError ?? "dropped");
}
