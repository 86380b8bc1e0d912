/**
 * Routing of received packets, with the checks of their source. Kernel: net/ipv4/route.c, ip_route_input_slow();
 * net/ipv4/fib_frontend.c, fib_validate_source(); net/ipv6/route.c, ip6_route_input().
 */

import type { RoutingRule } from "../../hoststate/index.ts";
import {
  type AddressWords,
  type Family,
  fromWords,
  get16,
  NO_ADDRESS,
  printAddress,
  readWords,
} from "../../net/index.ts";
import type { Skb } from "../../xt/index.ts";
import type { Host } from "../host.ts";
import type { Destination, Packet } from "../packet.ts";
import {
  type FibNexthop,
  type FibRoute,
  type Flow,
  firstNexthop,
  isLinkLocal,
  type RouteError,
  type RouteHit,
} from "./fib.ts";

/** Why a packet goes nowhere. `error` is answered with an ICMP message if the host forwards. */
export type InputRoute =
  | {
      readonly kind: "destination";
      readonly destination: Destination;
      readonly redirect: boolean;
      readonly rule: RoutingRule | undefined;
    }
  | { readonly kind: "error"; readonly error: RouteError }
  | { readonly kind: "martian"; readonly reason: string };

const isMulticast = (w3: number): boolean => w3 >>> 28 === 14;
const isLoopback = (w3: number): boolean => w3 >>> 24 === 127;
const LIMITED_BROADCAST = -1;

/** The addresses and selectors of a packet, for a lookup. */
export function flowOf(skb: Skb, inDevice: string, outDevice: string, uid: number | undefined): Flow {
  const { family, bytes, protocol, transport } = skb;
  const at = family === "ipv4" ? 12 : 8;
  const size = family === "ipv4" ? 4 : 16;
  const ported =
    (protocol === 6 || protocol === 17 || protocol === 132 || protocol === 136 || protocol === 33) &&
    skb.fragmentOffset === 0 &&
    skb.hasTransport(4);
  return {
    source: readWords(family, bytes, at),
    destination: readWords(family, bytes, at + size),
    inDevice,
    outDevice,
    mark: skb.mark,
    tos: (family === "ipv4" ? (bytes[1] as number) : get16(bytes, 0) >>> 4) & 0xfc,
    protocol,
    sport: ported ? ((bytes[transport] as number) << 8) | (bytes[transport + 1] as number) : 0,
    dport: ported ? ((bytes[transport + 2] as number) << 8) | (bytes[transport + 3] as number) : 0,
    uid,
  };
}

/**
 * One of several next hops. The kernel hashes addresses, and ports if net.ipv4.fib_multipath_hash_policy says so, with a
 * secret: nobody knows which it takes, only that packets of one flow take the same. Kernel: fib_multipath_hash().
 */
export function chooseNexthop(host: Host, family: Family, flow: Flow): (route: FibRoute) => FibNexthop {
  return ({ nexthops }) => {
    const address = (words: AddressWords): string => printAddress(fromWords(family, words));
    const { source, destination, protocol, sport, dport } = flow;
    const ports =
      host.sysctls.number(`net.${family}.fib_multipath_hash_policy`, 0) === 0
        ? ""
        : ` protocol ${protocol} ports ${sport} and ${dport}`;
    const subject = `from ${address(source)} to ${address(destination)}${ports}`;
    const name = ({ device, gateway }: FibNexthop): string =>
      `${gateway === undefined ? "" : `${address(gateway)} `}${device}`;
    const key = `multipath ${subject}`;
    const known = host.shared.get(key);
    const found =
      nexthops.find((each) => name(each) === known) ??
      nexthops.slice(0, -1).find((each) => host.choices.decide(`next hop ${subject}: ${name(each)}`)) ??
      (nexthops.at(-1) as FibNexthop);
    host.shared.set(key, name(found));
    return found;
  };
}

export function toDestination(host: Host, hit: RouteHit): Destination {
  const { route, nexthop } = hit;
  const kind =
    route.type === "local" || route.type === "anycast"
      ? "local"
      : route.type === "broadcast"
        ? "broadcast"
        : route.type === "multicast"
          ? "multicast"
          : "forward";
  const device = kind === "local" ? "lo" : (nexthop?.device ?? "lo");
  return {
    kind,
    device,
    gateway: nexthop?.gateway,
    mtu: route.mtu ?? host.network.mtuOf(device),
    route,
    realms: nexthop?.realm ?? 0,
  };
}

