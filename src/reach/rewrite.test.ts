import { expect, test } from "vitest";
import { among, InterfaceNames, is, NONE, PacketSpace } from "../pktset/index.ts";
import { rewritten } from "./rewrite.ts";

const space = new PacketSpace(
  "ipv4",
  [
    { field: "dst", widths: [16, 8, 8] },
    { field: "mark", widths: [32] },
  ],
  new InterfaceNames([], []),
);
const union = (): never => {
  throw new Error("one value needs no union");
};
const mark = (value: number): number => space.set(is("mark", value), "over");

test("a mark set whole is one value for all behind it, also on a level of 32 bits", () => {
  const seen = rewritten(space, mark(7), { kind: "bits", field: "mark", clear: 0xffffffff, flip: 7 }, union);
  expect(seen).toBe(space.set({ kind: "all" }, "over"));
  expect(rewritten(space, mark(7), { kind: "bits", field: "mark", clear: 0xffffffff, flip: 8 }, union)).toBe(
    NONE,
  );
});

test("a mark of which all bits are flipped is read backwards", () => {
  const low = space.set(among("mark", [1, 2]), "over");
  const high = space.set(among("mark", [0xfffffffd, 0xfffffffe]), "over");
  expect(rewritten(space, low, { kind: "bits", field: "mark", clear: 0, flip: 0xffffffff }, union)).toBe(
    high,
  );
});

test("NETMAP keeps the host's bits", () => {
  const seen = rewritten(
    space,
    space.set(is("dst", 0x0a010203), "over"),
    {
      kind: "translate",
      translation: {
        manip: "dst",
        addresses: { kind: "prefix", value: 0x0a010000, mask: 0xffff0000 },
        ports: undefined,
      },
    },
    union,
  );
  // Whatever network it was written to, the last two octets decide.
  expect(seen).toBe(space.set({ kind: "masked", field: "dst", value: 0x0203, mask: 0xffff }, "over"));
});
