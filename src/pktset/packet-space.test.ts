/** Diagrams against the plain meaning of conditions, packet by packet, and sizes against enumeration. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  ALL,
  among,
  boxesOf,
  type Condition,
  countPackets,
  type FieldName,
  type FieldValue,
  fieldBits,
  InterfaceNames,
  is,
  masked,
  NONE,
  normalised,
  onInterface,
  PacketSpace,
  type Ref,
  type Side,
  unknown,
} from "./index.ts";

type Values = Partial<Record<FieldName, FieldValue>>;

const interfaces = new InterfaceNames(["eth0", "eth1", "ppp0"], ["eth+", "ppp+"]);
/** Split in unequal pieces, in two orders. */
const SPACES = [
  new PacketSpace(
    "ipv4",
    [
      { field: "src", widths: [16, 8, 8] },
      { field: "protocol", widths: [8] },
      { field: "dport", widths: [16] },
      { field: "mark", widths: [16, 8, 4, 1, 1, 1, 1] },
      { field: "in", widths: [16] },
    ],
    interfaces,
  ),
  new PacketSpace(
    "ipv4",
    [
      { field: "in", widths: [16] },
      { field: "dport", widths: [8, 8] },
      { field: "mark", widths: [1, 15, 8, 4, 1, 1, 1, 1] },
      { field: "src", widths: [32] },
      { field: "protocol", widths: [8] },
    ],
    interfaces,
  ),
];
const V6 = new PacketSpace("ipv6", [{ field: "src", widths: new Array(8).fill(16) }], interfaces);

/** What a condition means, said once more in the plainest way. */
function holds(condition: Condition, values: Values, guess: boolean): boolean {
  switch (condition.kind) {
    case "all":
      return true;
    case "none":
      return false;
    case "ranges": {
      const value = values[condition.field] as FieldValue;
      for (let at = 0; at < condition.ranges.length; at += 2)
        if (
          value >= (condition.ranges[at] as FieldValue) &&
          value <= (condition.ranges[at + 1] as FieldValue)
        )
          return true;
      return false;
    }
    case "masked":
      return (
        (BigInt(values[condition.field] as FieldValue) & BigInt(condition.mask)) === BigInt(condition.value)
      );
    case "interface": {
      const name = interfaces.names[values.in as number] as string;
      const { name: wanted } = condition;
      return wanted.endsWith("+") ? name !== "+" && name.startsWith(wanted.slice(0, -1)) : name === wanted;
    }
    case "and":
      return condition.parts.every((part) => holds(part, values, guess));
    case "or":
      return condition.parts.some((part) => holds(part, values, guess));
    case "not":
      return !holds(condition.part, values, !guess);
    case "unknown":
      return guess;
  }
}

/** Numbers near each other and near edges, so that random conditions meet random packets. */
const near = (max: number) =>
  fc.oneof(
    fc.constantFrom(0, 1, 2, 255, 256, 257, 65535, 65536, 0x0a000001, max).filter((value) => value <= max),
    fc.integer({ min: 0, max: Math.min(max, 300) }),
    fc.integer({ min: 0, max }),
  );
const ranges = (max: number) =>
  fc
    .array(fc.tuple(near(max), near(max)), { minLength: 1, maxLength: 4 })
    .map((list) => normalised(list.map(([a, b]) => (a < b ? [a, b] : [b, a]))));
const numeric = fc.constantFrom<[FieldName, number][]>(
  ["src", 2 ** 32 - 1],
  ["dport", 65535],
  ["protocol", 255],
  ["mark", 2 ** 32 - 1],
);
const leaf: fc.Arbitrary<Condition> = fc.oneof(
  numeric.chain(([field, max]) => ranges(max).map((list) => among(field, list))),
  fc
    .tuple(near(2 ** 32 - 1), fc.constantFrom(0xff, 0xf0, 0xffff0000, 0x80000001, 0xffffffff, 5))
    .map(([value, mask]) => masked("mark", (value & mask) >>> 0, mask)),
  fc.constantFrom("eth0", "eth+", "ppp0", "ppp+", "wlan0", "+").map((name) => onInterface("in", name)),
  fc.constant(unknown("chance")),
);
const condition: fc.Arbitrary<Condition> = fc.letrec<{ node: Condition }>((tie) => ({
  node: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    leaf,
    fc.array(tie("node"), { minLength: 1, maxLength: 4 }).map((parts): Condition => ({ kind: "and", parts })),
    fc.array(tie("node"), { minLength: 1, maxLength: 4 }).map((parts): Condition => ({ kind: "or", parts })),
    tie("node").map((part): Condition => ({ kind: "not", part })),
  ),
})).node;
const packet = fc.record({
  src: near(2 ** 32 - 1),
  dport: near(65535),
  protocol: near(255),
  mark: near(2 ** 32 - 1),
  in: fc.integer({ min: 0, max: interfaces.max }),
});

