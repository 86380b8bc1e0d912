/**
 * The security parameter index that the matches of IPsec headers (`esp`, `ah`, `ipcomp`) test: 32 bits, alone or as a
 * range. A reversed range is legal, and no index is in it.
 */
import { type Condition, everything, invertible, nothing, unknown } from "../pktset/index.ts";
import { type Occurrence, type OptionSpec, optional } from "./contract.ts";
import { type NumberRange, printUintRange, uintRange } from "./numbers.ts";
import { type Refusal, refuseOption } from "./refusal.ts";

export type SpiTest = Occurrence<NumberRange>;

const MAX = 0xffffffff;

export function spiOption(): OptionSpec<NumberRange, false, false> {
  return optional(uintRange(MAX), { invertible: true, operand: "spi[:spi]" });
}

export function isEverySpi({ value }: SpiTest): boolean {
  return value.low === 0 && value.high === MAX;
}

/** iptables-save drops a test of all indexes, negated or not; the negated one, which nothing passes, is refused. */
export function storedSpi(option: string, test: SpiTest | undefined): SpiTest | undefined | Refusal {
  if (test === undefined || !isEverySpi(test)) return test;
  if (!test.invert) return undefined;
  return refuseOption(
    "xt/never-matches",
    option,
    `no packet passes "! ${option} 0:${MAX}", and iptables-save forgets it`,
    "remove the rule",
  );
}

export function printSpi(option: string, { value, invert }: SpiTest): string {
  return `${invert ? "! " : ""}${option} ${printUintRange(value)}`;
}

/** Whether the index is in the range; without a range every one is. */
export const spiTest = (test: SpiTest | undefined, spi: number): boolean =>
  test === undefined || (spi >= test.value.low && spi <= test.value.high) !== test.invert;

/** The same for all packets; no field holds an index, so that only the operands can decide. */
export function spiCondition(test: SpiTest | undefined, reason: string): Condition {
  if (test === undefined) return everything;
  return test.value.low > test.value.high ? invertible(nothing, test.invert) : unknown(reason);
}
