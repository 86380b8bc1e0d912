/**
 * What a test of `-m u32` says of all packets, as far as the bits that it reads are fields: those of the IP header, and in
 * IPv4 behind `0>>22&0x3C@`, which is where the transport header starts, its ports, type and flags.
 */
import { type Family, PROTOCOL } from "../net/index.ts";
import {
  among,
  both,
  type Condition,
  either,
  type FieldName,
  not,
  nothing,
  unknown,
} from "../pktset/index.ts";
import { withPorts } from "./conditions.ts";
import type { U32Step, U32Test } from "./matches/u32.ts";
import { bitsIn, type WordBit } from "./word-bits.ts";

/** One byte, highest bit first. */
type ByteBits = readonly WordBit[];

const UNKNOWN: ByteBits = Array.from({ length: 8 }, () => "unknown");

/** `count` bits of a field, of which `top` is the highest. */
const bitsOf = (from: FieldName | "offset", top: number, count = 8): ByteBits =>
  Array.from({ length: count }, (_, at) => ({ from, bit: top - at }));

/** A byte of a field that takes up the bytes from `first` on, `bytes` of them. */
const byteOf = (field: FieldName, position: number, first: number, bytes: number): ByteBits =>
  bitsOf(field, 8 * (bytes - (position - first)) - 1);

function ipv4Byte(position: number): ByteBits {
  if (position === 0) return [0, 1, 0, 0, ...UNKNOWN.slice(4)];
  if (position === 1) return bitsOf("tos", 7);
  if (position < 4) return byteOf("length", position, 2, 2);
  if (position === 6) return [...UNKNOWN.slice(5), ...bitsOf("offset", 12, 5)];
  if (position === 7) return bitsOf("offset", 7);
  if (position === 8) return bitsOf("ttl", 7);
  if (position === 9) return bitsOf("protocol", 7);
  if (position < 12) return UNKNOWN;
  return position < 16 ? byteOf("src", position, 12, 4) : byteOf("dst", position, 16, 4);
}

function ipv6Byte(position: number): ByteBits {
  if (position === 0) return [0, 1, 1, 0, ...bitsOf("tos", 7, 4)];
  if (position === 1) return [...bitsOf("tos", 3, 4), ...UNKNOWN.slice(4)];
  if (position === 7) return bitsOf("ttl", 7);
  if (position < 8) return UNKNOWN;
  return position < 24 ? byteOf("src", position, 8, 16) : byteOf("dst", position, 24, 16);
}

/** What stands in the bytes of a transport header; reading behind `bytes` may fail. */
interface Transport {
  readonly protocols: readonly number[];
  readonly bytes: number;
  at(position: number): ByteBits;
}

const port = (position: number): ByteBits =>
  position < 2 ? byteOf("sport", position, 0, 2) : position < 4 ? byteOf("dport", position, 2, 2) : UNKNOWN;

const TRANSPORTS: readonly Transport[] = [
  {
    protocols: [PROTOCOL.tcp],
    bytes: 20,
    at: (position) => (position === 13 ? bitsOf("tcpflags", 7) : port(position)),
  },
  { protocols: [PROTOCOL.udp, PROTOCOL.dccp, PROTOCOL.sctp, PROTOCOL.udplite], bytes: 8, at: port },
  {
    protocols: [PROTOCOL.icmp],
    bytes: 8,
    at: (position) => (position < 2 ? byteOf("icmp", position, 0, 2) : UNKNOWN),
  },
];

/** The word at `offset` after `steps`; undefined if it is not surely there, or read from a place that the packet gives. */
function word(
  offset: number,
  steps: readonly U32Step[],
  bytes: number,
  at: (position: number) => ByteBits,
): readonly WordBit[] | undefined {
  if (offset + 4 > bytes) return undefined;
  let bits: readonly WordBit[] = [0, 1, 2, 3].flatMap((next) => at(offset + next));
  for (const { operator, number } of steps) {
    const zeros: readonly WordBit[] = Array.from({ length: Math.min(number, 32) }, () => 0);
    if (operator === "@") return undefined;
    if (operator === "&") bits = bits.map((bit, place) => ((number >>> (31 - place)) & 1 ? bit : 0));
    else if (operator === "<<") bits = [...bits.slice(zeros.length), ...zeros];
    else bits = [...zeros, ...bits.slice(0, 32 - zeros.length)];
  }
  return bits;
}

const UNREAD = unknown("u32: bytes that are in no field");

function inRanges(bits: readonly WordBit[] | undefined, { ranges }: U32Test, family: Family): Condition {
  if (bits === undefined) return UNREAD;
  return either(
    ...ranges.map(({ low, high }) => (low > high ? nothing : bitsIn(bits, low, high, family, UNREAD))),
  );
}

export function u32Condition(test: U32Test, family: Family): Condition {
  const { offset, steps } = test;
  const [shift, mask, start, ...rest] = steps;
  const header =
    family === "ipv4" &&
    offset === 0 &&
    shift?.operator === ">>" &&
    shift.number === 22 &&
    mask?.operator === "&" &&
    mask.number === 0x3c &&
    start?.operator === "@";
  if (!header) {
    const bits = family === "ipv4" ? word(offset, steps, 20, ipv4Byte) : word(offset, steps, 40, ipv6Byte);
    return inRanges(bits, test, family);
  }
  const known: Condition[] = [];
  const tests = TRANSPORTS.map(({ protocols, bytes, at }) => {
    const place = withPorts(
      among(
        "protocol",
        protocols.flatMap((each) => [each, each]),
      ),
    );
    known.push(place);
    return both(place, inRanges(word(start.number, rest, bytes, at), test, family));
  });
  return either(...tests, both(not(either(...known)), UNREAD));
}
