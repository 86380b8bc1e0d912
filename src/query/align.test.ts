import fc from "fast-check";
import { expect, test } from "vitest";
import { align } from "./align.ts";

test.each([
  ["", "", [], []],
  ["abc", "abc", [], []],
  ["abc", "axc", [1], [1]],
  ["abc", "bc", [0], []],
  ["bc", "abc", [], [0]],
  ["abcd", "badc", [0, 2], [1, 3]],
])("%j and %j", (a, b, before, after) => {
  expect(align([...a], [...b], 100)).toEqual({ before, after });
});

test("what does not differ stands in the same order in both", () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom("a", "b", "c", "d")),
      fc.array(fc.constantFrom("a", "b", "c", "d")),
      (a, b) => {
        const { before, after } = align(a, b, 1000) as {
          before: readonly number[];
          after: readonly number[];
        };
        const rest = (list: readonly string[], gone: readonly number[]) =>
          list.filter((_, at) => !gone.includes(at));
        expect(rest(a, before)).toEqual(rest(b, after));
      },
    ),
    { seed: 20261125 },
  );
});

test("gives up beyond the limit", () => {
  expect(align(["a", "b"], ["c", "d"], 3)).toBeUndefined();
});
