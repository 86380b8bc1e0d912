/**
 * How conntrack follows TCP: a state machine over SYN, FIN, RST and ACK, and windows kept for both sides. Sequence
 * numbers are 32 bits and compare modulo 2^32, so they are kept signed and differences taken with `| 0`.
 * Kernel: net/netfilter/nf_conntrack_proto_tcp.c, nf_conntrack_tcp_packet() and tcp_in_window(), Linux 6.18.
 */
import { get16, word } from "../../net/index.ts";
import { CT_STATUS } from "../../xt/index.ts";
import type { Connection } from "./connection.ts";
import type { Segment, Verdict } from "./protocol.ts";
import { sequenceOffset } from "./sequence.ts";
import type { ConntrackSettings } from "./settings.ts";

export const TCP_STATES = [
  "NONE",
  "SYN_SENT",
  "SYN_RECV",
  "ESTABLISHED",
  "FIN_WAIT",
  "CLOSE_WAIT",
  "LAST_ACK",
  "TIME_WAIT",
  "CLOSE",
  "SYN_SENT2",
] as const;
export const TCP_STATE = {
  SYN_SENT: 1,
  SYN_RECV: 2,
  ESTABLISHED: 3,
  FIN_WAIT: 4,
  TIME_WAIT: 7,
  CLOSE: 8,
} as const;
const LAST_ACK = 6;
const SYN_SENT2 = 9;
const IGNORED = 10;
const INVALID = 11;

/** What the flags of a segment amount to: index into TRANSITIONS. */
const KIND = { SYN: 0, SYN_ACK: 1, FIN: 2, ACK: 3, RST: 4, NONE: 5 } as const;

/** One letter for each of TCP_STATES, then `-` for "ignored" and `x` for "invalid". */
const LETTERS = "nsrefwltc2-x";

/** By direction (original, reply) and KIND a row; the column is the old state, the letter the new one. */
const TRANSITIONS: readonly (readonly Uint8Array[])[] = [
  ["ss-----ss2", "xxrxxxxxxr", "xxffllltcx", "exeewwttcx", "xccccccccc", "xxxxxxxxxx"],
  ["x2xxxxxsx2", "xr-------r", "xxffllltcx", "x-rewwttc-", "xccccccccc", "xxxxxxxxxx"],
].map((rows) => rows.map((row) => Uint8Array.from([...row], (letter) => LETTERS.indexOf(letter))));

const FLAG = { FIN: 1, SYN: 2, RST: 4, ACK: 16, URG: 32 } as const;
/** Flag combinations that may be, PSH, ECE and CWR aside. */
const LEGAL_FLAGS: ReadonlySet<number> = new Set([
  FLAG.SYN,
  FLAG.SYN | FLAG.URG,
  FLAG.SYN | FLAG.ACK,
  FLAG.RST,
  FLAG.RST | FLAG.ACK,
  FLAG.FIN | FLAG.ACK,
  FLAG.FIN | FLAG.ACK | FLAG.URG,
  FLAG.ACK,
  FLAG.ACK | FLAG.URG,
]);

/** Bits of `TcpSide.flags` and `TcpTracking.lastFlags`. */
const SIDE = {
  WINDOW_SCALE: 1,
  SACK_PERMITTED: 2,
  CLOSE_INITIATED: 4,
  LIBERAL: 8,
  UNACKNOWLEDGED: 16,
  MAX_ACK_SET: 32,
  CHALLENGE_ACK: 64,
  SIMULTANEOUS_OPEN: 128,
} as const;

/** What one side has sent, as far as was seen; `struct ip_ct_tcp_state`. */
class TcpSide {
  end = 0;
  maxEnd = 0;
  maxWindow = 0;
  maxAck = 0;
  scale = 0;
  flags = 0;
}

/** `struct ip_ct_tcp`. */
export class TcpTracking {
  state = 0;
  readonly original = new TcpSide();
  readonly reply = new TcpSide();
  lastKind: number = KIND.NONE;
  lastReply = false;
  lastSeq = 0;
  lastAck = 0;
  lastEnd = 0;
  lastWindow = 0;
  lastScale = 0;
  lastFlags = 0;
  retransmissions = 0;
}

