/** What the other side would answer to a packet that reached it. */
import { buildPacket } from "../cases/index.ts";
import { type Family, fromWords, get16, get32, PROTOCOL, printAddress, readWords } from "../net/index.ts";

const FLAG = { FIN: 1, SYN: 2, RST: 4, ACK: 16 } as const;
/** Of the answering side's TCP. */
const PEER_SEQUENCE = 5000;

/**
 * @param from the answering side's address, if it is not the one that the packet was sent to.
 * @returns the answer, or undefined for a packet that nothing answers.
 */
export function replyTo(bytes: Uint8Array, from?: string): Uint8Array | undefined {
  const family: Family = (bytes[0] as number) >>> 4 === 6 ? "ipv6" : "ipv4";
  const ipv4 = family === "ipv4";
  const protocol = (ipv4 ? bytes[9] : bytes[6]) as number;
  const transport = ipv4 ? ((bytes[0] as number) & 15) * 4 : 40;
  if (bytes.length < transport + 8) return undefined;
  const address = (at: number): string => printAddress(fromWords(family, readWords(family, bytes, at)));
  // Of a later fragment nobody knows the ports.
  if (ipv4 && (get16(bytes, 6) & 0x1fff) !== 0) return undefined;
  const back = { src: from ?? address(ipv4 ? 16 : 24), dst: address(ipv4 ? 12 : 8) };
  const ports = { sport: get16(bytes, transport + 2), dport: get16(bytes, transport) };
  const built = (() => {
    switch (protocol) {
      case PROTOCOL.tcp: {
        if (bytes.length < transport + 20) return undefined;
        const flags = bytes[transport + 13] as number;
        if ((flags & FLAG.RST) !== 0) return undefined;
        const seq = get32(bytes, transport + 4);
        const size = ((bytes[transport + 12] as number) >>> 4) * 4;
        const used = bytes.length - transport - size + ((flags & (FLAG.SYN | FLAG.FIN)) !== 0 ? 1 : 0);
        const syn = (flags & FLAG.SYN) !== 0 && (flags & FLAG.ACK) === 0;
        const ack = (flags & FLAG.ACK) === 0 ? PEER_SEQUENCE : get32(bytes, transport + 8);
        return buildPacket({
          ...back,
          ...ports,
          proto: "tcp",
          flags: syn ? "SA" : "A",
          seq: ack,
          ack: seq + used,
        });
      }
      case PROTOCOL.udp:
        return buildPacket({ ...back, ...ports, proto: "udp", payload: "" });
      case PROTOCOL.icmp:
      case PROTOCOL.icmpv6: {
        const [request, answer] = ipv4 ? [8, 0] : [128, 129];
        if (bytes[transport] !== request) return undefined;
        const ids = { icmp_id: get16(bytes, transport + 4), icmp_seq: get16(bytes, transport + 6) };
        return buildPacket({ ...back, ...ids, proto: ipv4 ? "icmp" : "icmpv6", type: answer });
      }
      default:
        return undefined;
    }
  })();
  return built instanceof Uint8Array ? built : undefined;
}
