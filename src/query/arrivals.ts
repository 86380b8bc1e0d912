/**
 * What of a set of packets arrives at a chain: the built-in chains before it in the kernel's order (raw and mangle
 * PREROUTING, mangle at the same hook …) take away what they drop, and change marks. Where nat may translate, the
 * destination is taken as unknown. Routing is not followed: packets may leave by any interface.
 */
import type { Bounds, PacketSpace, Ref } from "../pktset/index.ts";
import {
  BEFORE_CONNTRACK,
  canChange,
  ForwardWalk,
  NOWHERE,
  Outcomes,
  type SymbolicTable,
  symbolicTable,
  TableVerdicts,
} from "../reach/index.ts";
import { builtinHook, type Ruleset, TABLE_HOOKS } from "../ruleset/index.ts";
import type { Hook, SymbolicContext, TableName } from "../xt/index.ts";

/** One chain before the asked one. */
export interface EarlierChain {
  readonly hook: Hook;
  readonly symbolic: SymbolicTable;
}

/** What goes on from a chain, and what does not. */
export interface Onward {
  readonly accepted: Bounds;
  readonly dropped: Bounds;
  /** Goes on to some other destination; `accepted` has these packets with any. */
  readonly translated: Bounds;
}
export type Stage = (packets: Bounds) => Onward;

/** The chains before a built-in one that do more than let packets through, first first; none before a user-defined one. */
export function earlierChains(
  ruleset: Ruleset,
  context: SymbolicContext,
  table: TableName,
  chain: string,
): readonly EarlierChain[] {
  return chainsBefore(table, chain).flatMap(({ name, hook }) => {
    const found = ruleset.tables.get(name);
    if (found?.chains.has(hook) !== true) return [];
    const symbolic = symbolicTable(found, context, name === "raw" ? BEFORE_CONNTRACK : new Map(), [hook]);
    return canChange(symbolic) ? [{ hook, symbolic }] : [];
  });
}

/** Call it for every chain before other diagrams of the space are kept. */
export function stageOf({ symbolic, hook }: EarlierChain, space: PacketSpace): Stage {
  if (symbolic.name === "nat") return translation(symbolic, hook, space);
  const walk = new ForwardWalk(symbolic, space);
  return (packets) => ({ ...walk.enter(hook, packets), translated: NOWHERE });
}

/** Whether rules exempt packets from connection tracking. */
export const exempts = (earlier: readonly EarlierChain[]): boolean =>
  earlier.some(({ symbolic }) => symbolic.name === "raw" && untracks(symbolic));

/** nat never drops; what it may translate goes on to a destination that is not known. */
function translation(table: SymbolicTable, hook: Hook, space: PacketSpace): Stage {
  const { diagrams } = space;
  const outcomes = new Outcomes();
  const ends = new TableVerdicts(table, space, outcomes).base(hook);
  const kept = (how: "some" | "every"): Ref =>
    diagrams.where(ends, (value) =>
      outcomes.of(value)[how](({ end, changes }) => end === "accept" && changes.length === 0),
    );
  const [surelyKept, maybeKept] = [kept("every"), kept("some")];
  space.held.add(surelyKept).add(maybeKept);
  const destination = new Set(
    (["dst", "dport"] as const).flatMap((field) => (space.has(field) ? [...space.levelsOf(field)] : [])),
  );
  return ({ under, over }) => ({
    accepted: {
      under: diagrams.and(under, surelyKept),
      over: diagrams.or(
        diagrams.and(over, maybeKept),
        diagrams.some(diagrams.minus(over, surelyKept), destination),
      ),
    },
    dropped: NOWHERE,
    translated: { under: diagrams.minus(under, maybeKept), over: diagrams.minus(over, surelyKept) },
  });
}

const untracks = ({ chains }: SymbolicTable): boolean =>
  [...chains.values()].some(({ rules }) =>
    rules.some(
      ({ action }) =>
        action.kind === "effect" &&
        action.effect.kind === "write" &&
        action.effect.writes.some(({ field }) => field === "ctstate"),
    ),
  );

/** The built-in chains that a packet goes through before it enters this one, first first; before POSTROUTING, those of it. */
function chainsBefore(table: TableName, chain: string): readonly { name: TableName; hook: Hook }[] {
  const own = builtinHook(table, chain);
  if (own === undefined) return [];
  const at = (name: TableName, hook: Hook): number | undefined => TABLE_HOOKS[name].priority[hook];
  const limit = at(table, own) as number;
  const hooks: readonly Hook[] = own === "INPUT" || own === "FORWARD" ? ["PREROUTING", own] : [own];
  return hooks.flatMap((hook) =>
    (["raw", "mangle", "nat", "filter", "security"] as const)
      .filter((name) => {
        const priority = at(name, hook);
        return priority !== undefined && (hook !== own || priority < limit);
      })
      .sort((a, b) => (at(a, hook) as number) - (at(b, hook) as number))
      .map((name) => ({ name, hook })),
  );
}
