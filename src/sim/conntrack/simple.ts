/**
 * Trackers of the protocols without a state machine: what counts is whether the other side has answered.
 * Kernel: net/netfilter/nf_conntrack_proto_{udp,icmp,icmpv6,gre,generic}.c.
 */
import { get16 } from "../../net/index.ts";
import { CT_STATUS } from "../../xt/index.ts";
import type { Connection } from "./connection.ts";
import type { Segment, Verdict } from "./protocol.ts";

/** UDP becomes a stream when it goes on longer than this after its first packet. */
const STREAM_AFTER_MS = 2000;

/** UDP and UDP-Lite; `lite` has a coverage in place of a length. */
export function trackUdp(connection: Connection, segment: Segment, lite: boolean): Verdict {
  const { bytes, transport, now, settings } = segment;
  const length = bytes.length - transport;
  if (length < 8) return "invalid";
  const stated = get16(bytes, transport + 4);
  if (lite) {
    const coverage = stated === 0 ? length : stated;
    if (coverage < 8 || coverage > length || get16(bytes, transport + 6) === 0) return "invalid";
  } else if (stated > length || stated < 8) return "invalid";
  const unchecked = !lite && get16(bytes, transport + 6) === 0;
  if (!unchecked && !segment.checksumHolds()) return "invalid";
  if (!connection.confirmed) connection.streamAt = now + STREAM_AFTER_MS;
  if ((connection.status & CT_STATUS.SEEN_REPLY) === 0) {
    segment.refresh(settings.udpSec);
    return "valid";
  }
  const stream = now > connection.streamAt;
  segment.refresh(stream ? settings.udpStreamSec : settings.udpSec);
  if (stream) connection.status |= CT_STATUS.ASSURED;
  return "valid";
}

const ICMP_REQUESTS: ReadonlySet<number> = new Set([8, 13, 15, 17]);
const ICMPV6_REQUESTS: ReadonlySet<number> = new Set([128, 139]);

/** Queries and their answers; errors are filed under the connection that they are about, not here. */
export function trackIcmp(connection: Connection, segment: Segment): Verdict {
  const { settings } = segment;
  const { family, dport } = connection.original;
  const requests = family === "ipv4" ? ICMP_REQUESTS : ICMPV6_REQUESTS;
  if (!requests.has(dport >>> 8)) return "invalid";
  segment.refresh(family === "ipv4" ? settings.icmpSec : settings.icmpv6Sec);
  return "valid";
}

export function trackGre(connection: Connection, segment: Segment): Verdict {
  const { settings } = segment;
  if ((connection.status & CT_STATUS.SEEN_REPLY) === 0) segment.refresh(settings.greSec);
  else {
    segment.refresh(settings.greStreamSec);
    connection.status |= CT_STATUS.ASSURED;
  }
  return "valid";
}

/** Protocols that conntrack knows by addresses and number alone. */
export function trackGeneric(segment: Segment): Verdict {
  segment.refresh(segment.settings.genericSec);
  return "valid";
}
