/** Random whole packets, of which fields can be asked to have given values. */
import type { Rng } from "../../src/base/index.ts";
import { type Address, type Family, put16, put32, toWords, writeWords } from "../../src/net/index.ts";
import { type FieldName, type FieldValue, PACKET_TYPES } from "../../src/pktset/index.ts";
import { type ConnectionView, CT_INFO, Skb, type TupleView } from "../../src/xt/index.ts";
import { DEVICES } from "./stub-machine.ts";

export type Wishes = ReadonlyMap<FieldName, FieldValue>;

const pick = <T>(rng: Rng, list: readonly T[]): T => list[rng.below(list.length)] as T;
const bits = (rng: Rng, width: number): number => rng.below(2 ** width);
const octets = (rng: Rng, count: number): Uint8Array =>
  Uint8Array.from({ length: count }, () => bits(rng, 8));

const PROTOCOLS: Readonly<Record<Family, readonly number[]>> = {
  ipv4: [6, 6, 17, 1, 132, 33, 136, 47, 50, 51, 108],
  ipv6: [6, 6, 17, 58, 132, 33, 136, 47, 50, 135, 108],
};
/** INVALID, NEW, ESTABLISHED, RELATED, UNTRACKED, each as in CT_STATES, in both directions. */
const INFOS = [
  [CT_INFO.ESTABLISHED, CT_INFO.ESTABLISHED],
  [CT_INFO.NEW, CT_INFO.NEW],
  [CT_INFO.ESTABLISHED, CT_INFO.ESTABLISHED_REPLY],
  [CT_INFO.RELATED, CT_INFO.RELATED_REPLY],
  [CT_INFO.UNTRACKED, CT_INFO.UNTRACKED],
] as const;

/** A whole transport header and payload, at least 24 bytes. */
function transportOf(
  rng: Rng,
  protocol: number,
  wish: (field: FieldName, other: number) => number,
): Uint8Array {
  const options =
    protocol === 6 ? pick(rng, [[], [], [2, 4, 5, 0xb4], [1, 3, 3, 7], [4, 2, 1, 1, 2, 4, 2, 0x18]]) : [];
  const bytes = octets(rng, 24 + options.length + pick(rng, [0, 0, 8, rng.below(60)]));
  if (protocol === 1 || protocol === 58)
    put16(bytes, 0, wish("icmp", pick(rng, [0, 0x0300, 0x0301, 0x0800, 0x8000, bits(rng, 16)])));
  else {
    put16(bytes, 0, wish("sport", bits(rng, 16)));
    put16(bytes, 2, wish("dport", pick(rng, [22, 53, 80, bits(rng, 16)])));
  }
  bytes[13] = wish("tcpflags", pick(rng, [2, 16, 18, bits(rng, 8)]));
  if (protocol === 6) {
    bytes[12] = ((20 + options.length) / 4) << 4;
    bytes.set(options, 20);
  }
  if (protocol === 33) {
    bytes[4] = 4;
    bytes[8] = bits(rng, 8) & 0xfe;
  }
  if (protocol === 135) bytes[0] = 59;
  if (protocol !== 132) return bytes;
  // Chunks of four bytes each up to the end.
  const whole = bytes.subarray(0, bytes.length & ~3);
  for (let at = 12; at < whole.length; at += 4) put16(whole, at + 2, 4);
  return whole;
}

function header4(
  rng: Rng,
  transport: Uint8Array,
  wish: (field: FieldName, other: number) => number,
  protocol: number,
): Uint8Array {
  const size = pick(rng, [20, 20, 20, 24, 60]);
  const bytes = new Uint8Array(size + transport.length);
  bytes[0] = 0x40 | (size / 4);
  for (let at = 20; at < size; at++) bytes[at] = 1;
  bytes[1] = wish("tos", bits(rng, 8));
  put16(bytes, 4, bits(rng, 16));
  const fragment = wish("fragment", rng.below(6) === 0 ? 1 : 0);
  put16(bytes, 6, fragment === 0 ? pick(rng, [0, 0x2000, 0x4000]) : pick(rng, [1, 2, 0x2001, 0x1fff]));
  bytes[8] = wish("ttl", bits(rng, 8));
  bytes[9] = protocol;
  bytes.set(transport, size);
  return bytes;
}

function header6(
  rng: Rng,
  transport: Uint8Array,
  wish: (field: FieldName, other: number) => number,
  protocol: number,
): Uint8Array {
  const fragment = wish("fragment", rng.below(6) === 0 ? 1 : 0);
  const now = (one: number): boolean => rng.below(one) === 0;
  const extensions: [type: number, ...rest: number[]][] = [];
  if (now(4)) extensions.push([0, 0, 5, 2, 0, 0, 1, 0]);
  if (now(4)) extensions.push([43, 0, pick(rng, [0, 2, 4]), bits(rng, 2), 0, 0, 0, 0]);
  if (fragment === 1) extensions.push([44, 0, 0, pick(rng, [8, 9, 0x18]), ...octets(rng, 4)]);
  else {
    if (now(4)) extensions.push([44, 0, 0, bits(rng, 1), ...octets(rng, 4)]);
    if (now(5)) extensions.push([60, 0, 1, 4, 0, 0, 0, 0]);
    if (now(5)) extensions.push([51, 1, 0, pick(rng, [0, 1]), ...octets(rng, 8)]);
  }
  // Each header begins with the type of the one behind it.
  const types = [...extensions.map(([type]) => type), protocol];
  const chain = extensions.flatMap(([, ...rest], at) => [types[at + 1] as number, ...rest]);
  const bytes = new Uint8Array(40 + chain.length + transport.length);
  put32(bytes, 0, 0x60000000 | (wish("tos", bits(rng, 8)) << 20) | bits(rng, 20));
  bytes[6] = types[0] as number;
  bytes[7] = wish("ttl", bits(rng, 8));
  bytes.set(chain, 40);
  bytes.set(transport, 40 + chain.length);
  return bytes;
}

