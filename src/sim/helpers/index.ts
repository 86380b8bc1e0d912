/**
 * Conntrack helpers: they read a connection's text and announce the connections that it agrees on.
 * Kernel: net/netfilter/nf_conntrack_{ftp,tftp,irc}.c.
 */
import type { Connection } from "../conntrack/connection.ts";
import type { Host } from "../host.ts";
import type { Packet } from "../packet.ts";
import type { TableVerdict } from "../traverse.ts";
import { tftp } from "./tftp.ts";

export type Helper = (host: Host, skb: Packet, connection: Connection) => TableVerdict;

const HELPERS: Readonly<Record<string, Helper>> = { tftp };

/** Helpers that the model has no reader for announce nothing; the decision is the caller's. */
export function runHelper(host: Host, skb: Packet, connection: Connection): TableVerdict {
  const name = connection.helperState?.name ?? "";
  return HELPERS[name]?.(host, skb, connection) ?? "accept";
}
