/**
 * Who may talk to whom over one service: the smallest partition of all addresses into groups that the rules treat alike,
 * as source and as destination, and the allowed edges between groups.
 *
 * The verdict diagram is brought down to source and destination. Two sources are alike exactly if they lead to the same
 * node below the source levels; two destinations are, if all those nodes treat them alike, which one diagram of tuples
 * tells. Groups are the common refinement of both partitions.
 */
import {
  ALL,
  among,
  both,
  type Condition,
  type Diagrams,
  either,
  everything,
  type FieldName,
  type FieldValue,
  fieldRanges,
  not,
  onInterface,
  type PacketSpace,
  type Ranges,
  type Ref,
  terminal,
  unknowns,
} from "../pktset/index.ts";
import {
  type Assumptions,
  Outcomes,
  type SymbolicTable,
  spaceFor,
  symbolicTable,
  TableVerdicts,
} from "../reach/index.ts";
import type { Table } from "../ruleset/index.ts";
import type { SymbolicContext } from "../xt/index.ts";
import { NEW_PACKET } from "./packet-states.ts";

/** What a new connection of a service looks like in its first packet. */
export interface Service {
  readonly protocol: number;
  /** undefined: any, or the protocol has none. */
  readonly port: number | undefined;
  /** Type in the upper, code in the lower eight bits. */
  readonly icmp: number | undefined;
}

/** A client's port, in the ephemeral range of every common system. */
export const CLIENT_PORT = 50000;
/** Ranges that masks with holes repeat, beyond which there is no answer. */
const MAX_REPEATS = 1 << 18;
const TCP = 6;
const SYN = 2;

export interface AddressGroup {
  /** From 1. */
  readonly id: number;
  /** Sorted and disjoint. */
  readonly addresses: Ranges;
  readonly size: bigint;
}

export interface ServiceGroups {
  /** By their first address. */
  readonly groups: readonly AddressGroup[];
  /** From a group to a group, itself included, sorted. */
  readonly edges: readonly (readonly [number, number])[];
  /** Every edge surely lets a connection through, whatever its packets are beside what the service says. */
  readonly exact: boolean;
  /** What may make the answer inexact: the fields that were left open, and tests that no header decides. */
  readonly open: readonly string[];
}

export interface ServicesQuestion {
  readonly table: Table;
  readonly chain: string;
  readonly context: SymbolicContext;
  readonly service: Service;
  /**
   * By interface: the addresses that live behind it. A packet then comes in by the interface of its source and leaves by
   * that of its destination; addresses that live behind none are taken to be behind one that is not named.
   */
  readonly behind?: ReadonlyMap<string, Ranges> | undefined;
}

/** @returns undefined if addresses are tested under masks with holes that make too many ranges to list. */
export function services({
  table,
  chain,
  context,
  service,
  behind,
}: ServicesQuestion): ServiceGroups | undefined {
  const symbolic = symbolicTable(table, context, firstPacket(service), [chain]);
  const space = spaceFor([symbolic], {
    family: context.family,
    fields: ["src", "dst"],
    // What belongs to the sender stays with the source: a rule for each address and its MAC otherwise costs several times more.
    order: ["src", "in", "mac", "dst", "out"],
    conditions: [...(behind?.keys() ?? [])].map((name) => onInterface("in", name)),
  });
  const { diagrams } = space;
  const outcomes = new Outcomes();
  const verdicts = new TableVerdicts(symbolic, space, outcomes);
  const ends =
    symbolic.chains.get(chain)?.policy === undefined ? verdicts.summary(chain) : verdicts.base(chain);
  const hidden = space.order.filter(({ field }) => field !== "src" && field !== "dst");
  const levels = new Set(hidden.flatMap(({ field }) => [...space.levelsOf(field)]));
  const accepted = (how: "some" | "every"): Ref =>
    diagrams.where(ends, (value) => outcomes.of(value)[how](({ end }) => end === "accept"));
  const possible = behind === undefined ? ALL : placement(space, behind);
  const over = diagrams.and(accepted("some"), possible);
  const allowed = diagrams.some(over, levels);
  const exact = allowed === diagrams.not(diagrams.some(diagrams.minus(possible, accepted("every")), levels));

  const rows = [...fieldRanges(space, "src", space.levelsOf("src"), allowed, MAX_REPEATS)];
  const tuples = together(
    diagrams,
    rows.map(([ref]) => ref),
  );
  const columns = [...fieldRanges(space, "dst", space.levelsOf("dst"), tuples, MAX_REPEATS).values()];
  const all = BigInt(space.maxOf("src")) + 1n;
  if ([rows.map(([, ranges]) => ranges), columns].some((parts) => sizeOf(parts.flat()) !== all))
    return undefined;
  const groups = refined(
    rows.map(([, ranges]) => ranges),
    columns,
  );
  return {
    groups: groups.map(({ ranges }, at) => ({ id: at + 1, addresses: ranges, size: sizeOf(ranges) })),
    edges: edgesOf(
      space,
      rows.map(([ref]) => ref),
      columns,
      groups,
    ),
    exact,
    open: exact
      ? []
      : openIn(
          symbolic,
          hidden.map(({ field }) => field),
        ),
  };
}

