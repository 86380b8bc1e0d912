/** The hop count of a packet. */
import { type Family, get16, put16 } from "../net/index.ts";

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
