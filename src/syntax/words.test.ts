import { expect, test } from "vitest";
import { Words } from "./words.ts";

/** Words of a line, each with the text that its place covers. */
function split(line: string): {
  readonly words: readonly string[];
  readonly places: readonly string[];
  readonly open: boolean;
} {
  const words = new Words();
  words.split(line, 0, line.length);
  return {
    words: words.texts.slice(0, words.count),
    places: words.starts.slice(0, words.count).map((start, index) => line.slice(start, words.ends[index])),
    open: words.openQuote,
  };
}

// biome-ignore format: one line a case
test.each([
  ["blanks and tabs separate", " -A\tINPUT  -j ACCEPT ", ["-A", "INPUT", "-j", "ACCEPT"], ["-A", "INPUT", "-j", "ACCEPT"]],
  ["quotes group", '--comment "a b" -j', ["--comment", "a b", "-j"], ["--comment", '"a b"', "-j"]],
  ["a backslash takes the next character inside quotes", '"a\\"b\\\\c"', ['a"b\\c'], ['"a\\"b\\\\c"']],
  ["a backslash is itself outside quotes", "a\\b", ["a\\b"], ["a\\b"]],
  ["a closing quote ends the word", '"a"b c', ["a", "b", "c"], ['"a"', "b", "c"]],
  ["text before a quote belongs to the word", 'x"a b" y', ["xa b", "y"], ['x"a b"', "y"]],
  ["an empty pair of quotes is a word", '--comment ""', ["--comment", ""], ["--comment", '""']],
  ["single quotes are plain characters", "'a b'", ["'a", "b'"], ["'a", "b'"]],
  ["nothing gives no words", "  ", [], []],
])("%s", (_, line, words, places) => {
  expect(split(line)).toEqual({ words, places, open: false });
});

test("a quote that is never closed is told", () => {
  expect(split('--comment "a b')).toEqual({
    words: ["--comment", "a b"],
    places: ["--comment", '"a b'],
    open: true,
  });
});

test("a reused splitter forgets the line before", () => {
  const words = new Words();
  words.split('a "b', 0, 4);
  words.split("c", 0, 1);
  expect([words.count, words.texts[0], words.openQuote]).toEqual([1, "c", false]);
});
