import { expect, test } from "vitest";
import { parseRestore } from "./restore.ts";

test("thousands of wrong jumps among thousands of chains are reported in no time", () => {
  const names = Array.from({ length: 1500 }, (_, index) => `chain-number-${index}`);
  const text = `*filter\n${names.map((name) => `:${name} - [0:0]\n-A ${name} -j ${name}x\n`).join("")}COMMIT\n`;
  const start = performance.now();
  const { diagnostics } = parseRestore({ text, source: "<many>", family: "ipv4" });
  expect(performance.now() - start).toBeLessThan(3000);
  expect(diagnostics).toHaveLength(names.length);
  expect(diagnostics[0]?.hint).toContain('did you mean "chain-number-0"?');
});
