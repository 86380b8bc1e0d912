/** IPv4 packets in pieces. */
import { put16 } from "../../src/net/index.ts";

/** Cuts a packet without options into fragments of at most `size` bytes of payload, a multiple of eight. */
export function fragment(packet: Uint8Array, size: number): readonly Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 20; at < packet.length; at += size) {
    const end = Math.min(at + size, packet.length);
    const piece = new Uint8Array(20 + end - at);
    piece.set(packet.subarray(0, 20));
    piece.set(packet.subarray(at, end), 20);
    put16(piece, 2, piece.length);
    put16(piece, 6, (end < packet.length ? 0x2000 : 0) | ((at - 20) / 8));
    pieces.push(piece);
  }
  return pieces;
}
