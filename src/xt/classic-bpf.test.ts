import { expect, test } from "vitest";
import { type BpfInstruction, bpfFault } from "./classic-bpf.ts";

const program = (text: string): BpfInstruction[] =>
  text.split(",").map((item) => {
    const [code, jumpTrue, jumpFalse, operand] = item.split(" ").map(Number) as [
      number,
      number,
      number,
      number,
    ];
    return { code, jumpTrue, jumpFalse, operand };
  });

test.each([
  ["6 0 0 0", undefined],
  ["48 0 0 9,21 0 1 6,6 0 0 1,6 0 0 0", undefined],
  ["48 0 0 9", 0],
  ["21 0 1 6,6 0 0 0", 0],
  ["21 0 255 6,6 0 0 0", 0],
  ["5 0 0 4294967295,6 0 0 0", 0],
  ["6 0 0 0,14 0 0 0", 1],
  // Written on one of two ways only.
  ["21 0 1 6,2 0 0 1,96 0 0 1,6 0 0 0", 2],
  // Written on both.
  ["21 0 2 6,2 0 0 1,5 0 0 1,3 0 0 1,97 0 0 1,6 0 0 0", undefined],
  // Behind a jump that nothing reaches, everything counts as written.
  ["5 0 0 1,96 0 0 7,6 0 0 0", undefined],
  ["32 0 0 4294963199,6 0 0 0", undefined],
  ["32 0 0 4294963200,6 0 0 0", undefined],
  ["32 0 0 4294963202,6 0 0 0", 0],
  ["32 0 0 4294963264,6 0 0 0", 0],
])("%s has its fault at %s", (text, at) => {
  expect(bpfFault(program(text))?.at).toBe(at);
});
