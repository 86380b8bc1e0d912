import { expect, test } from "vitest";
import type { Family } from "../net/index.ts";
import { type Condition, is, unknowns } from "../pktset/index.ts";
import { u32 } from "./matches/u32.ts";
import { Refusal } from "./refusal.ts";
import { u32Condition } from "./u32-condition.ts";

function conditionOf(text: string, family: Family = "ipv4"): Condition {
  const tests = u32.options["--u32"].parse?.(text, { family, protocol: undefined });
  if (tests === undefined || tests instanceof Refusal || tests[0] === undefined) throw new Error(text);
  return u32Condition(tests[0], family);
}

test("a whole field is that field", () => {
  expect(conditionOf("6&0xFF=17")).toEqual(is("protocol", 17));
  expect(conditionOf("12=0x0a000001")).toEqual(is("src", 0x0a000001));
  expect(conditionOf("0&0xFFFF=100:200")).toEqual({ kind: "ranges", field: "length", ranges: [100, 200] });
  expect(conditionOf("8>>24=0:5")).toEqual({ kind: "ranges", field: "ttl", ranges: [0, 5] });
  expect(conditionOf("4&0x1FFF=0")).toEqual(is("fragment", 0));
  expect(conditionOf("4&0xFF=9", "ipv6")).toEqual(is("ttl", 9));
});

test("a part of a field is exact, and so is a word of several", () => {
  for (const text of [
    "12&0xFFFFFF00=0x0a000000:0x0affff00",
    "14=0x00010a00:0x00ff0a00",
    "0>>16&0xFC=0x20:0xb8",
    "6&0xFFFF=0x0600",
    "0>>28=4",
  ])
    expect(unknowns(conditionOf(text)), text).toEqual([]);
});

test("what no field tells is unknown", () => {
  for (const text of ["0>>24&0xF=5", "4>>16=1", "4&0x1FFF=5:9", "20=0", "0>>22&0x3C@8=1", "0@0=1"])
    expect(unknowns(conditionOf(text)).length, text).toBeGreaterThan(0);
});
