/**
 * Routing of what this host sends, and the choice of its source address. Kernel: net/ipv4/route.c,
 * ip_route_output_key_hash_rcu(); net/ipv4/netfilter.c, ip_route_me_harder(); net/ipv6/route.c.
 */
import type { RoutingRule } from "../../hoststate/index.ts";
import { type AddressWords, type Family, NO_ADDRESS, sameWords } from "../../net/index.ts";
import type { Host } from "../host.ts";
import type { Destination, Packet } from "../packet.ts";
import { type Flow, flowTo, type RouteError } from "./fib.ts";
import { chooseNexthop, flowOf, toDestination } from "./input-route.ts";

export interface OutputRoute {
  readonly destination: Destination;
  readonly rule: RoutingRule | undefined;
  /** The address to send from if the sender did not choose one. */
  readonly source: AddressWords;
}

/** The way from this host; the reason if there is none. */
export function routeOutput(host: Host, family: Family, flow: Flow): OutputRoute | RouteError {
  const answer = host.network.fibs[family].lookup(flow, chooseNexthop(host, family, flow));
  if (answer.kind === "error") return answer.error;
  const destination = toDestination(host, answer);
  if (isStrandedLoopback(host, family, flow, destination)) return "no-route";
  const preferred = answer.route.preferredSource;
  const towards = family === "ipv4" ? (destination.gateway ?? flow.destination) : flow.destination;
  let source = flow.source;
  if (sameWords(source, NO_ADDRESS)) {
    source =
      destination.kind === "local"
        ? (preferred ?? flow.destination)
        : (preferred ?? host.network.sourceAddress(family, destination.device, towards) ?? NO_ADDRESS);
  }
  return { destination, source, rule: answer.rule };
}

/** A packet from 127.0.0.0/8 may not leave the host. Kernel: __mkroute_output(). */
function isStrandedLoopback(host: Host, family: Family, flow: Flow, { device }: Destination): boolean {
  return (
    family === "ipv4" &&
    flow.source.w3 >>> 24 === 127 &&
    device !== "lo" &&
    !host.sysctls.either(device, "route_localnet", 0)
  );
}

/** The source that a packet of this host is routed again by: its own unless it is broadcast or multicast. Kernel: ip_route_me_harder(). */
export function routableSource(host: Host, family: Family, source: AddressWords): AddressWords {
  const { w3 } = source;
  if (family === "ipv6") return source;
  if (w3 === -1 || w3 === 0 || w3 >>> 28 === 14) return NO_ADDRESS;
  const found = host.network.fibs.ipv4.lookupTable("local", flowTo(source));
  return found === undefined || found.route.type === "local" ? source : NO_ADDRESS;
}

/**
 * Routes a packet of this host again after its addresses or mark have changed.
 * @returns false if there is no way, and the packet is dropped.
 */
export function rerouteOutput(host: Host, skb: Packet): boolean {
  const flow = flowOf(skb, "lo", "", typeof skb.owner === "object" ? skb.owner.uid : 0);
  const source = routableSource(host, skb.family, flow.source);
  const answer = host.network.fibs[skb.family].lookup(
    { ...flow, source },
    chooseNexthop(host, skb.family, flow),
  );
  if (answer.kind === "error") {
    skb.routeError = answer.error;
    host.discard("no route for the changed packet", skb);
    return false;
  }
  skb.destination = toDestination(host, answer);
  if (isStrandedLoopback(host, skb.family, flow, skb.destination)) {
    host.discard("a loopback address may not leave the host", skb);
    return false;
  }
  host.report({ kind: "route", skb, destination: skb.destination, rule: answer.rule });
  return true;
}
