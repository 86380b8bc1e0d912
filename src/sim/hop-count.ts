/** The hop count of a packet. */
import { type Family, get16, put16 } from "../net/index.ts";
import type { Host } from "./host.ts";
import type { Destination } from "./packet.ts";

/** Takes one hop off, with the IPv4 checksum kept right as the kernel's ip_decrease_ttl() does. */
export function decrementTtl(family: Family, bytes: Uint8Array): void {
  if (family === "ipv6") {
    bytes[7] = (bytes[7] as number) - 1;
    return;
  }
  bytes[8] = (bytes[8] as number) - 1;
  const sum = get16(bytes, 10) + 0x0100;
  put16(bytes, 10, sum >= 0xffff ? (sum + 1) & 0xffff : sum);
}

const DEFAULT_HOPS = 64;

/** What this host starts its own packets with: the route's, else the setting. Kernel: ip4_dst_hoplimit(), ip6_dst_hoplimit(). */
export function ownHopLimit(host: Host, family: Family, { route, device }: Destination): number {
  if (route?.hopLimit !== undefined) return route.hopLimit;
  return family === "ipv4"
    ? host.sysctls.number("net.ipv4.ip_default_ttl", DEFAULT_HOPS)
    : host.sysctls.device("ipv6", device, "hop_limit", DEFAULT_HOPS);
}
