/** IP packets from the fields of a case file. */
import {
  checksum,
  type Family,
  fromHex,
  PROTOCOL,
  parseIpv4,
  parseIpv6,
  put16,
  put32,
  toWords,
  writeWords,
} from "../net/index.ts";
import type { PacketFields } from "./case-file.ts";

const PROTOCOLS: Readonly<Record<string, number>> = {
  icmp: 1,
  tcp: 6,
  udp: 17,
  gre: 47,
  esp: 50,
  icmpv6: 58,
  sctp: 132,
  udplite: 136,
};

const FLAGS: Readonly<Record<string, number>> = { F: 1, S: 2, R: 4, P: 8, A: 16, U: 32, E: 64, C: 128 };

/** What of a quoted packet an ICMP error holds by default. */
const QUOTED: Readonly<Record<Family, number>> = { ipv4: 28, ipv6: 48 };

/** @returns the packet's bytes, or what is wrong with the fields. */
export function buildPacket(fields: PacketFields): Uint8Array | string {
  const family: Family = fields.src.includes(":") ? "ipv6" : "ipv4";
  const parse = (text: string) => (family === "ipv4" ? parseIpv4(text) : parseIpv6(text));
  const source = parse(fields.src);
  const destination = parse(fields.dst);
  if (source === undefined) return `"${fields.src}" is not an address`;
  if (destination === undefined)
    return `"${fields.dst}" is not an ${family === "ipv4" ? "IPv4" : "IPv6"} address`;
  const named = fields.proto ?? "tcp";
  const protocol = typeof named === "number" ? named : PROTOCOLS[named];
  if (protocol === undefined) return `"${named}" is not a protocol; write its number`;
  if (family === "ipv4" && named === "icmpv6")
    return 'ICMPv6 is not sent over IPv4; write "icmp", or 58 if it is meant';
  const payload = payloadOf(fields);
  if (typeof payload === "string") return payload;
  const built = transportOf(fields, protocol, payload, family);
  if (typeof built === "string") return built;
  let { transport } = built;
  const words = [toWords(source), toWords(destination)] as const;
  if (built.checksumAt !== undefined) {
    const pseudo = new Uint8Array(family === "ipv4" ? 8 : 32);
    writeWords(family, pseudo, 0, words[0]);
    writeWords(family, pseudo, pseudo.length / 2, words[1]);
    let initial = 0;
    if (protocol !== PROTOCOL.icmp) {
      for (let at = 0; at < pseudo.length; at += 2)
        initial += ((pseudo[at] as number) << 8) | (pseudo[at + 1] as number);
      initial += protocol + transport.length;
    }
    let sum = checksum(transport, 0, transport.length, initial);
    if (protocol === PROTOCOL.udp && sum === 0) sum = 0xffff;
    if (fields.badsum) sum ^= 0x1111;
    put16(transport, built.checksumAt, sum);
  }
  if (family === "ipv6") {
    const packet = new Uint8Array(40 + transport.length);
    put32(packet, 0, 0x60000000 | ((fields.tos ?? 0) << 20));
    put16(packet, 4, transport.length);
    packet[6] = protocol;
    packet[7] = fields.ttl ?? 64;
    writeWords(family, packet, 8, words[0]);
    writeWords(family, packet, 24, words[1]);
    packet.set(transport, 40);
    return packet;
  }
  const options = fromHex(fields.ipopts_hex ?? "");
  if (options === undefined || options.length % 4 !== 0 || options.length > 40)
    return "ipopts_hex: whole words of hexadecimal digits are wanted";
  if (fields.l4_slice !== undefined) transport = transport.slice(...fields.l4_slice);
  const header = 20 + options.length;
  const packet = new Uint8Array(header + transport.length);
  packet[0] = 0x45 + options.length / 4;
  packet[1] = fields.tos ?? 0;
  put16(packet, 2, packet.length);
  put16(packet, 4, fields.id ?? 1);
  put16(packet, 6, Math.floor((fields.frag ?? 0) / 8) | (fields.mf ? 0x2000 : 0) | (fields.df ? 0x4000 : 0));
  packet[8] = fields.ttl ?? 64;
  packet[9] = protocol;
  writeWords(family, packet, 12, words[0]);
  writeWords(family, packet, 16, words[1]);
  packet.set(options, 20);
  put16(packet, 10, checksum(packet, 0, header));
  packet.set(transport, header);
  return packet;
}

