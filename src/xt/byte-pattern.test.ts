import { expect, test } from "vitest";
import { hexPattern, literalPattern, printPattern } from "./byte-pattern.ts";
import { Refusal } from "./refusal.ts";

test.each([
  ["|0d 0a|", "\r\n"],
  ["a|62|c", "abc"],
  ["|  41 42 |C", "ABC"],
  ["\\|41\\|", "|41|"],
  ["é", "\u00c3\u00a9"],
  ["|41 |x|42|", "AxB"],
])("%s is %j", (text, pattern) => {
  expect(hexPattern(text)).toBe(pattern);
});

test.each(["|4|", "|4 1|", "|41  42|", "|41", "a|", "||", "|41||42|", "|41|\\x", "\\", "", "|4g|", "|41\\|"])(
  "%j is no hex string",
  (text) => {
    expect(hexPattern(text)).toBeInstanceOf(Refusal);
  },
);

test("what is printed reads back as the same bytes", () => {
  for (let first = 0; first < 256; first++) {
    for (const last of ["\\", '"', "|", "a", "\u0000", "\u00ff"]) {
      const pattern = String.fromCharCode(first) + last;
      const printed = printPattern(pattern);
      const operand = printed.slice(printed.indexOf('"') + 1, -1).replace(/\\(.)/g, "$1");
      expect(printed.startsWith("--hex-string") ? hexPattern(operand) : literalPattern(operand)).toBe(
        pattern,
      );
    }
  }
});
