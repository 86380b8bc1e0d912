import { expect, test } from "vitest";
import { seededRng } from "../base/index.ts";
import { type Family, parseAddress } from "../net/index.ts";
import { among, both, type Condition, either, is, masked, not, within } from "./condition.ts";
import { ALL, NONE } from "./diagram.ts";
import type { FieldName, FieldValue } from "./fields.ts";
import { InterfaceNames } from "./interface-names.ts";
import { PacketSpace } from "./packet-space.ts";
import { conditionHolds } from "./packet-values.ts";
import { memberOf } from "./witness.ts";

const space = (family: Family): PacketSpace =>
  new PacketSpace(
    family,
    [
      { field: "src", widths: family === "ipv4" ? [16, 8, 8] : new Array(8).fill(16) },
      { field: "protocol", widths: [8] },
      { field: "dport", widths: [16] },
      { field: "mark", widths: [24, 4, 4] },
    ],
    new InterfaceNames([], []),
  );

const at = (text: string, family: Family): FieldValue => parseAddress(text, family) as FieldValue;

test("a member of nothing is none, of everything any", () => {
  expect(memberOf(space("ipv4"), NONE)).toBeUndefined();
  expect(memberOf(space("ipv4"), ALL)).toEqual(new Map());
});

test("a member has nice values where the set has them, and no network's own address", () => {
  const four = space("ipv4");
  const member = (condition: Condition) => memberOf(four, four.set(condition, "over"));
  expect(member(both(not(is("src", 5)), is("protocol", 6), within("dport", 20, 90)))).toEqual(
    new Map<FieldName, FieldValue>([
      ["src", at("203.0.113.7", "ipv4")],
      ["protocol", 6],
      ["dport", 80],
    ]),
  );
  expect(member(masked("src", 0x0a000000, 0xff000000))).toEqual(new Map([["src", at("10.0.0.1", "ipv4")]]));
  expect(member(is("src", 0x0a000000))).toEqual(new Map([["src", at("10.0.0.0", "ipv4")]]));
  expect(member(within("dport", 0, 21))).toEqual(new Map([["dport", 1]]));
});

for (const family of ["ipv4", "ipv6"] as const)
  test(`a member of a random ${family} set is in it, and a joined list of addresses is the union of its parts`, () => {
    const rng = seededRng(11);
    const one = space(family);
    const bits = family === "ipv4" ? 32 : 128;
    const value = (number: number): FieldValue => (family === "ipv4" ? number : BigInt(number) << 64n);
    for (let round = 0; round < 300; round++) {
      const parts = Array.from({ length: 1 + rng.below(6) }, (): Condition => {
        const open = rng.below(bits - 2);
        const all = (1n << BigInt(bits)) - 1n;
        const mask = (all >> BigInt(open)) << BigInt(open);
        const masks = family === "ipv4" ? Number(mask) : mask;
        const low = value(rng.below(2 ** 32));
        const address = family === "ipv4" ? (Number(low) & Number(masks)) >>> 0 : BigInt(low) & BigInt(masks);
        const tests = [
          // Now and then bits outside the mask, which never hold.
          masked("src", rng.below(8) === 0 ? low : address, masks),
          masked("src", family === "ipv4" ? 5 : 5n, family === "ipv4" ? 7 : 7n),
          among("dport", [rng.below(100), 100 + rng.below(100)]),
          masked("mark", rng.below(16) << 4, 0xf0),
          is("protocol", rng.below(3)),
        ];
        const first = tests[rng.below(tests.length)] as Condition;
        return rng.below(3) === 0 ? both(first, is("protocol", 17)) : first;
      });
      const condition = either(...parts);
      const set = one.set(condition, "over");
      const separately = parts.reduce((sum, part) => one.diagrams.or(sum, one.set(part, "over")), NONE);
      expect(set).toBe(separately);
      const member = memberOf(one, set);
      if (member === undefined) expect(set).toBe(NONE);
      else {
        const whole = new Map<FieldName, FieldValue>([
          ["src", value(1)],
          ["protocol", 200],
          ["dport", 9],
          ["mark", 0],
          ...member,
        ]);
        expect(conditionHolds(condition, whole, one.interfaces)).toBe(true);
      }
    }
  });
