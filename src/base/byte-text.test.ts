import { expect, test } from "vitest";
import { byteLength, decodeText, encodeText, readableText } from "./byte-text.ts";
import { seededRng } from "./rng.ts";

const CASES: readonly (readonly [name: string, bytes: readonly number[], text: string])[] = [
  ["ASCII", [0x61, 0x62], "ab"],
  ["UTF-8 of two, three and four bytes", [0xc3, 0xa9, 0xe2, 0x82, 0xac, 0xf0, 0x9f, 0x98, 0x80], "é€😀"],
  ["a Latin-1 letter among ASCII", [0x61, 0xe9, 0x62], "a\udce9b"],
  ["Latin-1 beside UTF-8", [0xe9, 0xc3, 0xa9, 0xe9], "\udce9é\udce9"],
  ["a sequence that the end cuts", [0x61, 0xe2, 0x82], "a\udce2\udc82"],
  ["overlong forms", [0xc0, 0xaf, 0xe0, 0x80, 0xaf], "\udcc0\udcaf\udce0\udc80\udcaf"],
  ["an encoded surrogate", [0xed, 0xb2, 0x80], "\udced\udcb2\udc80"],
  ["a byte order mark stays", [0xef, 0xbb, 0xbf, 0x61], "\ufeffa"],
];

for (const [name, bytes, text] of CASES) {
  test(`${name} is read, and written as the same bytes`, () => {
    expect(decodeText(Uint8Array.from(bytes))).toBe(text);
    expect([...encodeText(text)]).toEqual(bytes);
    expect(byteLength(text)).toBe(bytes.length);
  });
}

test("any bytes come back", () => {
  const rng = seededRng(7);
  for (let round = 0; round < 300; round++) {
    const bytes = Uint8Array.from({ length: rng.below(40) }, () => rng.below(2) * 0x80 + rng.below(0x80));
    expect([...encodeText(decodeText(bytes))]).toEqual([...bytes]);
  }
});

test("what is not UTF-8 is shown as Latin-1", () => expect(readableText("a\udce9 😀")).toBe("aé 😀"));
