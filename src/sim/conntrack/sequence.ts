/**
 * Sequence numbers of a stream whose length a NAT helper has changed.
 * Kernel: net/netfilter/nf_conntrack_seqadj.c.
 */
import { get32 } from "../../net/index.ts";
import { replaceWord } from "../checksums.ts";
import type { Connection, SequenceAdjustment } from "./connection.ts";

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

const NONE: SequenceAdjustment = { position: 0, before: 0, after: 0 };
const SACK = 5;
const SACK_BLOCK = 8;

/**
 * Gives a segment the numbers that its receiver counts in. A segment with broken options is dropped.
 * @returns whether it may go on. Kernel: nf_ct_seq_adjust(), nf_ct_sack_adjust().
 */
export function adjustSequence(
  connection: Connection,
  reply: boolean,
  bytes: Uint8Array,
  transport: number,
): boolean {
  if (bytes.length < transport + 20) return false;
  const sum = transport + 16;
  const other = connection.adjustments?.[reply ? 0 : 1] ?? NONE;
  const back = (number: number): number => {
    const old = (number - other.before) | 0;
    return (number - (((other.position - old) | 0) < 0 ? other.after : other.before)) | 0;
  };
  const seq = get32(bytes, transport + 4);
  const ack = get32(bytes, transport + 8);
  replaceWord(bytes, transport + 4, (seq + sequenceOffset(connection, reply, seq)) | 0, sum);
  replaceWord(bytes, transport + 8, back(ack), sum);
  const end = transport + ((bytes[transport + 12] as number) >>> 4) * 4;
  if (bytes.length < end) return false;
  for (let at = transport + 20; at < end; ) {
    const kind = bytes[at] as number;
    if (kind === 0) return true;
    if (kind === 1) {
      at++;
      continue;
    }
    const length = bytes[at + 1] as number;
    if (at + 1 === end || at + length > end || length < 2) return false;
    if (kind === SACK && length >= 2 + SACK_BLOCK && (length - 2) % SACK_BLOCK === 0)
      for (let edge = at + 2; edge < at + length; edge += 4)
        replaceWord(bytes, edge, back(get32(bytes, edge)), sum);
    at += length;
  }
  return true;
}
