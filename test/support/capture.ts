/** Captures made in memory. */
import { put16, put32 } from "../../src/net/index.ts";

export interface Recorded {
  /** From the IP header on. */
  readonly packet: Uint8Array;
  /** Milliseconds since 1970. */
  readonly timeMs: number;
}

const ethertype = (packet: Uint8Array): number => ((packet[0] as number) >>> 4 === 6 ? 0x86dd : 0x0800);

/** An Ethernet frame, with VLAN tags if asked for. */
export function ethernet(packet: Uint8Array, vlans: readonly number[] = []): Uint8Array {
  const frame = new Uint8Array(14 + 4 * vlans.length + packet.length);
  frame.set([2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2]);
  let at = 12;
  for (const vlan of vlans) {
    put16(frame, at, vlans.length > 1 && at === 12 ? 0x88a8 : 0x8100);
    put16(frame, at + 2, vlan);
    at += 4;
  }
  put16(frame, at, ethertype(packet));
  frame.set(packet, at + 2);
  return frame;
}

export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function swapped32(bytes: Uint8Array, littleEndian: boolean): Uint8Array {
  if (!littleEndian) return bytes;
  for (let at = 0; at < bytes.length; at += 4) bytes.subarray(at, at + 4).reverse();
  return bytes;
}

/** Words of 32 bits in the file's byte order. */
export function words(values: readonly number[], littleEndian: boolean): Uint8Array {
  const bytes = new Uint8Array(4 * values.length);
  values.forEach((value, at) => {
    put32(bytes, 4 * at, value);
  });
  return swapped32(bytes, littleEndian);
}

export interface PcapOptions {
  readonly littleEndian?: boolean;
  readonly nano?: boolean;
  readonly linkType?: number;
  /** Bytes kept of each frame. */
  readonly snapLength?: number;
  /** From packet to frame; Ethernet if absent. */
  readonly frame?: (packet: Uint8Array) => Uint8Array;
}

/** A classic pcap file. */
export function pcap(packets: readonly Recorded[], options: PcapOptions = {}): Uint8Array {
  const { littleEndian = true, nano = false, linkType = 1, snapLength = 65_535, frame = ethernet } = options;
  const header = words([nano ? 0xa1b23c4d : 0xa1b2c3d4, 0, 0, 0, snapLength, linkType], littleEndian);
  header.set(littleEndian ? [2, 0, 4, 0] : [0, 2, 0, 4], 4);
  const records = packets.flatMap(({ packet, timeMs }) => {
    const whole = frame(packet);
    const kept = whole.subarray(0, snapLength);
    const seconds = Math.floor(timeMs / 1000);
    const rest = Math.round((timeMs - seconds * 1000) * (nano ? 1e6 : 1e3));
    return [words([seconds, rest, kept.length, whole.length], littleEndian), kept];
  });
  return joined([header, ...records]);
}

/** A block of a pcapng file; `body` is padded to whole words. */
export function block(type: number, body: Uint8Array, littleEndian: boolean): Uint8Array {
  const padded = new Uint8Array((body.length + 3) & ~3);
  padded.set(body);
  const length = padded.length + 12;
  return joined([words([type, length], littleEndian), padded, words([length], littleEndian)]);
}