/** A connection whose segments were not seen so far: in the state that it is listed in, and in window whatever comes. */
export function pickedUpTcp(state: number): TcpTracking {
  const tcp = new TcpTracking();
  tcp.state = state;
  for (const side of [tcp.original, tcp.reply]) side.flags = SIDE.SACK_PERMITTED | SIDE.LIBERAL;
  return tcp;
}

const MAX_SCALE = 14;
const MIN_ACK_WINDOW = 66_000;

const after = (a: number, b: number): boolean => ((b - a) | 0) < 0;
const before = (a: number, b: number): boolean => ((a - b) | 0) < 0;

interface Header {
  readonly seq: number;
  readonly ack: number;
  readonly flags: number;
  readonly window: number;
  /** Sequence number after the last byte, SYN and FIN counted. */
  readonly end: number;
  readonly kind: number;
  readonly optionsStart: number;
  readonly optionsEnd: number;
}

function readHeader(bytes: Uint8Array, at: number): Header {
  const flags = bytes[at + 13] as number;
  const size = ((bytes[at + 12] as number) >>> 4) * 4;
  const seq = word(bytes, at + 4);
  const syn = (flags & FLAG.SYN) !== 0 ? 1 : 0;
  const fin = flags & FLAG.FIN;
  const kind =
    (flags & FLAG.RST) !== 0
      ? KIND.RST
      : syn !== 0
        ? (flags & FLAG.ACK) !== 0
          ? KIND.SYN_ACK
          : KIND.SYN
        : fin !== 0
          ? KIND.FIN
          : (flags & FLAG.ACK) !== 0
            ? KIND.ACK
            : KIND.NONE;
  return {
    seq,
    ack: word(bytes, at + 8),
    flags,
    window: get16(bytes, at + 14),
    end: (seq + bytes.length - at - size + syn + fin) | 0,
    kind,
    optionsStart: at + 20,
    optionsEnd: at + size,
  };
}

/** Calls `visit` for each whole option but EOL and NOP with the offset of its kind; stops at a broken one. */
function forEachOption(
  bytes: Uint8Array,
  { optionsStart, optionsEnd }: Header,
  visit: (kind: number, at: number, length: number) => boolean,
): void {
  for (let at = optionsStart; at < optionsEnd; ) {
    const kind = bytes[at] as number;
    if (kind === 0) return;
    if (kind === 1) {
      at++;
      continue;
    }
    if (optionsEnd - at < 2) return;
    const length = bytes[at + 1] as number;
    if (length < 2 || length > optionsEnd - at || !visit(kind, at, length)) return;
    at += length;
  }
}

function readOptions(bytes: Uint8Array, header: Header, side: { flags: number; scale: number }): void {
  if (header.optionsStart === header.optionsEnd) return;
  side.scale = 0;
  side.flags &= SIDE.LIBERAL;
  forEachOption(bytes, header, (kind, at, length) => {
    if (kind === 4 && length === 2) side.flags |= SIDE.SACK_PERMITTED;
    else if (kind === 3 && length === 3) {
      side.scale = Math.min(MAX_SCALE, bytes[at + 2] as number);
      side.flags |= SIDE.WINDOW_SCALE;
    }
    return true;
  });
}

/** The highest right edge of a SACK block, or `ack`. */
function selectiveAck(bytes: Uint8Array, header: Header, ack: number): number {
  let highest = ack;
  forEachOption(bytes, header, (kind, at, length) => {
    if (kind !== 5 || length < 10 || (length - 2) % 8 !== 0) return true;
    for (let block = at + 2; block < at + length; block += 8) {
      const edge = word(bytes, block + 4);
      if (after(edge, highest)) highest = edge;
    }
    return false;
  });
  return highest;
}

function startSide(side: TcpSide, other: TcpSide, bytes: Uint8Array, header: Header, reply: boolean): void {
  side.end = header.end;
  side.maxEnd = header.end;
  side.maxWindow = Math.max(1, header.window);
  readOptions(bytes, header, side);
  if (reply && (side.flags & other.flags & SIDE.WINDOW_SCALE) === 0) {
    side.scale = 0;
    other.scale = 0;
  }
}