/** Realms are of IPv4 alone. Kernel: set_class_tag(). */
const withSourceRealm = (destination: Destination, realm: number): Destination =>
  realm === 0 ? destination : { ...destination, realms: destination.realms | (realm << 16) };

export function routeInput(host: Host, skb: Packet): InputRoute {
  return skb.family === "ipv4" ? routeInputIpv4(host, skb) : routeInputIpv6(host, skb);
}

function routeInputIpv4(host: Host, skb: Packet): InputRoute {
  const device = skb.inDevice;
  const flow = flowOf(skb, device, "", undefined);
  const source = flow.source.w3;
  const target = flow.destination.w3;
  const martian = (reason: string): InputRoute => ({ kind: "martian", reason });
  if (isMulticast(source) || source === LIMITED_BROADCAST)
    return martian("a multicast or broadcast address as source");
  const broadcast = (): InputRoute => ({
    kind: "destination",
    destination: {
      kind: "broadcast",
      device: "lo",
      gateway: undefined,
      mtu: 65_536,
      route: undefined,
      realms: 0,
    },
    redirect: false,
    rule: undefined,
  });
  if (isMulticast(target)) {
    const all = target === (0xe0000001 | 0);
    if (all && isLoopback(source) && !host.sysctls.either(device, "route_localnet", 0))
      return martian("a loopback address as source");
    const check = all && source !== 0 ? validateSource(host, skb, fromNobody(flow), "") : undefined;
    if (typeof check === "string") return martian(check);
    return all
      ? ({
          ...broadcast(),
          destination: {
            kind: "multicast",
            device: "lo",
            gateway: undefined,
            mtu: 65_536,
            route: undefined,
            realms: 0,
          },
        } as InputRoute)
      : martian("a multicast group that this host is no member of");
  }
  if (target === LIMITED_BROADCAST || (source === 0 && target === 0)) {
    const check = source === 0 ? undefined : validateSource(host, skb, fromNobody(flow), "");
    return typeof check === "string" ? martian(check) : broadcast();
  }
  // The rest of 0.0.0.0/8 is as good as any other network. Kernel: ipv4_is_zeronet().
  if (source === 0) return martian("0.0.0.0 as source");
  if (target === 0) return martian("0.0.0.0 as destination");
  const localnet = host.sysctls.either(device, "route_localnet", 0);
  if (isLoopback(target) && !localnet && device !== "lo") return martian("a loopback address as destination");
  if (isLoopback(source) && !localnet && device !== "lo") return martian("a loopback address as source");
  const answer = host.network.fibs.ipv4.lookup(flow, chooseNexthop(host, "ipv4", flow));
  const forwards = host.sysctls.forwards("ipv4", device);
  if (answer.kind === "error") return { kind: "error", error: forwards ? answer.error : "host-unreachable" };
  const { type } = answer.route;
  const rule = answer.rule;
  if (type === "broadcast" || type === "local") {
    const check = validateSource(host, skb, type === "local" ? flow : fromNobody(flow), "");
    if (typeof check === "string") return martian(check);
    const destination = withSourceRealm(toDestination(host, answer), check.realm);
    return { kind: "destination", destination, redirect: false, rule };
  }
  if (!forwards) return { kind: "error", error: "host-unreachable" };
  if (type !== "unicast") return martian(`destination is of type ${type}`);
  const out = answer.nexthop?.device ?? "";
  const check = validateSource(host, skb, flow, out);
  if (typeof check === "string") return martian(check);
  const sharedMedia = host.sysctls.either(device, "shared_media", 1);
  const gateway = answer.nexthop?.gateway;
  const onLink = gateway === undefined ? true : isOnLink(host, device, flow.source, gateway);
  const redirect =
    out === device &&
    check.direct &&
    host.sysctls.either(device, "send_redirects", 1) &&
    (sharedMedia || onLink);
  const destination = withSourceRealm(toDestination(host, answer), check.realm);
  return { kind: "destination", destination, redirect, rule };
}