function address(rng: Rng, family: Family, wished: FieldValue | undefined): Address {
  if (wished !== undefined) return wished as Address;
  if (family === "ipv4")
    return pick(rng, [0x0a000001, 0xc0000207, 0xe0000001, 0xffffffff, 0x7f000001, bits(rng, 32)]);
  const low = (BigInt(bits(rng, 32)) << 32n) | BigInt(bits(rng, 32));
  return (pick(rng, [0x20010db8n << 96n, 0xfe80n << 112n, 0xff02n << 112n, 0n]) | low) as Address;
}

const tuple = (rng: Rng, family: Family, protocol: number): TupleView => {
  const [s, d] = [toWords(address(rng, family, undefined)), toWords(address(rng, family, undefined))];
  return {
    family,
    protocol,
    s0: s.w0,
    s1: s.w1,
    s2: s.w2,
    s3: s.w3,
    d0: d.w0,
    d1: d.w1,
    d2: d.w2,
    d3: d.w3,
    sport: bits(rng, 16),
    dport: pick(rng, [21, 53, 80]),
  };
};

function connection(
  rng: Rng,
  family: Family,
  protocol: number,
  wish: (field: FieldName, other: number) => number,
): ConnectionView {
  const master = {
    helper: pick(rng, ["ftp", "sip"]),
    original: tuple(rng, family, 6),
  } as unknown as ConnectionView;
  return {
    original: tuple(rng, family, protocol),
    reply: tuple(rng, family, protocol),
    status: wish("ctstatus", bits(rng, 6)) | (bits(rng, 3) << 6),
    zone: 0,
    mark: wish("connmark", pick(rng, [0, 1, bits(rng, 32)])),
    secmark: 0,
    master: rng.below(4) === 0 ? master : undefined,
    helper: undefined,
    labels: pick(rng, [undefined, 1n, 1n << 127n]),
    packets: [bits(rng, 4), bits(rng, 4)],
    bytes: [bits(rng, 12), bits(rng, 12)],
    remainingSec: () => rng.below(1000),
  };
}

/** @param wishes values of fields; a length is only had where the packet is not longer without it. */
export function randomSkb(rng: Rng, family: Family, wishes: Wishes): Skb {
  const wish = (field: FieldName, other: number): number => Number(wishes.get(field) ?? other);
  const four = family === "ipv4";
  const protocol = wish("protocol", pick(rng, PROTOCOLS[family]));
  const transport = transportOf(rng, protocol, wish);
  let bytes = four ? header4(rng, transport, wish, protocol) : header6(rng, transport, wish, protocol);
  const length = wish("length", bytes.length);
  if (length > bytes.length) {
    const grown = new Uint8Array(length);
    grown.set(bytes);
    if (protocol === 132) for (let at = bytes.length; at + 4 <= length; at += 4) put16(grown, at + 2, 4);
    bytes = grown;
  }
  put16(bytes, four ? 2 : 4, four ? bytes.length : bytes.length - 40);
  writeWords(family, bytes, four ? 12 : 8, toWords(address(rng, family, wishes.get("src"))));
  writeWords(family, bytes, four ? 16 : 24, toWords(address(rng, family, wishes.get("dst"))));
  const skb = new Skb(family, bytes);
  skb.inDevice = pick(rng, [...DEVICES, ""]);
  skb.outDevice = pick(rng, [...DEVICES, ""]);
  skb.mark = wish("mark", pick(rng, [0, 1, bits(rng, 32)]));
  skb.packetType = PACKET_TYPES[wish("pkttype", bits(rng, 8) % 6)] as Skb["packetType"];
  const mac = wish("mac", bits(rng, 48));
  if (rng.below(4) !== 0)
    skb.sourceMac = Uint8Array.from({ length: 6 }, (_, at) => Math.floor(mac / 256 ** (5 - at)) % 256);
  if (rng.below(3) === 0) skb.owner = { uid: rng.below(1100), gid: rng.below(1100) };
  skb.realms = pick(rng, [0, 1, 0x10002]);
  const state = wish("ctstate", rng.below(5));
  skb.ctInfo = INFOS[state]?.[wish("ctdir", bits(rng, 1))] ?? CT_INFO.ESTABLISHED;
  if (state >= 1 && state <= 3) {
    // An ICMP error is related to a connection of another protocol.
    const own = state === 3 && protocol === (four ? 1 : 58) && rng.below(2) === 0 ? 6 : skb.protocol;
    skb.ct = connection(rng, family, own, wish);
  }
  return skb;
}
