import { expect, test } from "vitest";
import { parseRestore } from "./restore.ts";

test.each([
  ['-A "" -j ACCEPT', 3],
  ['-I ""', 3],
  ['-D "" 1', 3],
  ['-R "" 1 -j DROP', 3],
  ['-N ""', 3],
  ['-E "" x', 3],
  ['-E own ""', 7],
  ['-P "" ACCEPT', 3],
  ['-F ""', 3],
  ['-X ""', 3],
  ['-Z ""', 3],
])("%s: an empty word is no chain", (line, column) => {
  const before = "*filter\n:own - [0:0]\n";
  const { diagnostics } = parseRestore({ source: "t", text: `${before}${line}\nCOMMIT\n`, family: "ipv4" });
  expect(diagnostics.map(({ code, span }) => [code, span.start - before.length])).toEqual([
    ["syntax/no-such-chain", column],
  ]);
});
