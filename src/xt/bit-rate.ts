/**
 * Rates of `rateest`, written in bits or bytes a second, kept in whole bytes a second of 32 bits. A number without a
 * unit is in bits, though the manual says bytes; a rate that 32 bits cannot hold, which iptables would cut, is refused.
 * Source: extensions/libxt_rateest.c, rateest_get_rate() and rateest_print_rate().
 */
import { floatPrefix } from "./floats.ts";
import { type Refusal, refuse } from "./refusal.ts";

/** Bits a second of each unit, in lower case. */
const UNITS = new Map<string, number>([
  ["", 1],
  ["bit", 1],
  ["bps", 8],
]);
for (const [index, prefix] of ["k", "m", "g", "t"].entries()) {
  for (const [unit, bits] of [
    ["bit", 1],
    ["bps", 8],
  ] as const) {
    UNITS.set(prefix + unit, bits * 1000 ** (index + 1));
    UNITS.set(`${prefix}i${unit}`, bits * 1024 ** (index + 1));
  }
}

/** A rate such as `500kbit` or `1.5MiBps`, in bytes a second. */
export function parseBitRate(text: string): number | Refusal {
  const number = floatPrefix(text);
  const unit = number === undefined ? undefined : UNITS.get(text.slice(number.end).toLowerCase());
  if (number === undefined || unit === undefined || number.value < 0)
    return refuse(
      "xt/bad-rate",
      `"${text}" is not a rate`,
      "write a number and a unit, such as 500kbit or 2MBps",
    );
  const bytes = Math.floor((number.value * unit) / 8);
  if (bytes > 0xffffffff)
    return refuse(
      "xt/out-of-range",
      `the rate "${text}" is too fast to be kept`,
      "at most 34359738360bit can be compared",
    );
  return bytes > 0 || number.value === 0
    ? bytes
    : refuse("xt/out-of-range", `the rate "${text}" is less than one byte a second`, "write at least 8bit");
}

/** As printf("%.0f") of a positive number: a tie goes to the even neighbour. */
function roundEven(value: number): number {
  const floor = Math.floor(value);
  return value - floor === 0.5 ? floor + (floor % 2) : Math.round(value);
}

/** As iptables-save lists a rate, rounded from 1 Mbit on. */
export function printBitRate(bytes: number): string {
  const bits = bytes * 8;
  if (bits >= 1e9) return `${roundEven(bits / 1e6)}Mbit`;
  return bits >= 1e6 ? `${roundEven(bits / 1e3)}Kbit` : `${bits}bit`;
}
