import { expect, test } from "vitest";
import { parseBitRate, printBitRate } from "./bit-rate.ts";
import { Refusal } from "./refusal.ts";

test.each([
  ["8", 1],
  ["1kbit", 125],
  ["1Kibit", 128],
  ["1KBps", 1000],
  ["1kibps", 1024],
  ["1.5KiBps", 1536],
  ["1tbit", undefined],
  ["4294967295bps", 4294967295],
  ["4294967296bps", undefined],
  ["7bit", undefined],
  ["0gbit", 0],
  ["1 kbit", undefined],
  ["1k", undefined],
  ["-1bit", undefined],
])("%s is %s bytes a second", (text, bytes) => {
  const rate = parseBitRate(text);
  expect(rate instanceof Refusal ? undefined : rate).toBe(bytes);
});

test.each([
  [0, "0bit"],
  [124_999, "999992bit"],
  [125_000, "1000Kbit"],
  [1_543_209, "12346Kbit"],
  [124_999_999, "1000000Kbit"],
  [125_000_000, "1000Mbit"],
  [125_062_500, "1000Mbit"],
  [125_187_500, "1002Mbit"],
  [4_294_967_295, "34360Mbit"],
])("%i bytes a second are listed as %s", (bytes, text) => {
  expect(printBitRate(bytes)).toBe(text);
});
