import { expect, test } from "vitest";
import { floatPrefix, wholeFloat } from "./floats.ts";

test.each([
  ["0.25", 0.25],
  [".5", 0.5],
  ["5.", 5],
  ["+5e-1", 0.5],
  ["-0.5", -0.5],
  [" 1", 1],
  ["0x10", 16],
  ["0x.8", 0.5],
  ["0x1.8p1", 3],
  ["-0x1p-1", -0.5],
])("%s is read as strtod reads it", (text, value) => {
  expect(wholeFloat(text)).toBe(value);
});

test.each(["", ".", "e1", "nan", "inf", "1 ", "0,5", "--1", "0x", "1e"])("%s is not one number", (text) => {
  expect(wholeFloat(text)).toBeUndefined();
});

test.each([
  ["1e", 1],
  ["1e+bit", 1],
  ["0x", 1],
  ["0xg", 1],
  ["12kbit", 2],
  ["0x10p", 4],
])("the number at the start of %s ends after %i characters", (text, end) => {
  expect(floatPrefix(text)?.end).toBe(end);
});
