import { expect, test } from "vitest";
import { closest } from "./closest.ts";

test.each([
  ["DORP", ["ACCEPT", "DROP"], "DROP"],
  ["--dprot", ["--sport", "--dport"], "--dport"],
  ["ESTABLISED", ["RELATED", "ESTABLISHED"], "ESTABLISHED"],
  ["accept", ["ACCEPT"], "ACCEPT"],
  ["foo", ["ACCEPT", "DROP"], undefined],
  ["a", ["b"], undefined],
  ["DROP", [], undefined],
])("%s among %j is meant as %s", (word, candidates, meant) => {
  expect(closest(word, candidates)).toBe(meant);
});
