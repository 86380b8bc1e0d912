/** `ask shadow` of long chains against enumeration: ranges that cross on a small grid, so that indexes and sets are all used. */
import { expect, test } from "vitest";
import { hasErrors, seededRng } from "../../src/base/index.ts";
import { shadowedRules } from "../../src/query/index.ts";
import { rulesOnly } from "../../src/reach/index.ts";
import { parseRestore } from "../../src/syntax/index.ts";

const SEED = 20261126;
const CHAINS = 12;
const SIDE = 16;

interface Grid {
  readonly ranges: readonly (readonly [low: number, high: number])[];
  readonly target: string;
}

const cellOf = (cell: number): readonly number[] => [
  cell % SIDE,
  Math.floor(cell / SIDE) % SIDE,
  Math.floor(cell / SIDE ** 2),
];

const holds = ({ ranges }: Grid, at: readonly number[]): boolean =>
  ranges.every(([low, high], side) => (at[side] as number) >= low && (at[side] as number) <= high);

function covers(rules: readonly Grid[], rule: Grid): boolean {
  for (let cell = 0; cell < SIDE ** 3; cell++) {
    const at = cellOf(cell);
    if (holds(rule, at) && !rules.some((each) => holds(each, at))) return false;
  }
  return true;
}

test.each([
  ["ranges that cross", false],
  ["prefixes", true],
] as const)(`${CHAINS} chains of up to 300 rules with %s: just the true findings`, (_, prefixes) => {
  const rng = seededRng(SEED);
  const range = (): readonly [number, number] => {
    if (prefixes) {
      const size = 2 ** rng.below(5);
      const low = rng.below(SIDE / size) * size;
      return [low, low + size - 1];
    }
    const low = rng.below(SIDE);
    return [low, Math.min(SIDE - 1, low + rng.below(rng.pick([2, 5, SIDE])))];
  };
  const kinds = { unreachable: 0, redundant: 0, byMany: 0 };
  for (let round = 0; round < CHAINS; round++) {
    const policy = rng.pick(["ACCEPT", "DROP"]);
    const rules = Array.from(
      { length: 40 + rng.below(260) },
      (): Grid => ({ ranges: [range(), range(), range()], target: rng.pick(["ACCEPT", "DROP"]) }),
    );
    const text = [
      "*filter",
      `:FORWARD ${policy} [0:0]`,
      ...rules.map(({ ranges: [src, dst, port], target }) => {
        const [s, d, p] = [src, dst, port] as [Grid["ranges"][0], Grid["ranges"][0], Grid["ranges"][0]];
        return `-A FORWARD -p tcp --dport ${p[0]}:${p[1]} -m iprange --src-range 10.0.0.${s[0]}-10.0.0.${s[1]} --dst-range 10.0.0.${d[0]}-10.0.0.${d[1]} -j ${target}`;
      }),
      "COMMIT\n",
    ].join("\n");
    const { ruleset, diagnostics } = parseRestore({ source: "random", text, family: "ipv4" });
    expect(hasErrors(diagnostics)).toBe(false);
    const { findings } = shadowedRules(ruleset, rulesOnly("ipv4", "nft"));

    const met = new Set<number>();
    const needed = new Set<number>();
    for (let cell = 0; cell < SIDE ** 3; cell++) {
      const at = cellOf(cell);
      const matching = rules.map((_, index) => index).filter((index) => holds(rules[index] as Grid, at));
      const [first, second] = matching;
      if (first === undefined) continue;
      met.add(first);
      const otherwise = second === undefined ? policy : (rules[second] as Grid).target;
      if (otherwise !== (rules[first] as Grid).target) needed.add(first);
    }
    const expected = rules.flatMap((_, index) =>
      !met.has(index) ? [`${index + 1} unreachable`] : needed.has(index) ? [] : [`${index + 1} redundant`],
    );
    expect(
      findings.map(({ index, kind }) => `${index} ${kind}`),
      text,
    ).toEqual(expected);
    for (const { kind, index, by } of findings) {
      kinds[kind]++;
      if (by.length > 1) kinds.byMany++;
      if (kind !== "unreachable") continue;
      const causes = by.map((each) => rules[each.index - 1] as Grid);
      const own = rules[index - 1] as Grid;
      expect(covers(causes, own)).toBe(true);
      for (const cause of causes)
        expect(
          covers(
            causes.filter((each) => each !== cause),
            own,
          ),
        ).toBe(false);
    }
  }
  expect(Math.min(kinds.unreachable, kinds.redundant, kinds.byMany)).toBeGreaterThan(10);
});
