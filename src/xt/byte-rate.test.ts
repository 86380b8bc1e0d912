import { expect, test } from "vitest";
import {
  bytesPerSec,
  isByteRate,
  parseBurst,
  parseByteRate,
  printByteBurst,
  printByteRate,
} from "./byte-rate.ts";

const listed = (text: string): string | undefined => {
  const cost = parseByteRate(text);
  return typeof cost === "number" ? printByteRate(cost) : undefined;
};

test.each([
  ["16b/s", "16b/s"],
  ["1000b/s", "992b/s"],
  ["512kb/s", "512kb/s"],
  ["1024kb/s", "1mb/s"],
  ["100mb/second", "100mb/s"],
  ["15b/s", undefined],
  ["65536mb/s", undefined],
  ["512KB/s", undefined],
  ["512kbit/s", undefined],
  ["kb/s", undefined],
])("%s is listed as %s", (text, printed) => {
  expect(listed(text)).toBe(printed);
});

test("a listed byte rate means the same cost once loaded again", () => {
  for (let bytes = 16; bytes < 2 ** 36 - 32; bytes += 1 + Math.floor(bytes / 89)) {
    const cost = parseByteRate(`${bytes}b/s`) as number;
    expect(parseByteRate(printByteRate(cost)), `${bytes}b/s, listed as ${printByteRate(cost)}`).toBe(cost);
  }
});

test.each([
  ["5/sec", false],
  ["5", false],
  ["5b/s", true],
  ["5KB/s", true],
  ["5 kbit/s", true],
  ["5gbps", true],
])("%s is meant as a byte rate: %s", (text, is) => {
  expect(isByteRate(text)).toBe(is);
});

test.each([
  ["0x1b", { amount: 27, plain: true, bytes: false }],
  ["2k", { amount: 2048, plain: false, bytes: false }],
  ["2kb", { amount: 2048, plain: false, bytes: true }],
  ["3mb", { amount: 3145728, plain: false, bytes: true }],
  ["5b", { amount: 5, plain: false, bytes: true }],
])("the burst %s", (text, burst) => {
  expect(parseBurst(text)).toEqual(burst);
});

test("a burst is listed in whole units, rounded down", () => {
  expect(printByteBurst(2 * bytesPerSec(parseByteRate("1536kb/s") as number))).toBe("3mb");
  expect(printByteBurst(1500)).toBe("1kb");
  expect(printByteBurst(999)).toBe("999b");
});
