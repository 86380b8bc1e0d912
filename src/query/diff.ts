/**
 * What two rulesets do differently: for every chain that packets enter, the packets that end otherwise, proved for all.
 *
 * Where few rules differ, only packets that one of them may match can change: everything else is left out of the
 * diagrams. Order and spelling of rules do not matter, only what becomes of packets.
 */
import { InvariantError } from "../base/index.ts";
import {
  ALL,
  countByTerminal,
  describeSet,
  type FieldName,
  NONE,
  type PacketSpace,
  type PacketValues,
  type Ref,
  witnessOf,
} from "../pktset/index.ts";
import {
  type Assumptions,
  explainPacket,
  fragmentAssumption,
  type MetRule,
  type Outcome,
  Outcomes,
  type SymbolicChain,
  type SymbolicRule,
  type SymbolicTable,
  spaceFor,
  symbolicTable,
  TableVerdicts,
} from "../reach/index.ts";
import type { Ruleset, Table } from "../ruleset/index.ts";
import type { SymbolicContext, TableName } from "../xt/index.ts";
import { align } from "./align.ts";
import { describeOutcomes } from "./describe-outcome.ts";
import { type Hull, hullOf, mayOverlap } from "./overlap.ts";
import { FIVE_TUPLE } from "./permitted.ts";

/** One side of a comparison. */
export interface DiffSide {
  readonly ruleset: Ruleset;
  readonly context: SymbolicContext;
  /** A rule as its source writes it: rules with one text are the same rule. */
  readonly textOf: (rule: SymbolicRule["rule"]) => string;
}

export interface BehaviourChange {
  readonly table: TableName;
  readonly chain: string;
  readonly before: string;
  readonly after: string;
  /** The packets in a few words; `more`: that is not all of them. */
  readonly packets: readonly string[];
  readonly more: boolean;
  /** How many, over the fields of `countedFields`. */
  readonly count: bigint;
  readonly witness: PacketValues;
  readonly space: PacketSpace;
  readonly rulesBefore: readonly MetRule[];
  readonly rulesAfter: readonly MetRule[];
  /** Both ends are known for certain. */
  readonly exact: boolean;
}

export interface RulesetDiff {
  /** Proved: no packet ends otherwise. */
  readonly equal: boolean;
  /** No unknown stands in the way of the answer. */
  readonly exact: boolean;
  readonly changes: readonly BehaviourChange[];
}

/** So many differing rules are still looked at locally. */
const LOCAL_LIMIT = 64;

export function diffRulesets(before: DiffSide, after: DiffSide, chain?: string): RulesetDiff {
  if (before.ruleset.family !== after.ruleset.family)
    throw new InvariantError("rulesets of two families cannot be compared");
  const changes: BehaviourChange[] = [];
  let exact = true;
  const names = new Set([...before.ruleset.tables.keys(), ...after.ruleset.tables.keys()]);
  for (const name of names) {
    const tables = [before, after].map(({ ruleset }) => ruleset.tables.get(name)) as [
      Table | undefined,
      Table | undefined,
    ];
    const roots = rootsOf(tables, chain);
    if (roots.length === 0) continue;
    const assumptions = fragmentAssumption(tables.filter((table) => table !== undefined));
    const looked = [before, after].map((side) => symbolic(side, name, roots, assumptions));
    const result = diffTable(name, looked as unknown as Pair<SymbolicTable>, roots, [before, after]);
    changes.push(...result.changes);
    exact &&= result.exact;
  }
  return { equal: exact && changes.length === 0, exact, changes };
}

/** Chains in which packets begin: the asked one, or every built-in one of either side. */
function rootsOf(tables: readonly (Table | undefined)[], asked: string | undefined): readonly string[] {
  const names = new Set<string>();
  for (const table of tables)
    for (const [name, { policy }] of table?.chains ?? [])
      if (asked === undefined ? policy !== undefined : name === asked) names.add(name);
  return [...names];
}

/** A table that is not there accepts everything. */
function symbolic(
  { ruleset, context }: DiffSide,
  name: TableName,
  roots: readonly string[],
  assumptions: Assumptions,
): SymbolicTable {
  const table = ruleset.tables.get(name);
  const made =
    table === undefined ? { name, chains: new Map() } : symbolicTable(table, context, assumptions, roots);
  const chains = new Map<string, SymbolicChain>(made.chains);
  for (const root of roots)
    if (!chains.has(root)) chains.set(root, { name: root, policy: "ACCEPT", rules: [] });
  return { name, chains };
}

type Pair<T> = readonly [T, T];