/** Starts tracking with the connection's first segment; false if it cannot start one. */
function begin(
  connection: Connection,
  bytes: Uint8Array,
  header: Header,
  settings: ConntrackSettings,
): boolean {
  const state = TRANSITIONS[0]?.[header.kind]?.[0] as number;
  if (state >= IGNORED) return false;
  const tcp = new TcpTracking();
  const side = tcp.original;
  side.end = header.end;
  side.maxEnd = header.end;
  side.maxWindow = Math.max(1, header.window);
  if (state === TCP_STATE.SYN_SENT) readOptions(bytes, header, side);
  else {
    if (!settings.tcpLoose) return false;
    side.maxEnd = (header.end + side.maxWindow) | 0;
    side.flags = SIDE.SACK_PERMITTED | SIDE.LIBERAL;
    tcp.reply.flags = side.flags;
  }
  connection.tcp = tcp;
  return true;
}

type WindowVerdict = "in" | "ignored" | "out";

function inWindow(
  connection: Connection,
  tcp: TcpTracking,
  bytes: Uint8Array,
  header: Header,
  reply: boolean,
  settings: ConntrackSettings,
): WindowVerdict {
  const sender = reply ? tcp.reply : tcp.original;
  const receiver = reply ? tcp.original : tcp.reply;
  const { kind, flags } = header;
  let { seq, end, ack } = header;
  let window = header.window;
  let sack = ack;
  if ((receiver.flags & SIDE.SACK_PERMITTED) !== 0) sack = selectiveAck(bytes, header, ack);
  const shift = sequenceOffset(connection, !reply, (ack - 1) | 0);
  ack = (ack - shift) | 0;
  sack = (sack - shift) | 0;
  const syn = (flags & FLAG.SYN) !== 0;

  if (sender.maxWindow === 0) {
    if (syn) {
      startSide(sender, receiver, bytes, header, reply);
      if ((flags & FLAG.ACK) === 0) return "in";
    } else {
      sender.end = end;
      sender.maxWindow = Math.max(1, window << sender.scale);
      sender.maxEnd = (end + sender.maxWindow) | 0;
      if (receiver.maxWindow === 0) receiver.end = receiver.maxEnd = sack;
      else if (sack === ((receiver.end + 1) | 0)) receiver.end = sack;
    }
  } else if (
    syn &&
    after(end, sender.end) &&
    (tcp.state === TCP_STATE.SYN_SENT || tcp.state === TCP_STATE.SYN_RECV)
  ) {
    startSide(sender, receiver, bytes, header, reply);
    if (reply && (flags & FLAG.ACK) === 0) return "in";
  }

  const resetWithoutAck = (flags & (FLAG.ACK | FLAG.RST)) === (FLAG.ACK | FLAG.RST) && ack === 0;
  if ((flags & FLAG.ACK) === 0 || resetWithoutAck) ack = sack = receiver.end;
  if ((flags & FLAG.RST) !== 0 && seq === 0 && tcp.state === TCP_STATE.SYN_SENT) seq = end = sender.end;

  const refuse = (verdict: "ignored" | "out"): WindowVerdict =>
    settings.tcpLiberal || (sender.flags & SIDE.LIBERAL) !== 0 ? "in" : verdict;
  const ackWindow = Math.max(MIN_ACK_WINDOW, sender.maxWindow);
  const lowestAck = (receiver.end - ackWindow - 1) | 0;
  const lowestEnd = (sender.end - receiver.maxWindow - 1) | 0;

  if (!before(seq, (sender.maxEnd + 1) | 0)) {
    const overshot = (end - sender.maxEnd + 1) >>> 0;
    if (
      receiver.maxWindow !== 0 &&
      after(end, lowestEnd) &&
      after(sack, lowestAck) &&
      overshot <= receiver.maxWindow &&
      before(sack, (receiver.end + 1) | 0)
    ) {
      sender.end = end;
      sender.flags |= SIDE.UNACKNOWLEDGED;
      return refuse("ignored");
    }
    return refuse("out");
  }
  if (!before(sack, (receiver.end + 1) | 0)) return refuse("out");
  if (receiver.maxWindow !== 0 && !after(end, lowestEnd)) return refuse("ignored");
  if (!after(sack, lowestAck)) return refuse("ignored");

  if (!syn) window <<= sender.scale;
  sender.maxWindow = Math.max(sender.maxWindow, window + ((sack - ack) >>> 0));
  if (after(end, sender.end)) {
    sender.end = end;
    sender.flags |= SIDE.UNACKNOWLEDGED;
  }
  if ((flags & FLAG.ACK) !== 0) {
    if ((sender.flags & SIDE.MAX_ACK_SET) === 0) {
      sender.maxAck = ack;
      sender.flags |= SIDE.MAX_ACK_SET;
    } else if (after(ack, sender.maxAck)) sender.maxAck = ack;
  }
  if (receiver.maxWindow !== 0 && after(end, sender.maxEnd))
    receiver.maxWindow += (end - sender.maxEnd) >>> 0;
  const edge = (sack + window) | 0;
  if (after(edge, (receiver.maxEnd - 1) | 0)) receiver.maxEnd = window === 0 ? (edge + 1) | 0 : edge;
  if (ack === receiver.end) receiver.flags &= ~SIDE.UNACKNOWLEDGED;

  if (kind === KIND.ACK) {
    if (
      tcp.lastReply === reply &&
      tcp.lastSeq === seq &&
      tcp.lastAck === ack &&
      tcp.lastEnd === end &&
      tcp.lastWindow === header.window
    )
      tcp.retransmissions++;
    else {
      tcp.lastReply = reply;
      tcp.lastSeq = seq;
      tcp.lastAck = ack;
      tcp.lastEnd = end;
      tcp.lastWindow = header.window;
      tcp.retransmissions = 0;
    }
  }
  return "in";
}

