/**
 * Zones as one number: what the original tuple is filed under in the lower, the reply in the upper 16 bits.
 * Kernel: include/net/netfilter/nf_conntrack_zones.h, nf_ct_zone_id().
 */

const REPLY = 0x10000;

export const zoneOf = (id: number, direction: "both" | "original" | "reply"): number =>
  (direction === "reply" ? 0 : id) + (direction === "original" ? 0 : id * REPLY);

/** The zone that a tuple of the direction is filed under. */
export const zoneIn = (zone: number, reply: boolean): number => (reply ? zone >>> 16 : zone & 0xffff);

/** The number that a rule named. */
export const zoneId = (zone: number): number => zoneIn(zone, false) || zoneIn(zone, true);
