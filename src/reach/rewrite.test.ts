import { expect, test } from "vitest";
import { NONE, PacketSpace, terminal } from "../pktset/index.ts";
import { InterfaceNames } from "../pktset/interface-names.ts";
import { rewritten } from "./rewrite.ts";

const union = (): never => {
  throw new Error("a write of bits has one outcome");
};

test("a mark that is set whole is one step, not 2^32 of them", () => {
  const space = new PacketSpace("ipv4", [{ field: "mark", widths: [32] }], new InterfaceNames([], []));
  const marked = space.rangesTo("mark", [1, 1], terminal(1), NONE);
  const set = (flip: number): number =>
    rewritten(space, marked, { kind: "bits", field: "mark", clear: 0xffffffff, flip }, union);
  expect(set(1)).toBe(terminal(1));
  expect(set(2)).toBe(NONE);
});

test("a mark of which all bits are flipped is read backwards", () => {
  const space = new PacketSpace("ipv4", [{ field: "mark", widths: [32] }], new InterfaceNames([], []));
  const marked = space.rangesTo("mark", [1, 2], terminal(1), NONE);
  expect(rewritten(space, marked, { kind: "bits", field: "mark", clear: 0, flip: 0xffffffff }, union)).toBe(
    space.rangesTo("mark", [0xfffffffd, 0xfffffffe], terminal(1), NONE),
  );
});