/** A FIN or RST out of the window in both directions: the entry must not live on for days. */
function shortenAfterInvalid(
  connection: Connection,
  tcp: TcpTracking,
  header: Header,
  segment: Segment,
): void {
  const { reply, now, settings } = segment;
  if ((connection.status & CT_STATUS.ASSURED) === 0 || (connection.status & CT_STATUS.FIXED_TIMEOUT) !== 0)
    return;
  if (header.kind !== KIND.RST && header.kind !== KIND.FIN) return;
  if (tcp.lastReply === reply || (tcp.lastKind !== KIND.FIN && tcp.lastKind !== KIND.RST)) {
    tcp.lastKind = header.kind;
    tcp.lastReply = reply;
    return;
  }
  const remainingSec = (connection.expiresAt - now) / 1000;
  const limit = settings.tcpUnacknowledgedSec;
  if (remainingSec >= 120 && remainingSec > limit) connection.expiresAt = now + limit * 1000;
}

/** Whether the entry is closing, so that a full table may give it up. */
export function tcpIsClosing({ state }: TcpTracking): boolean {
  return state >= TCP_STATE.FIN_WAIT && state <= TCP_STATE.CLOSE;
}

/** Notes an ignored segment, so that what answers it can bring the entry back in step. */
function rememberIgnored(tcp: TcpTracking, bytes: Uint8Array, header: Header, reply: boolean): void {
  const oldState = tcp.state;
  tcp.lastKind = header.kind;
  tcp.lastReply = reply;
  tcp.lastSeq = header.seq;
  tcp.lastEnd = header.end;
  tcp.lastWindow = header.window;
  if (header.kind === KIND.SYN && !reply) {
    const seen = { flags: 0, scale: 0 };
    readOptions(bytes, header, seen);
    tcp.lastFlags = seen.flags & (SIDE.WINDOW_SCALE | SIDE.SACK_PERMITTED);
    tcp.lastScale = seen.scale;
    if (oldState === LAST_ACK) tcp.lastFlags |= SIDE.CHALLENGE_ACK;
  }
  if (oldState === TCP_STATE.SYN_SENT && header.kind === KIND.ACK && reply) tcp.lastAck = header.ack;
}

/** The SYN/ACK to a SYN that was ignored: what was noted of that SYN becomes the initiator's side. */
function resynchronise(tcp: TcpTracking, reply: boolean): void {
  const initiator = tcp.lastReply ? tcp.reply : tcp.original;
  initiator.end = tcp.lastEnd;
  initiator.maxEnd = tcp.lastEnd;
  initiator.maxWindow = Math.max(1, tcp.lastWindow);
  initiator.scale = tcp.lastScale;
  tcp.lastFlags &= ~SIDE.CHALLENGE_ACK;
  initiator.flags = tcp.lastFlags;
  const responder = reply ? tcp.reply : tcp.original;
  responder.end = 0;
  responder.maxEnd = 0;
  responder.maxWindow = 0;
  responder.maxAck = 0;
  responder.scale = 0;
  responder.flags &= SIDE.LIBERAL;
}