/** Whether the sender and the gateway are in one network of the device. Kernel: inet_addr_onlink(). */
function isOnLink(host: Host, device: string, a: AddressWords, b: AddressWords): boolean {
  return (host.network.device(device)?.addresses ?? []).some(({ family, words, prefixBits }) => {
    const mask = prefixBits === 0 ? 0 : -1 << (32 - prefixBits);
    return family === "ipv4" && ((a.w3 ^ words.w3) & mask) === 0 && ((b.w3 ^ words.w3) & mask) === 0;
  });
}

/** The way back from a group or from everybody is looked up without its address. */
const fromNobody = (flow: Flow): Flow => ({ ...flow, destination: NO_ADDRESS });

interface SourceCheck {
  /** The sender is on a network of the device. */
  readonly direct: boolean;
  /** Of the route back. */
  readonly realm: number;
}

/**
 * Whether the source may come in by the device (rp_filter), and whether the sender is directly connected. `out` is the
 * device that the packet will leave by, empty for this host.
 * @returns the reason if it may not.
 */
function validateSource(host: Host, skb: Packet, flow: Flow, out: string): SourceCheck | string {
  const device = skb.inDevice;
  const { sysctls, network } = host;
  const fib = network.fibs.ipv4;
  const mode = sysctls.larger(device, "rp_filter", 0);
  const acceptLocal = sysctls.either(device, "accept_local", 0);
  const mayRedirect = sysctls.either(device, "send_redirects", 1);
  if (mode === 0 && !fib.hasRealms && (device !== out || !mayRedirect)) {
    if (acceptLocal) return { direct: false, realm: 0 };
    if (!fib.hasOwnRules) {
      if (network.ownerOf("ipv4", flow.source) !== undefined) return "this host's own address as source";
      return { direct: false, realm: 0 };
    }
  }
  const back: Flow = {
    ...flow,
    destination: flow.source,
    source: flow.destination,
    inDevice: out === "" ? "lo" : out,
    outDevice: "",
    mark: sysctls.either(device, "src_valid_mark", 0) ? skb.mark : 0,
    sport: flow.dport,
    dport: flow.sport,
  };
  const answer = fib.lookup(back, firstNexthop);
  const realm = answer.kind === "route" ? (answer.nexthop?.realm ?? 0) : 0;
  const lastResort = (): SourceCheck | string =>
    mode !== 0 ? "reverse path filter: no route back to the source" : { direct: false, realm };
  if (answer.kind === "error") return lastResort();
  const { type, nexthops } = answer.route;
  if (type !== "unicast" && (type !== "local" || !acceptLocal)) {
    return type === "local" ? "this host's own address as source" : `source is of type ${type}`;
  }
  const direct = (hit: RouteHit): boolean => hit.nexthop?.gateway === undefined;
  if (nexthops.some((each) => each.device === device) || (type === "local" && device === "lo"))
    return { direct: direct(answer), realm };
  if (!(network.device(device)?.addresses ?? []).some(({ family }) => family === "ipv4")) return lastResort();
  if (mode === 1) return "reverse path filter: the route back to the source leaves by another device";
  const there = { ...back, outDevice: device };
  const same = fib.lookup(there, firstNexthop);
  return { direct: same.kind === "route" && same.route.type === "unicast" && direct(same), realm };
}

function routeInputIpv6(host: Host, skb: Packet): InputRoute {
  const device = skb.inDevice;
  const flow = linkScoped(flowOf(skb, device, "", undefined), device);
  if (flow.destination.w0 >>> 24 === 0xff) {
    if (!host.network.hearsGroup(device, flow.destination))
      return { kind: "martian", reason: "a multicast group that this host is no member of" };
    return {
      kind: "destination",
      destination: {
        kind: "multicast",
        device: "lo",
        gateway: undefined,
        mtu: 65_536,
        route: undefined,
        realms: 0,
      },
      redirect: false,
      rule: undefined,
    };
  }
  const answer = host.network.fibs.ipv6.lookup(flow, chooseNexthop(host, "ipv6", flow));
  if (answer.kind === "error") return { kind: "error", error: answer.error };
  const destination = toDestination(host, answer);
  const redirect = destination.kind === "forward" && destination.device === device;
  return { kind: "destination", destination, redirect, rule: answer.rule };
}

/** A link-local destination is on the link of the device, whatever other routes say. Kernel: rt6_need_strict(). */
export const linkScoped = (flow: Flow, device: string): Flow =>
  device !== "lo" && isLinkLocal(flow.destination) ? { ...flow, outDevice: device } : flow;
