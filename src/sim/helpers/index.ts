/**
 * Conntrack helpers: they read a connection's text and announce the connections that it agrees on.
 * Kernel: net/netfilter/nf_conntrack_{ftp,tftp,irc}.c.
 */
import type { Connection } from "../conntrack/connection.ts";
import type { Host } from "../host.ts";
import type { Packet } from "../packet.ts";
import type { TableVerdict } from "../traverse.ts";
import { ftp } from "./ftp.ts";
import { irc } from "./irc.ts";
import { tftp } from "./tftp.ts";

export type Helper = (host: Host, skb: Packet, connection: Connection) => TableVerdict;

const HELPERS: Readonly<Record<string, Helper>> = { ftp, irc, tftp };

/** A helper that the model has no reader for announces nothing, which is said once a connection. */
export function runHelper(host: Host, skb: Packet, connection: Connection): TableVerdict {
  const state = connection.helperState;
  if (state === undefined) return "accept";
  const helper = HELPERS[state.name];
  if (helper !== undefined) return helper(host, skb, connection);
  if (!state.said) {
    state.said = true;
    host.choices.decide(`helper ${state.name}: which connections it announces`);
  }
  return "accept";
}
