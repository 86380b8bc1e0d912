/** Numbers of 32 bits of which each bit is a constant, a bit of a field, or unknown; and what a range of them means. */
import type { Family } from "../net/index.ts";
import {
  both,
  type Condition,
  either,
  everything,
  type FieldName,
  fieldBits,
  is,
  masked,
  nothing,
  unknown,
  within,
} from "../pktset/index.ts";

/** `offset`: the IPv4 fragment offset, of which a field only tells whether it is 0. */
export type WordBit = 0 | 1 | "unknown" | { readonly from: FieldName | "offset"; readonly bit: number };

/** Bits that belong together: a constant, a run of a field's bits from `top` down, or unknown ones. */
interface Digit {
  readonly width: number;
  readonly from: FieldName | "offset" | "unknown" | "constant";
  readonly top: number;
  /** Of a constant. */
  readonly value: number;
}

const OFFSET_BITS = 13;

function digitsOf(bits: readonly WordBit[]): readonly Digit[] {
  const digits: Digit[] = [];
  for (const bit of bits) {
    const last = digits.at(-1);
    const one: Digit =
      typeof bit === "number"
        ? { width: 1, from: "constant", top: 0, value: bit }
        : bit === "unknown"
          ? { width: 1, from: "unknown", top: 0, value: 0 }
          : { width: 1, from: bit.from, top: bit.bit, value: 0 };
    const run =
      one.from === "constant" || one.from === "unknown" || last?.top === one.top + (last?.width ?? 0);
    if (last !== undefined && last.from === one.from && run)
      digits[digits.length - 1] = { ...last, width: last.width + 1, value: last.value * 2 + one.value };
    else digits.push(one);
  }
  return digits;
}

/** The number is from `low` to `high`. @param unread the condition that stands for a test of unknown bits. */
export function bitsIn(
  bits: readonly WordBit[],
  low: number,
  high: number,
  family: Family,
  unread: Condition,
): Condition {
  const digits = digitsOf(bits);
  const digit = (at: number, from: number, to: number): Condition =>
    digitIn(digits[at] as Digit, from, to, family, unread);
  const below = (at: number): number => digits.slice(at + 1).reduce((sum, { width }) => sum + width, 0);

  /** Digits from `at` on, as a number, are from `from` to `to`, which have as many bits. */
  const inside = (at: number, from: number, to: number): Condition => {
    if (at === digits.length) return everything;
    const unit = 2 ** below(at);
    const all = 2 ** (below(at) + (digits[at] as Digit).width) - 1;
    if (from === 0 && to === all) return everything;
    const [first, last] = [Math.floor(from / unit), Math.floor(to / unit)];
    const [firstRest, lastRest] = [from - first * unit, to - last * unit];
    if (first === last) return both(digit(at, first, first), inside(at + 1, firstRest, lastRest));
    const whole = [firstRest === 0 ? first : first + 1, lastRest === unit - 1 ? last : last - 1] as const;
    return either(
      digit(at, ...whole),
      ...(firstRest === 0 ? [] : [both(digit(at, first, first), inside(at + 1, firstRest, unit - 1))]),
      ...(lastRest === unit - 1 ? [] : [both(digit(at, last, last), inside(at + 1, 0, lastRest))]),
    );
  };
  return inside(0, low, high);
}

function digitIn(
  { width, from, top, value }: Digit,
  low: number,
  high: number,
  family: Family,
  unread: Condition,
): Condition {
  const max = 2 ** width - 1;
  if (low > high) return nothing;
  if (low === 0 && high === max) return everything;
  switch (from) {
    case "constant":
      return value >= low && value <= high ? everything : nothing;
    case "unknown":
      return unread;
    case "offset":
      return width === OFFSET_BITS ? offsetIn(low, high, max) : unread;
  }
  const shift = BigInt(top - width + 1);
  const bits = fieldBits(from, family);
  const sized = (wide: bigint) => (bits > 53 ? wide : Number(wide));
  if (top === bits - 1)
    return within(from, sized(BigInt(low) << shift), sized(((BigInt(high) + 1n) << shift) - 1n));
  return either(
    ...blocks(low, high).map(({ start, size }) =>
      masked(from, sized(BigInt(start) << shift), sized(BigInt(max + 1 - size) << shift)),
    ),
  );
}

/** A later fragment's offset is not 0; how much more, no field says. */
function offsetIn(low: number, high: number, max: number): Condition {
  const further = low <= 1 && high === max ? everything : unknown("u32: the fragment offset");
  const later = high === 0 ? nothing : both(is("fragment", 1), further);
  return low === 0 ? either(is("fragment", 0), later) : later;
}

/** A range as blocks whose sizes are powers of two and divide their starts. */
function blocks(low: number, high: number): readonly { readonly start: number; readonly size: number }[] {
  const list: { start: number; size: number }[] = [];
  for (let start = low; start <= high; ) {
    let size = 1;
    while (start % (size * 2) === 0 && start + size * 2 - 1 <= high) size *= 2;
    list.push({ start, size });
    start += size;
  }
  return list;
}
