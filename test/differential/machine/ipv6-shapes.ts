/** IPv6 packets as random cases have them beside plain ones: behind extension headers, and in fragments. */
import type { Rng } from "../../../src/base/index.ts";
import { put16, put32 } from "../../../src/net/index.ts";

const HEADER = 40;
const FRAGMENT = 44;

/** Number of an extension header, and its bytes but the first, which says what follows. */
type Extension = readonly [number: number, rest: readonly number[]];

const EXTENSIONS: readonly Extension[] = [
  [0, [0, 1, 4, 0, 0, 0, 0]],
  [0, [0, 5, 2, 0, 0, 1, 0]],
  [0, [0, 0x1e, 4, 0, 0, 0, 0]],
  [0, [0, 0xde, 4, 0, 0, 0, 0]],
  [60, [0, 1, 4, 0, 0, 0, 0]],
  [60, [0, 0x9e, 4, 0, 0, 0, 0]],
  [60, [0, 0, 0, 0, 0, 0, 0]],
  [60, [1, 1, 4, 0, 0, 0, 0, 1, 6, 0, 0, 0, 0, 0, 0]],
  [43, [0, 0, 0, 0, 0, 0, 0]],
  [43, [0, 0, 1, 0, 0, 0, 0]],
  [43, [0, 4, 0, 0, 0, 0, 0]],
  [51, [2, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 2, 3, 4, 5]],
  [FRAGMENT, [0, 0, 0, 0, 0, 0, 7]],
];

/** The packet behind one or two extension headers. */
export function behindExtensions(rng: Rng, plain: Uint8Array): Uint8Array {
  const chosen = Array.from({ length: 1 + rng.below(2) }, () => rng.pick(EXTENSIONS));
  return behind(plain, chosen);
}

function behind(plain: Uint8Array, extensions: readonly Extension[]): Uint8Array {
  const inserted = extensions.flatMap(([, rest], at) => [
    extensions[at + 1]?.[0] ?? (plain[6] as number),
    ...rest,
  ]);
  const bytes = Uint8Array.from([...plain.subarray(0, HEADER), ...inserted, ...plain.subarray(HEADER)]);
  put16(bytes, 4, bytes.length - HEADER);
  bytes[6] = extensions[0]?.[0] ?? (plain[6] as number);
  return bytes;
}

/** The packet in pieces, with some in odd orders, missing, twice, overlapping or of an odd length now and then. */
export function fragmentIpv6(rng: Rng, plain: Uint8Array): Uint8Array[] {
  const id = rng.below(0x100000000);
  const before = rng.below(4) === 0 ? [rng.pick(EXTENSIONS.filter(([number]) => number !== FRAGMENT))] : [];
  const payload = plain.length - HEADER;
  const size = 8 * (1 + rng.below(60)) + (rng.below(2) === 0 ? 400 : 0);
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < payload; at += size) {
    const overlap = at > 0 && rng.below(25) === 0 ? 8 : 0;
    const odd = rng.below(25) === 0 ? 3 : 0;
    pieces.push(piece(plain, before, { id, start: at - overlap, end: Math.min(payload, at + size) - odd }));
  }
  const draw = rng.below(10);
  if (draw === 0) pieces.reverse();
  if (draw === 1) pieces.splice(rng.below(pieces.length), 1);
  if (draw === 2) pieces.push(pieces[0] as Uint8Array);
  return pieces.slice(0, 12);
}

interface Cut {
  readonly id: number;
  readonly start: number;
  readonly end: number;
}

function piece(plain: Uint8Array, before: readonly Extension[], { id, start, end }: Cut): Uint8Array {
  const shell = behind(plain.subarray(0, HEADER), [...before, [FRAGMENT, [0, 0, 0, 0, 0, 0, 0]]]);
  const bytes = Uint8Array.from([...shell, ...plain.subarray(HEADER + start, HEADER + end)]);
  put16(bytes, 4, bytes.length - HEADER);
  const last = end >= plain.length - HEADER - 3;
  put16(bytes, shell.length - 6, (start & ~7) | (last ? 0 : 1));
  put32(bytes, shell.length - 4, id);
  return bytes;
}