/** `keepState`: the reset passes, but its sequence number is not exact, and a challenge ACK may follow. */
interface ResetVerdict {
  readonly verdict: "invalid" | "check-window" | "accept";
  readonly keepState: boolean;
}

const CHECK_WINDOW: ResetVerdict = { verdict: "check-window", keepState: false };

/** Whether a reset may close the connection. */
function judgeReset(
  connection: Connection,
  tcp: TcpTracking,
  header: Header,
  { reply, settings }: Segment,
): ResetVerdict {
  if (tcpIsClosing(tcp)) return { verdict: "accept", keepState: false };
  const peer = reply ? tcp.original : tcp.reply;
  const established = tcp.state === TCP_STATE.ESTABLISHED && (connection.status & CT_STATUS.ASSURED) !== 0;
  let keepState = false;
  if ((peer.flags & SIDE.MAX_ACK_SET) !== 0 && tcp.lastKind !== KIND.SYN) {
    if (header.seq === 0 && !established) return CHECK_WINDOW;
    if (before(header.seq, peer.maxAck) && !settings.tcpIgnoreInvalidReset)
      return { verdict: "invalid", keepState: false };
    if (!established || header.seq === peer.maxAck) return CHECK_WINDOW;
    if (tcp.lastKind === KIND.ACK && tcp.lastReply === reply && header.seq === tcp.lastEnd)
      return CHECK_WINDOW;
    keepState = true;
  }
  // Only from the other side: measured on 6.18; a reset by the sender of the SYN itself has its window checked.
  const answersSyn =
    (connection.status & CT_STATUS.SEEN_REPLY) !== 0 && tcp.lastKind === KIND.SYN && tcp.lastReply !== reply;
  const answersAck = (connection.status & CT_STATUS.ASSURED) === 0 && tcp.lastKind === KIND.ACK;
  const accepted =
    ((answersSyn || answersAck) && header.ack === tcp.lastEnd) ||
    (tcp.state === TCP_STATE.SYN_SENT &&
      tcp.lastKind === KIND.ACK &&
      tcp.lastReply &&
      header.seq === tcp.lastAck);
  return { verdict: accepted ? "accept" : "check-window", keepState };
}

