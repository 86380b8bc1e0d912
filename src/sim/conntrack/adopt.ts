/**
 * Connections of a listing, taken into the table. What no listing tells (windows, scaling, helpers' state) is taken as a
 * connection picked up in the middle is: nothing of TCP is out of window. Kernel: nf_conntrack_netlink.c, ctnetlink_create_conntrack().
 */
import { type ConntrackEntry, type Tuple as ListedTuple, natManips } from "../../hoststate/index.ts";
import { type Family, PROTOCOL, toWords } from "../../net/index.ts";
import { CT_STATUS } from "../../xt/index.ts";
import type { Host } from "../host.ts";
import { Connection } from "./connection.ts";
import { pickedUpTcp, TCP_STATES } from "./tcp.ts";
import { Tuple } from "./tuple.ts";
import { zoneOf } from "./zone.ts";

/** An entry without a timeout is taken to live this long. */
const UNSTATED_TIMEOUT_SEC = 60;

/** Files the connection in the host's table. Protocols without ports are filed by their addresses. */
export function adoptConnection(host: Host, entry: ConntrackEntry): void {
  const { family, protocol, original, reply, zone, mark, state } = entry;
  const connection = new Connection(
    tupleOf(family, protocol, original),
    tupleOf(family, protocol, reply),
    zoneOf(zone ?? 0, "both") + zoneOf(original.zone ?? 0, "original") + zoneOf(reply?.zone ?? 0, "reply"),
    () => host.now,
  );
  connection.mark = mark ?? 0;
  connection.timeoutSec = entry.timeoutSec ?? UNSTATED_TIMEOUT_SEC;
  connection.expiresAt = host.now + connection.timeoutSec * 1000;
  const manips = natManips(entry);
  connection.status =
    CT_STATUS.CONFIRMED |
    CT_STATUS.SRC_NAT_DONE |
    CT_STATUS.DST_NAT_DONE |
    (entry.seenReply ? CT_STATUS.SEEN_REPLY : 0) |
    (entry.assured ? CT_STATUS.ASSURED : 0) |
    (manips.src ? CT_STATUS.SRC_NAT : 0) |
    (manips.dst ? CT_STATUS.DST_NAT : 0);
  if (protocol === PROTOCOL.tcp)
    connection.tcp = pickedUpTcp(Math.max(0, (TCP_STATES as readonly string[]).indexOf(state ?? "")));
  host.conntrack.table.insert(connection);
}

function tupleOf(family: Family, protocol: number, listed: ListedTuple): Tuple {
  const tuple = new Tuple(family, protocol);
  tuple.setSource(toWords(listed.source));
  tuple.setDestination(toWords(listed.destination));
  if (listed.icmpId !== undefined) {
    tuple.sport = listed.icmpId;
    tuple.dport = ((listed.icmpType ?? 0) << 8) | (listed.icmpCode ?? 0);
  } else {
    tuple.sport = listed.sourcePort ?? 0;
    tuple.dport = listed.destinationPort ?? 0;
  }
  return tuple;
}