function payloadOf({ payload, payload_hex, pad }: PacketFields): Uint8Array | string {
  const bytes = payload_hex === undefined ? new TextEncoder().encode(payload ?? "") : fromHex(payload_hex);
  if (bytes === undefined) return "payload_hex: pairs of hexadecimal digits are wanted";
  const padded = new Uint8Array(bytes.length + (pad ?? 0)).fill(0x58);
  padded.set(bytes);
  return padded;
}

interface Built {
  readonly transport: Uint8Array;
  readonly checksumAt: number | undefined;
}

function transportOf(
  fields: PacketFields,
  protocol: number,
  payload: Uint8Array,
  family: Family,
): Built | string {
  switch (protocol) {
    case PROTOCOL.tcp: {
      if (fields.sport === undefined || fields.dport === undefined)
        return "a TCP packet needs sport and dport";
      const options = fromHex(fields.opts_hex ?? "");
      if (options === undefined) return "opts_hex: pairs of hexadecimal digits are wanted";
      const size = 20 + Math.ceil(options.length / 4) * 4;
      if (size > 60) return "opts_hex: at most 40 bytes of options fit";
      const transport = new Uint8Array(size + payload.length);
      put16(transport, 0, fields.sport);
      put16(transport, 2, fields.dport);
      put32(transport, 4, fields.seq ?? 1000);
      put32(transport, 8, fields.ack ?? 0);
      transport[12] = (size / 4) << 4;
      for (const letter of fields.flags ?? "S")
        transport[13] = (transport[13] as number) | (FLAGS[letter] ?? 0);
      put16(transport, 14, fields.win ?? 64_240);
      put16(transport, 18, fields.urp ?? 0);
      transport.set(options, 20);
      transport.set(payload, size);
      return { transport, checksumAt: 16 };
    }
    case PROTOCOL.udp: {
      if (fields.sport === undefined || fields.dport === undefined)
        return "a UDP packet needs sport and dport";
      const transport = new Uint8Array(8 + payload.length);
      put16(transport, 0, fields.sport);
      put16(transport, 2, fields.dport);
      put16(transport, 4, transport.length);
      transport.set(payload, 8);
      return { transport, checksumAt: 6 };
    }
    case PROTOCOL.icmp:
    case PROTOCOL.icmpv6: {
      if (fields.inner !== undefined) {
        const inner = typeof fields.inner === "string" ? fromHex(fields.inner) : buildPacket(fields.inner);
        if (inner === undefined) return "inner: pairs of hexadecimal digits are wanted";
        if (typeof inner === "string") return `inner: ${inner}`;
        const quoted = inner.subarray(0, fields.inner_len ?? QUOTED[family]);
        const transport = new Uint8Array(8 + quoted.length);
        if (fields.type === undefined) return "an ICMP error needs a type";
        transport[0] = fields.type;
        transport[1] = fields.code ?? 0;
        put32(transport, 4, fields.rest ?? 0);
        transport.set(quoted, 8);
        return { transport, checksumAt: 2 };
      }
      const transport = new Uint8Array(8 + payload.length);
      transport[0] = fields.type ?? (protocol === PROTOCOL.icmp ? 8 : 128);
      transport[1] = fields.code ?? 0;
      put16(transport, 4, fields.icmp_id ?? 1);
      put16(transport, 6, fields.icmp_seq ?? 1);
      transport.set(payload, 8);
      return { transport, checksumAt: 2 };
    }
    default:
      return { transport: payload, checksumAt: undefined };
  }
}
