/** What the trackers of the protocols have in common: one packet of a connection, and what they say of it. */
import type { ConntrackSettings } from "./settings.ts";

/** One packet, as a tracker sees it. */
export interface Segment {
  readonly bytes: Uint8Array;
  /** Offset of the transport header. */
  readonly transport: number;
  readonly reply: boolean;
  readonly settings: ConntrackSettings;
  /** Virtual time in ms. */
  readonly now: number;
  /** Whether the transport checksum holds; true where nobody checks, as on the way out. */
  checksumHolds(): boolean;
  /** Sets the connection's remaining life, now or at its confirmation, and counts the packet. */
  refresh(timeoutSec: number): void;
}

/**
 * `invalid`: the packet is tracked as INVALID. `reopen`: the entry is dead, look the packet up again without it.
 * `kill`: the packet is valid and the last one of its entry.
 */
export type Verdict = "valid" | "invalid" | "reopen" | "kill";