function diffTable(
  name: TableName,
  tables: Pair<SymbolicTable>,
  roots: readonly string[],
  sides: Pair<DiffSide>,
): { readonly changes: readonly BehaviourChange[]; readonly exact: boolean } {
  const touched = touchedHulls(tables, sides);
  if (touched !== undefined && touched.length === 0) return { changes: [], exact: true };
  const looked =
    touched === undefined ? tables : ([local(tables[0], touched), local(tables[1], touched)] as const);
  const { family } = sides[0].context;
  const space = spaceFor(looked, { family, fields: FIVE_TUPLE });
  const outcomes = new Outcomes();
  const verdicts = looked.map(
    (table) => new TableVerdicts(table, space, outcomes),
  ) as unknown as Pair<TableVerdicts>;
  const region = touched === undefined ? ALL : regionOf(space, touched);
  space.held.add(region);
  const changes: BehaviourChange[] = [];
  let exact = true;
  for (const root of roots) {
    const ends = verdicts.map((each) => {
      const isBase = each.table.chains.get(root)?.policy !== undefined;
      const ref = isBase ? each.base(root) : each.summary(root);
      space.held.add(ref);
      return ref;
    }) as unknown as Pair<Ref>;
    const { diagrams } = space;
    const pairs = diagrams.pair(diagrams.mask(region, ends[0]), diagrams.mask(region, ends[1]));
    for (const [value, count] of countsOf(space, pairs)) {
      const [one, other] = diagrams.pairOf(value);
      const certain = outcomes.of(one).length === 1 && outcomes.of(other).length === 1;
      if (one === other && certain) continue;
      if (!certain) exact = false;
      if (one === other) continue;
      changes.push(
        describeChange(
          { name, root, space, pairs, value, count, certain, looked },
          outcomes.of(one),
          outcomes.of(other),
        ),
      );
    }
  }
  return { changes, exact };
}

/** Whole packets and first fragments are counted; later fragments, which have no ports, where only they differ. */
function countsOf(space: PacketSpace, pairs: Ref): ReadonlyMap<number, bigint> {
  const fields: FieldName[] = space.order.map(({ field }) => field).filter((field) => field !== "fragment");
  if (!space.has("fragment")) return countByTerminal(space, pairs, fields);
  const [level] = space.levelsOf("fragment") as [number];
  const [first, later] = [0, 1].map((value) =>
    countByTerminal(space, space.diagrams.fix(pairs, new Map([[level, value]])), fields),
  ) as [ReadonlyMap<number, bigint>, ReadonlyMap<number, bigint>];
  return new Map([...later, ...first]);
}

interface Found {
  readonly name: TableName;
  readonly root: string;
  readonly space: PacketSpace;
  readonly pairs: Ref;
  readonly value: number;
  readonly count: bigint;
  readonly certain: boolean;
  readonly looked: Pair<SymbolicTable>;
}

function describeChange(
  { name, root, space, pairs, value, count, certain, looked }: Found,
  before: readonly Outcome[],
  after: readonly Outcome[],
): BehaviourChange {
  const { boxes, more } = describeSet(space, pairs, value);
  const witness = witnessOf(space, pairs, value) as PacketValues;
  const rules = (table: SymbolicTable): readonly MetRule[] =>
    explainPacket(table, root, witness, space.interfaces);
  return {
    table: name,
    chain: root,
    before: describeOutcomes(space, before),
    after: describeOutcomes(space, after),
    packets: boxes,
    more,
    count,
    witness,
    space,
    rulesBefore: rules(looked[0]),
    rulesAfter: rules(looked[1]),
    exact: certain,
  };
}

/**
 * The hulls of all rules that only one side has; undefined if too much differs, or if something but rules does. Where a
 * table changes what it tests, a packet does not stay what it was, and all of it is looked at.
 */
function touchedHulls(tables: Pair<SymbolicTable>, sides: Pair<DiffSide>): readonly Hull[] | undefined {
  const [before, after] = tables;
  if (before.chains.size !== after.chains.size) return undefined;
  const hulls: Hull[] = [];
  for (const chain of before.chains.values()) {
    const other = after.chains.get(chain.name);
    if (other === undefined || other.policy !== chain.policy) return undefined;
    const texts = [chain, other].map(({ rules }, side) =>
      rules.map(({ rule }) => (sides[side] as DiffSide).textOf(rule)),
    ) as unknown as Pair<string[]>;
    const aligned = align(texts[0], texts[1], LOCAL_LIMIT);
    if (aligned === undefined) return undefined;
    for (const [rules, changed] of [
      [chain.rules, aligned.before],
      [other.rules, aligned.after],
    ] as const) {
      for (const at of changed) {
        const hull = hullOf((rules[at] as SymbolicRule).condition);
        if (hull !== undefined) hulls.push(hull);
      }
    }
    if (hulls.length > LOCAL_LIMIT) return undefined;
  }
  if (hulls.length > 0 && tables.some(changesFields)) return undefined;
  return hulls;
}

const changesFields = ({ chains }: SymbolicTable): boolean =>
  [...chains.values()].some(({ rules }) =>
    rules.some(({ action }) => action.kind === "effect" && action.effect.kind === "write"),
  );

/** The table without rules that no packet of these hulls can match. */
function local(table: SymbolicTable, hulls: readonly Hull[]): SymbolicTable {
  const chains = new Map<string, SymbolicChain>();
  for (const [name, chain] of table.chains) {
    const rules = chain.rules.filter(({ condition }) => {
      const hull = hullOf(condition);
      return hull !== undefined && hulls.some((each) => mayOverlap(each, hull));
    });
    chains.set(name, { ...chain, rules });
  }
  return { ...table, chains };
}

function regionOf(space: PacketSpace, hulls: readonly Hull[]): Ref {
  const { diagrams } = space;
  return hulls.reduce((sum, hull) => {
    const box = [...hull].reduce(
      (set, [field, [low, high]]) =>
        diagrams.and(set, space.set({ kind: "ranges", field, ranges: [low, high] }, "over")),
      ALL,
    );
    return diagrams.or(sum, box);
  }, NONE);
}
