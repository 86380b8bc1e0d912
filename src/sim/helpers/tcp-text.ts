/** The text of a TCP segment, and putting another in its place. Kernel: nf_nat_helper.c, __nf_nat_mangle_tcp_packet(). */
import { get32, PROTOCOL, put16 } from "../../net/index.ts";
import { CT_STATUS, isReply } from "../../xt/index.ts";
import { writeIpv4Checksum, writeTransportChecksum } from "../checksums.ts";
import type { Connection } from "../conntrack/connection.ts";
import { shiftSequence } from "../conntrack/sequence.ts";
import type { Packet } from "../packet.ts";

export interface TcpText {
  /** One character a byte. */
  readonly text: string;
  /** Offset of the text in the packet. */
  readonly at: number;
  readonly seq: number;
}

/** @returns undefined for a segment without data. */
export function tcpText(skb: Packet): TcpText | undefined {
  const { bytes, transport } = skb;
  if (!skb.hasTransport(20)) return undefined;
  const at = transport + ((bytes[transport + 12] as number) >>> 4) * 4;
  if (at >= bytes.length) return undefined;
  let text = "";
  for (const byte of bytes.subarray(at)) text += String.fromCharCode(byte);
  return { text, at, seq: get32(bytes, transport + 4) };
}

/** Replaces `length` bytes at `from` of the segment's text; lengths, checksums and later sequence numbers follow. */
export function replaceText(
  skb: Packet,
  connection: Connection,
  { at, seq }: TcpText,
  place: { readonly from: number; readonly length: number },
  replacement: string,
): void {
  const { bytes, family, transport } = skb;
  skb.linearize();
  const start = at + place.from;
  const grown = new Uint8Array(bytes.length - place.length + replacement.length);
  grown.set(bytes.subarray(0, start));
  grown.set(
    Array.from(replacement, (char) => char.charCodeAt(0)),
    start,
  );
  grown.set(bytes.subarray(start + place.length), start + replacement.length);
  if (family === "ipv4") {
    put16(grown, 2, grown.length);
    writeIpv4Checksum(grown);
  } else put16(grown, 4, grown.length - 40);
  writeTransportChecksum(family, grown, transport, PROTOCOL.tcp);
  skb.bytes = grown;
  const difference = replacement.length - place.length;
  if (difference === 0) return;
  connection.status |= CT_STATUS.SEQ_ADJUST;
  shiftSequence(connection, isReply(skb.ctInfo), seq, difference);
}
