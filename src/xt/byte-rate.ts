/**
 * Byte rates of `hashlimit`, such as `512kb/s`. The kernel keeps not the rate but the cost of 16 bytes, the 2^32nd
 * part of a second's credit: rates far apart at the fast end become one, and what is listed is worked out backwards.
 * Source: extensions/libxt_hashlimit.c, parse_bytes(), parse_burst(), bytes_to_cost() and print_bytes().
 */
import { wholeNumber } from "./numbers.ts";
import { type Refusal, refuse } from "./refusal.ts";

const UINT32_MAX = 0xffffffff;
const UNITS: readonly (readonly [string, number])[] = [
  ["m", 1024 * 1024],
  ["k", 1024],
  ["", 1],
];
const FACTORS: ReadonlyMap<string, number> = new Map(UNITS);

const RATE = /^[ \t\n\v\f\r]*\+?([0-9]+) *([km]?)b\/s(?:econd|econ|eco|ec|e)?$/;
const BURST = /^([^km]*?)([km]?)(b?)$/;

/** Whether the text is meant as a byte rate, in whatever spelling: a number of packets has no letters. */
export function isByteRate(text: string): boolean {
  return /[0-9] *[kmgKMG]?[bB](yte|it)?s?(\/|ps|$)/.test(text);
}

/** Bytes a second to the cost of 16 bytes. */
function toCost(bytes: number): number {
  return Math.floor(UINT32_MAX / (Math.floor(bytes / 16) + 1));
}

/** The rate that a cost stands for, in bytes a second. */
export function bytesPerSec(cost: number): number {
  return (Math.floor(UINT32_MAX / cost) - 1) * 16;
}

/** The cost of 16 bytes at a rate of `number[k|m]b/s`; k is 1024. */
export function parseByteRate(text: string): number | Refusal {
  const found = RATE.exec(text);
  if (found === null) {
    return refuse(
      "xt/bad-rate",
      `"${text}" is not a byte rate`,
      "write bytes a second in lower case: 100b/s, 512kb/s or 10mb/s",
    );
  }
  const bytes = Number(found[1]) * (FACTORS.get(found[2] as string) as number);
  if (bytes < 16 || Math.floor(bytes / 16) >= UINT32_MAX) {
    return refuse(
      "xt/out-of-range",
      `the rate "${text}" does not fit the kernel's credit for 16 bytes`,
      "write a rate from 16b/s to 32767mb/s",
    );
  }
  return toCost(bytes);
}

/**
 * `512kb/s`: in the largest unit that means the same cost. iptables rounds down in 32 bits, and so finds no large
 * unit for a rate past 4 GB/s.
 */
export function printByteRate(cost: number): string {
  const bytes = bytesPerSec(cost);
  const rounds = (unit: number): boolean => toCost((bytes - (bytes % unit)) % 2 ** 32) === cost;
  for (const [name, size] of UNITS) {
    if (size === 1 || (bytes >= size && rounds(size))) return `${Math.floor(bytes / size)}${name}b/s`;
  }
  return `${bytes}b/s`;
}

/** A burst of packets or bytes; which, only the rate beside it tells. */
export interface BurstOperand {
  readonly amount: number;
  /** Written as a number alone. */
  readonly plain: boolean;
  /** Written with b. */
  readonly bytes: boolean;
}

/** `number[k|m][b]`, the number decimal, hexadecimal or octal. */
export function parseBurst(text: string): BurstOperand | Refusal {
  // First the whole text, since the b of 0x1b is a digit.
  const plain = wholeNumber(text, 1, UINT32_MAX);
  if (plain !== undefined) return { amount: plain, plain: true, bytes: false };
  const found = BURST.exec(text);
  const number = found === null ? undefined : wholeNumber(found[1] as string, 1, UINT32_MAX);
  if (found === null || number === undefined) {
    return refuse("xt/bad-number", `"${text}" is not a burst`, "write a number, or bytes as in 512kb or 2mb");
  }
  return {
    amount: number * (FACTORS.get(found[2] as string) as number),
    plain: false,
    bytes: found[3] === "b",
  };
}

/** `2mb`: in the largest unit that the burst reaches, rounded down. */
export function printByteBurst(bytes: number): string {
  const [name, size] = UNITS.find(([, unit]) => unit === 1 || bytes >= unit) as readonly [string, number];
  return `${Math.floor(bytes / size)}${name}b`;
}