/** The packets that come in and leave by the interfaces that their addresses live behind. */
function placement(space: PacketSpace, behind: ReadonlyMap<string, Ranges>): Ref {
  const { diagrams } = space;
  const side = (address: "src" | "dst", device: "in" | "out"): Condition => {
    if (!space.has(device)) return everything;
    const named = [...behind].map(([name, ranges]) =>
      both(onInterface(device, name), among(address, ranges)),
    );
    const anywhere = either(...[...behind.values()].map((ranges) => among(address, ranges)));
    const unnamed = either(...[...behind.keys()].map((name) => onInterface(device, name)));
    return either(...named, both(not(anywhere), not(unnamed)));
  };
  return diagrams.and(space.set(side("src", "in"), "over"), space.set(side("dst", "out"), "over"));
}

function firstPacket({ protocol, port, icmp }: Service): Assumptions {
  const known = new Map<FieldName, number>([...NEW_PACKET, ["protocol", protocol]]);
  if (port !== undefined) known.set("sport", CLIENT_PORT).set("dport", port);
  if (icmp !== undefined) known.set("icmp", icmp);
  if (protocol === TCP) known.set("tcpflags", SYN);
  return known;
}

/** One diagram that tells points apart exactly if one of these does; by halves, so that each grows little. */
function together(diagrams: Diagrams, refs: readonly Ref[]): Ref {
  let level = refs;
  while (level.length > 1)
    level = Array.from({ length: Math.ceil(level.length / 2) }, (_, at) => {
      const [first, second] = [level[2 * at] as Ref, level[2 * at + 1]];
      return second === undefined ? first : diagrams.pair(first, second);
    });
  return level[0] ?? terminal(0);
}

interface Group {
  readonly row: number;
  readonly column: number;
  readonly ranges: FieldValue[];
}

/** The common refinement of two partitions of all addresses. */
function refined(rows: readonly Ranges[], columns: readonly Ranges[]): readonly Group[] {
  const [first, second] = [pieces(rows), pieces(columns)];
  const groups = new Map<number, Group>();
  let low: FieldValue = first[0]?.low as FieldValue;
  for (let i = 0, j = 0; i < first.length && j < second.length; ) {
    const [a, b] = [first[i] as Piece, second[j] as Piece];
    const high = earlier(a.high, b.high);
    const key = a.part * columns.length + b.part;
    let group = groups.get(key);
    if (group === undefined) {
      group = { row: a.part, column: b.part, ranges: [] };
      groups.set(key, group);
    }
    group.ranges.push(low, high);
    if (a.high === high) i++;
    if (b.high === high) j++;
    low = typeof high === "bigint" ? high + 1n : high + 1;
  }
  return [...groups.values()].map((group) => ({ ...group, ranges: joined(group.ranges) }));
}

const earlier = (a: FieldValue, b: FieldValue): FieldValue => (b < a ? b : a);

interface Piece {
  readonly low: FieldValue;
  readonly high: FieldValue;
  readonly part: number;
}

function pieces(parts: readonly Ranges[]): readonly Piece[] {
  const all: Piece[] = [];
  parts.forEach((ranges, part) => {
    for (let at = 0; at < ranges.length; at += 2)
      all.push({ low: ranges[at] as FieldValue, high: ranges[at + 1] as FieldValue, part });
  });
  return all.sort((a, b) => (a.low < b.low ? -1 : 1));
}

/** Neighbouring ranges as one. */
function joined(ranges: readonly FieldValue[]): FieldValue[] {
  const result: FieldValue[] = [];
  for (let at = 0; at < ranges.length; at += 2) {
    const [low, high] = [ranges[at] as FieldValue, ranges[at + 1] as FieldValue];
    const last = result.at(-1);
    const touches = last !== undefined && (typeof last === "bigint" ? last + 1n : last + 1) === low;
    if (touches) result[result.length - 1] = high;
    else result.push(low, high);
  }
  return result;
}

function sizeOf(ranges: Ranges): bigint {
  let size = 0n;
  for (let at = 0; at < ranges.length; at += 2)
    size += BigInt(ranges[at + 1] as FieldValue) - BigInt(ranges[at] as FieldValue) + 1n;
  return size;
}

function edgesOf(
  space: PacketSpace,
  rows: readonly Ref[],
  columns: readonly Ranges[],
  groups: readonly Group[],
): readonly (readonly [number, number])[] {
  const { diagrams } = space;
  const [first] = space.levelsOf("dst") as [number];
  const values = new Array<number>(diagrams.maxima.length).fill(0);
  const points = columns.map((ranges) => space.split("dst", ranges[0] as FieldValue));
  const reached = rows.map((row) =>
    points.map((point) => {
      point.forEach((value, at) => {
        values[first + at] = value;
      });
      return diagrams.evaluate(row, values) === 1;
    }),
  );
  const edges: (readonly [number, number])[] = [];
  groups.forEach(({ row }, from) => {
    const open = reached[row] as readonly boolean[];
    groups.forEach(({ column }, to) => {
      if (open[column] === true) edges.push([from + 1, to + 1]);
    });
  });
  return edges;
}

function openIn({ chains }: SymbolicTable, hidden: readonly FieldName[]): readonly string[] {
  const reasons = new Set<string>(hidden);
  for (const { rules } of chains.values())
    for (const { condition } of rules) for (const reason of unknowns(condition)) reasons.add(reason);
  return [...reasons];
}
