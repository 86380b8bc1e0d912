/**
 * A recorded packet's way through a host that has routes: all hooks that it passes there, with routing and translation, and
 * nothing that the host would send because of it, since a recording has what was really sent.
 */
import { type Family, readWords } from "../net/index.ts";
import { runHook } from "./hooks.ts";
import { decrementTtl } from "./hop-count.ts";
import type { Host } from "./host.ts";
import type { Packet } from "./packet.ts";
import { firstNexthop, flowTo, type RouteError } from "./routing/fib.ts";
import { flowOf, routeInput } from "./routing/input-route.ts";
import { routeOutput } from "./routing/output-route.ts";
import type { TableVerdict } from "./traverse.ts";

/** What tables say, or why the kernel itself goes no further. */
export type RoutedVerdict = TableVerdict | { readonly discarded: string };

const NO_ROUTE: Readonly<Record<RouteError, string>> = {
  "no-route": "no route to the destination",
  "host-unreachable": "no route to the destination, or this host does not forward",
  prohibited: "the route prohibits it",
  blackhole: "the route is a black hole",
};

/** @param device where it comes in; undefined: this host sends it. `skb.local` says the same. */
export function passRouted(host: Host, skb: Packet, device: string | undefined): RoutedVerdict {
  return device === undefined ? passOut(host, skb) : passIn(host, skb, device);
}

function passIn(host: Host, skb: Packet, device: string): RoutedVerdict {
  const first = runHook(host, skb, "PREROUTING", device, "");
  if (first !== "accept") return first;
  const route = routeInput(host, skb);
  if (route.kind === "martian") return { discarded: route.reason };
  if (route.kind === "error") return { discarded: NO_ROUTE[route.error] };
  skb.destination = route.destination;
  if (route.destination.kind !== "forward") return runHook(host, skb, "INPUT", device, "");
  if (skb.family === "ipv6" && !host.sysctls.forwards("ipv6", device))
    return { discarded: "IPv6 forwarding is off" };
  if ((skb.bytes[skb.family === "ipv4" ? 8 : 7] as number) <= 1) return { discarded: "TTL expired" };
  decrementTtl(skb.family, skb.bytes);
  const forwarded = runHook(host, skb, "FORWARD", device, route.destination.device);
  // Tables may have routed it anew.
  return forwarded === "accept" ? leave(host, skb, device) : forwarded;
}

function passOut(host: Host, skb: Packet): RoutedVerdict {
  const route = routeOutput(host, skb.family, flowOf(skb, "lo", "", 0));
  if (typeof route === "string") return { discarded: NO_ROUTE[route] };
  skb.destination = route.destination;
  const verdict = runHook(host, skb, "OUTPUT", "", route.destination.device);
  return verdict === "accept" ? leave(host, skb, "") : verdict;
}

const leave = (host: Host, skb: Packet, inDevice: string): TableVerdict =>
  runHook(host, skb, "POSTROUTING", inDevice, skb.destination?.device ?? "");

/**
 * By which device a packet with these bytes came in, if nobody says: where the way back to its source leads.
 * @returns "own" for a source that is the host's; undefined if no route leads back.
 */
export function arrivalOf(host: Host, family: Family, bytes: Uint8Array): string | undefined {
  const source = readWords(family, bytes, family === "ipv4" ? 12 : 8);
  if (host.network.ownerOf(family, source) !== undefined) return OWN;
  const answer = host.network.fibs[family].lookup(flowTo(source), firstNexthop);
  return answer.kind === "route" ? answer.nexthop?.device : undefined;
}

/** No device is named so. */
export const OWN = "/own";