/** The set of one side of a box, by the masked test of each of its values where it is some bits only. */
function sideSet(space: PacketSpace, { field, shift, bits, ranges: list }: Side): Ref {
  if (bits === fieldBits(field, "ipv4") || field === "in") return space.set(among(field, list), "over");
  let sum = NONE;
  for (let at = 0; at < list.length; at += 2) {
    const [low, high] = [list[at] as number, list[at + 1] as number];
    const level = space.levelsOf(field)[
      space.order
        .find((each) => each.field === field)
        ?.widths.reduce(
          ({ below, found }, width, index) => ({
            below: below - width,
            found: below - width === shift ? index : found,
          }),
          { below: 32, found: 0 },
        ).found as number
    ] as number;
    sum = space.diagrams.or(sum, space.diagrams.split(level, [low, high], ALL, NONE));
  }
  return sum;
}

const SEED = 20261125;

function tuple(space: PacketSpace, values: Values): number[] {
  return space.order.flatMap(({ field }) => [...space.split(field, values[field] as FieldValue)]);
}

describe.each(SPACES.map((space) => [space.order.map(({ field }) => field).join("-"), space] as const))(
  "%s",
  (_, space) => {
    test("a set holds a packet exactly if the condition does", () => {
      fc.assert(
        fc.property(condition, fc.array(packet, { minLength: 20, maxLength: 20 }), (each, packets) => {
          const { under, over } = space.bounds(each);
          for (const values of packets) {
            const at = tuple(space, values);
            expect(space.diagrams.evaluate(over, at)).toBe(holds(each, values, true) ? 1 : 0);
            expect(space.diagrams.evaluate(under, at)).toBe(holds(each, values, false) ? 1 : 0);
          }
        }),
        { seed: SEED, numRuns: 400 },
      );
    });

    test("equal sets are one number, however they were made", () => {
      fc.assert(
        fc.property(condition, condition, (a, b) => {
          const { diagrams } = space;
          const [x, y] = [space.set(a, "over"), space.set(b, "over")];
          expect(diagrams.not(diagrams.and(x, y))).toBe(diagrams.or(diagrams.not(x), diagrams.not(y)));
          expect(diagrams.minus(x, y)).toBe(diagrams.and(x, diagrams.not(y)));
          expect(diagrams.or(diagrams.minus(x, y), diagrams.and(x, y))).toBe(x);
          expect(diagrams.xor(x, y)).toBe(diagrams.or(diagrams.minus(x, y), diagrams.minus(y, x)));
        }),
        { seed: SEED, numRuns: 300 },
      );
    });

    test("boxes are disjoint and make up the set", () => {
      fc.assert(
        fc.property(condition, (each) => {
          const set = space.set(each, "over");
          let sum = NONE;
          for (const box of boxesOf(space, set, 1, 2000)) {
            let one = ALL;
            for (const side of box) one = space.diagrams.and(one, sideSet(space, side));
            expect(space.diagrams.and(one, sum)).toBe(NONE);
            sum = space.diagrams.or(sum, one);
          }
          expect(space.diagrams.minus(sum, set)).toBe(NONE);
        }),
        { seed: SEED, numRuns: 60 },
      );
    });

    test("collecting keeps what is held, and only that", () => {
      const keep = space.set(among("src", [5, 70000]), "over");
      space.set(among("src", [9, 99999]), "over");
      const before = space.diagrams.size.nodes;
      space.diagrams.collect([keep]);
      expect(space.diagrams.size.nodes).toBeLessThan(before);
      expect(space.set(among("src", [5, 70000]), "over")).toBe(keep);
    });
  },
);

test("sizes are exact, for pieces of any width", () => {
  fc.assert(
    fc.property(ranges(65535), ranges(255), (ports, protocols) => {
      const size = (list: readonly FieldValue[]): bigint => {
        let sum = 0n;
        for (let at = 0; at < list.length; at += 2)
          sum += BigInt(list[at + 1] as number) - BigInt(list[at] as number) + 1n;
        return sum;
      };
      for (const space of SPACES) {
        const set = space.diagrams.and(
          space.set(among("dport", ports), "over"),
          space.set(among("protocol", protocols), "over"),
        );
        expect(countPackets(space, set, ["dport", "protocol", "src"])).toBe(
          size(ports) * size(protocols) * 2n ** 32n,
        );
      }
    }),
    { seed: SEED },
  );
});

test("IPv6 prefixes and ranges over eight levels", () => {
  const low = 0x20010db8_00010002_0003ffff_fffffffen;
  const high = low + 5n;
  const set = V6.set({ kind: "ranges", field: "src", ranges: [low, high] }, "over");
  expect(countPackets(V6, set, ["src"])).toBe(6n);
  const prefix = V6.set(masked("src", 0x20010db8n << 96n, 0xffffffffn << 96n), "over");
  expect(countPackets(V6, prefix, ["src"])).toBe(1n << 96n);
  expect(V6.diagrams.minus(set, prefix)).toBe(NONE);
  expect(V6.set(is("src", low), "over")).not.toBe(NONE);
  expect([...boxesOf(V6, set)]).toEqual([[{ field: "src", shift: 0, bits: 128, ranges: [low, high] }]]);
});
