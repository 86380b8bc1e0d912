/**
 * Sequence numbers of a stream whose length a NAT helper has changed.
 * Kernel: net/netfilter/nf_conntrack_seqadj.c.
 */
import type { Connection } from "./connection.ts";

/** By how much numbers sent in the direction (`reply` or not) were shifted at `seq`. */
export function sequenceOffset(connection: Connection, reply: boolean, seq: number): number {
  const adjustment = connection.adjustments?.[reply ? 1 : 0];
  if (adjustment === undefined) return 0;
  return ((adjustment.position - seq) | 0) < 0 ? adjustment.after : adjustment.before;
}

/** Notes that text sent at `seq` in the direction became longer by `difference` bytes. */
export function shiftSequence(connection: Connection, reply: boolean, seq: number, difference: number): void {
  if (difference === 0) return;
  connection.adjustments ??= [undefined, undefined];
  const side = reply ? 1 : 0;
  const old = connection.adjustments[side];
  if (old === undefined) connection.adjustments[side] = { position: seq, before: 0, after: difference };
  else if (old.before === old.after || ((old.position - seq) | 0) < 0)
    connection.adjustments[side] = { position: seq, before: old.after, after: old.after + difference };
}
