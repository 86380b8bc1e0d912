/**
 * How conntrack follows SCTP: a state machine over chunk types, with the verification tags of both sides.
 * Kernel: net/netfilter/nf_conntrack_proto_sctp.c, nf_conntrack_sctp_packet(), Linux 6.18.
 */
import { get16, word } from "../../net/index.ts";
import { CT_STATUS } from "../../xt/index.ts";
import type { Connection } from "./connection.ts";
import type { Segment, Verdict } from "./protocol.ts";

export const SCTP_STATES = [
  "NONE",
  "CLOSED",
  "COOKIE_WAIT",
  "COOKIE_ECHOED",
  "ESTABLISHED",
  "SHUTDOWN_SENT",
  "SHUTDOWN_RECD",
  "SHUTDOWN_ACK_SENT",
  "HEARTBEAT_SENT",
] as const;
const CLOSED = 1;
const ESTABLISHED = 4;
const INVALID = 9;

const CHUNK = {
  DATA: 0,
  INIT: 1,
  INIT_ACK: 2,
  HEARTBEAT: 4,
  HEARTBEAT_ACK: 5,
  ABORT: 6,
  SHUTDOWN: 7,
  SHUTDOWN_ACK: 8,
  ERROR: 9,
  COOKIE_ECHO: 10,
  COOKIE_ACK: 11,
  SHUTDOWN_COMPLETE: 14,
} as const;

/** One letter for each of SCTP_STATES, then `x` for "invalid". */
const LETTERS = "nlwceSRAhx";

/** By chunk type the rows of the original and the reply direction; the column is the old state. */
const TRANSITIONS: ReadonlyMap<number, readonly [Uint8Array, Uint8Array]> = new Map(
  (
    [
      [CHUNK.INIT, "llwcellAw", "xlwceSRAx"],
      [CHUNK.INIT_ACK, "llwceSRAl", "xwwceSRAx"],
      [CHUNK.ABORT, "lllllllll", "xlllllllx"],
      [CHUNK.SHUTDOWN, "llwcSSRAl", "xlwcRSRAx"],
      [CHUNK.SHUTDOWN_ACK, "AlwceAAAA", "xlwceAAAx"],
      [CHUNK.ERROR, "llwceSRAl", "xlwleSRAx"],
      [CHUNK.COOKIE_ECHO, "llcceSRAl", "xlwceSRAx"],
      [CHUNK.COOKIE_ACK, "llwceSRAl", "xlweeSRAx"],
      [CHUNK.SHUTDOWN_COMPLETE, "llwceSRll", "xlwceSRlx"],
      [CHUNK.HEARTBEAT, "hlwceSRAh", "xlwceSRAh"],
      [CHUNK.HEARTBEAT_ACK, "llwceSRAh", "xlwceSRAe"],
    ] as const
  ).map(([chunk, ...rows]) => {
    const [original, reply] = rows.map((row) =>
      Uint8Array.from([...row], (letter) => LETTERS.indexOf(letter)),
    );
    return [chunk, [original as Uint8Array, reply as Uint8Array]];
  }),
);

/** `struct ip_ct_sctp`; tags by direction of the packets that carry them. */
export class SctpTracking {
  state = 0;
  readonly tags: [number, number] = [0, 0];
  heartbeatFailed = false;
  lastReply = false;
}

interface Chunk {
  readonly type: number;
  readonly flags: number;
  readonly at: number;
}

/** The packet's chunks; undefined if it has none or some stand where they must not. */
function readChunks(bytes: Uint8Array, transport: number): readonly Chunk[] | undefined {
  const chunks: Chunk[] = [];
  let alone = false;
  for (let at = transport + 12; at < bytes.length && at + 4 <= bytes.length; ) {
    const type = bytes[at] as number;
    const length = get16(bytes, at + 2);
    if (type === CHUNK.INIT || type === CHUNK.INIT_ACK || type === CHUNK.SHUTDOWN_COMPLETE) alone = true;
    const first = type === CHUNK.COOKIE_ACK || type === CHUNK.COOKIE_ECHO || alone;
    if ((first && chunks.length > 0) || length === 0) return undefined;
    chunks.push({ type, flags: bytes[at + 1] as number, at });
    at += (length + 3) & ~3;
  }
  return chunks.length === 0 ? undefined : chunks;
}