/** One segment of a connection. */
export function trackTcp(connection: Connection, segment: Segment): Verdict {
  const { bytes, transport, reply, settings } = segment;
  const length = bytes.length - transport;
  if (length < 20) return "invalid";
  const size = ((bytes[transport + 12] as number) >>> 4) * 4;
  if (size < 20 || length < size || !segment.checksumHolds()) return "invalid";
  const header = readHeader(bytes, transport);
  if (!LEGAL_FLAGS.has(header.flags & 0x37)) return "invalid";
  if (!connection.confirmed && !begin(connection, bytes, header, settings)) return "invalid";
  const tcp = connection.tcp as TcpTracking;
  let oldState = tcp.state;
  let newState = TRANSITIONS[reply ? 1 : 0]?.[header.kind]?.[oldState] as number;
  let skipWindow = false;

  if (newState === INVALID) return "invalid";
  if (newState === TCP_STATE.SYN_SENT && oldState >= TCP_STATE.TIME_WAIT) {
    const closing = ((tcp.original.flags | tcp.reply.flags) & SIDE.CLOSE_INITIATED) !== 0;
    if (closing || (tcp.lastReply === reply && tcp.lastKind === KIND.RST)) return "reopen";
    newState = IGNORED;
  }
  if (newState === IGNORED) {
    const answersIgnoredSyn =
      header.kind === KIND.SYN_ACK &&
      tcp.lastKind === KIND.SYN &&
      tcp.lastReply !== reply &&
      header.ack === tcp.lastEnd;
    if (!answersIgnoredSyn) {
      rememberIgnored(tcp, bytes, header, reply);
      return "valid";
    }
    oldState = TCP_STATE.SYN_SENT;
    newState = TCP_STATE.SYN_RECV;
    resynchronise(tcp, reply);
  } else if (newState === TCP_STATE.TIME_WAIT) {
    if (
      oldState === LAST_ACK &&
      header.kind === KIND.ACK &&
      tcp.lastReply !== reply &&
      tcp.lastKind === KIND.SYN &&
      (tcp.lastFlags & SIDE.CHALLENGE_ACK) !== 0
    ) {
      tcp.lastFlags &= ~SIDE.CHALLENGE_ACK;
      return "valid";
    }
  } else if (newState === SYN_SENT2) tcp.lastFlags |= SIDE.SIMULTANEOUS_OPEN;
  else if (newState === TCP_STATE.SYN_RECV) {
    if (reply && header.kind === KIND.ACK && (tcp.lastFlags & SIDE.SIMULTANEOUS_OPEN) !== 0)
      newState = TCP_STATE.ESTABLISHED;
  } else if (newState === TCP_STATE.CLOSE && header.kind === KIND.RST) {
    const { verdict, keepState } = judgeReset(connection, tcp, header, segment);
    if (verdict === "invalid") return "invalid";
    skipWindow = verdict === "accept";
    if (keepState) newState = oldState;
  }

  if (!skipWindow) {
    const verdict = inWindow(connection, tcp, bytes, header, reply, settings);
    if (verdict === "ignored") return "valid";
    if (verdict === "out") {
      shortenAfterInvalid(connection, tcp, header, segment);
      return "invalid";
    }
  }
  tcp.lastKind = header.kind;
  tcp.lastReply = reply;
  tcp.state = newState;
  if (oldState !== newState && newState === TCP_STATE.FIN_WAIT) {
    const side = reply ? tcp.reply : tcp.original;
    side.flags |= SIDE.CLOSE_INITIATED;
  }

  const usualSec = settings.tcpTimeoutSec[newState] as number;
  const unacknowledged = ((tcp.original.flags | tcp.reply.flags) & SIDE.UNACKNOWLEDGED) !== 0;
  let timeoutSec = usualSec;
  if (tcp.retransmissions >= settings.tcpMaxRetransmissions && usualSec > settings.tcpRetransmissionSec)
    timeoutSec = settings.tcpRetransmissionSec;
  else if (header.kind === KIND.RST) timeoutSec = settings.tcpTimeoutSec[TCP_STATE.CLOSE] as number;
  else if (unacknowledged && usualSec > settings.tcpUnacknowledgedSec)
    timeoutSec = settings.tcpUnacknowledgedSec;
  else if (tcp.lastWindow === 0 && usualSec > settings.tcpRetransmissionSec)
    timeoutSec = settings.tcpRetransmissionSec;

  if ((connection.status & CT_STATUS.SEEN_REPLY) === 0) {
    if (header.kind === KIND.RST) return "kill";
    if (header.kind === KIND.SYN && oldState === TCP_STATE.SYN_SENT) return "valid";
    if (newState === TCP_STATE.ESTABLISHED) timeoutSec = Math.min(timeoutSec, settings.tcpUnacknowledgedSec);
  } else if (
    (connection.status & CT_STATUS.ASSURED) === 0 &&
    (oldState === TCP_STATE.SYN_RECV || oldState === TCP_STATE.ESTABLISHED) &&
    newState === TCP_STATE.ESTABLISHED
  )
    connection.status |= CT_STATUS.ASSURED;
  segment.refresh(timeoutSec);
  return "valid";
}

/** REJECT has reset the connection: it is as good as closed. Kernel: nf_conntrack_tcp_set_closing(). */
export function setClosing(connection: Connection, settings: ConntrackSettings, now: number): void {
  const { tcp } = connection;
  if (tcp === undefined || !connection.confirmed) return;
  const already = tcp.state === TCP_STATE.CLOSE;
  tcp.state = TCP_STATE.CLOSE;
  if (already || (connection.status & CT_STATUS.FIXED_TIMEOUT) !== 0) return;
  connection.expiresAt = now + (settings.tcpTimeoutSec[TCP_STATE.CLOSE] as number) * 1000;
}