const nextState = (reply: boolean, state: number, type: number): number =>
  TRANSITIONS.get(type)?.[reply ? 1 : 0][state] ?? state;

function begin(
  connection: Connection,
  bytes: Uint8Array,
  transport: number,
  chunks: readonly Chunk[],
): boolean {
  const sctp = new SctpTracking();
  const tag = word(bytes, transport + 4);
  for (const { type, at } of chunks) {
    const state = nextState(false, 0, type);
    if (state === 0 || state === INVALID) return false;
    if (type === CHUNK.INIT) {
      if (tag !== 0 || at + 20 > bytes.length) return false;
      sctp.tags[1] = word(bytes, at + 4);
    } else if (type === CHUNK.HEARTBEAT) sctp.tags[0] = tag;
    else sctp.tags[1] = tag;
  }
  connection.sctp = sctp;
  return true;
}

const TAG_FREE: ReadonlySet<number> = new Set([
  CHUNK.INIT,
  CHUNK.SHUTDOWN_COMPLETE,
  CHUNK.COOKIE_ECHO,
  CHUNK.ABORT,
  CHUNK.SHUTDOWN_ACK,
  CHUNK.HEARTBEAT,
  CHUNK.HEARTBEAT_ACK,
]);

/** One packet of an association. */
export function trackSctp(connection: Connection, segment: Segment): Verdict {
  const { bytes, transport, reply, settings } = segment;
  if (bytes.length - transport < 12 || !segment.checksumHolds()) return "invalid";
  const chunks = readChunks(bytes, transport);
  if (chunks === undefined) return "invalid";
  const has = (type: number): boolean => chunks.some((chunk) => chunk.type === type);
  if (!connection.confirmed) {
    if (has(CHUNK.ABORT) || has(CHUNK.SHUTDOWN_COMPLETE) || has(CHUNK.COOKIE_ACK)) return "invalid";
    if (!begin(connection, bytes, transport, chunks)) return "invalid";
  }
  const sctp = connection.sctp as SctpTracking;
  const tag = word(bytes, transport + 4);
  const [own, peer] = reply ? ([1, 0] as const) : ([0, 1] as const);
  if (!chunks.some(({ type }) => TAG_FREE.has(type)) && tag !== sctp.tags[own]) return "invalid";

  let ignore = false;
  let newState = 0;
  for (const { type, flags, at } of chunks) {
    if (type === CHUNK.INIT) {
      if (tag !== 0) return "invalid";
    } else if (type === CHUNK.ABORT || type === CHUNK.SHUTDOWN_COMPLETE) {
      if (tag !== sctp.tags[(flags & 1) === 0 ? own : peer]) return "invalid";
    } else if (type === CHUNK.COOKIE_ECHO) {
      if (tag !== sctp.tags[own]) return "invalid";
    } else if (type === CHUNK.HEARTBEAT || type === CHUNK.HEARTBEAT_ACK) {
      if (sctp.tags[own] === 0) sctp.tags[own] = tag;
      else if (tag !== sctp.tags[own]) {
        if (has(CHUNK.DATA) || ignore) return "invalid";
        if (type === CHUNK.HEARTBEAT) {
          sctp.heartbeatFailed = true;
          sctp.lastReply = reply;
          ignore = true;
          continue;
        }
        if (!sctp.heartbeatFailed || sctp.lastReply === reply) return "invalid";
        sctp.heartbeatFailed = false;
        sctp.tags[own] = tag;
        sctp.tags[peer] = 0;
      } else sctp.heartbeatFailed = false;
    }
    const oldState = sctp.state;
    newState = nextState(reply, oldState, type);
    if (newState === INVALID) return "invalid";
    if (type === CHUNK.INIT || type === CHUNK.INIT_ACK) {
      if (at + 20 > bytes.length) return "invalid";
      sctp.tags[peer] = word(bytes, at + 4);
      if (newState === CLOSED && oldState === CLOSED && connection.confirmed) ignore = true;
    }
    sctp.state = newState;
    if (oldState !== newState && newState === ESTABLISHED) connection.status |= CT_STATUS.ASSURED;
  }
  if (!ignore) segment.refresh(settings.sctpTimeoutSec[newState === 0 ? CLOSED : newState] as number);
  return "valid";
}

/** Whether the entry is closing, so that a full table may give it up. */
export const sctpIsClosing = ({ state }: SctpTracking): boolean => state >= 5 && state <= 7;
