/**
 * Whether packets with impossible sources get through: for each interface, is any packet accepted that comes in by it from
 * an address that does not live behind it? Safe is said only where that is proved.
 *
 * Chains before the asked one (raw and mangle PREROUTING, mangle at the same hook) are walked first, since what they drop
 * does not come; where nat may translate, the destination is taken as unknown.
 */
import {
  among,
  type Bounds,
  both,
  type Condition,
  CT_STATES,
  complement,
  everything,
  type FieldName,
  fieldMax,
  is,
  NONE,
  not,
  onInterface,
  type PacketSpace,
  type PacketValues,
  type Ranges,
  witnessOf,
} from "../pktset/index.ts";
import {
  type Accepted,
  canChange,
  ForwardWalk,
  Outcomes,
  type SymbolicTable,
  spaceFor,
  symbolicTable,
  TableVerdicts,
} from "../reach/index.ts";
import { builtinHook, type Ruleset, TABLE_HOOKS, type Table } from "../ruleset/index.ts";
import type { Hook, SymbolicContext, TableName } from "../xt/index.ts";

/** As `--ctstate` names them, in lower case, or any of them. */
export const SPOOF_STATES = ["new", "established", "related", "invalid", "untracked", "any"] as const;
export type SpoofState = (typeof SPOOF_STATES)[number];

export interface SpoofOptions {
  readonly ruleset: Ruleset;
  readonly context: SymbolicContext;
  readonly table: Table;
  readonly chain: string;
  /** By interface (a trailing `+` as in rules): the addresses that live behind it. */
  readonly behind: ReadonlyMap<string, Ranges>;
  /** The connection state that packets have in the chain. */
  readonly state: SpoofState;
}

export interface SpoofAnswer {
  readonly interface: string;
  /** No packet with a foreign source is accepted, whatever the unknown tests say. */
  readonly safe: boolean;
  /** Safe is proved, or the witness surely passes. */
  readonly exact: boolean;
  /** A packet with a foreign source that passes, or perhaps passes, as the chain sees it. */
  readonly witness: PacketValues | undefined;
  /** What accepts it. */
  readonly accepted: Accepted | undefined;
}

export interface Spoofing {
  readonly interfaces: readonly SpoofAnswer[];
  readonly space: PacketSpace;
  /** Rules exempt packets from connection tracking: such packets are UNTRACKED, not NEW. */
  readonly exempts: boolean;
}

/** What the packets of a question are known to be beside their state. */
const TAKEN_FOR_GRANTED = ["ctdir", "ctstatus", "fragment"] as const;
const NEW_CONNECTION: Condition = both(...TAKEN_FOR_GRANTED.map((field) => is(field, 0)));
const UNTRACKED = is("ctstate", CT_STATES.indexOf("UNTRACKED"));
/** conntrack has not seen a packet in raw. */
const BEFORE_CONNTRACK = new Map<FieldName, number>([["ctstate", CT_STATES.indexOf("INVALID")]]);

export function spoofing({ ruleset, context, table, chain, behind, state }: SpoofOptions): Spoofing {
  const earlier = chainsBefore(table.name, chain).flatMap(({ name, hook }) => {
    const found = ruleset.tables.get(name);
    if (found?.chains.has(hook) !== true) return [];
    const symbolic = symbolicTable(found, context, name === "raw" ? BEFORE_CONNTRACK : new Map(), [hook]);
    return canChange(symbolic) ? [{ hook, symbolic }] : [];
  });
  const symbolic = symbolicTable(table, context, new Map(), [chain]);
  const space = spaceFor([...earlier.map((each) => each.symbolic), symbolic], {
    family: context.family,
    fields: ["src", "in", "ctstate", "ctdir", "ctstatus", "fragment"],
    order: ["in", "src", "mac", "dst", "protocol", "dport", "sport"],
    conditions: [...behind.keys()].map((name) => onInterface("in", name)),
  });
  const { diagrams } = space;
  const stages = earlier.map((each) =>
    each.symbolic.name === "nat"
      ? translation(each.symbolic, each.hook, space)
      : walkThrough(new ForwardWalk(each.symbolic, space), each.hook),
  );
  const constrained = (packets: Bounds, condition: Condition): Bounds => {
    const set = space.set(condition, "over");
    return { under: diagrams.and(packets.under, set), over: diagrams.and(packets.over, set) };
  };
  const isBuiltin = builtinHook(table.name, chain) !== undefined;
  const inState =
    state === "any"
      ? everything
      : is(
          "ctstate",
          CT_STATES.findIndex((each) => each.toLowerCase() === state),
        );
  // Only rules set marks; of what lies outside the rules nothing is sure.
  const unmarked = both(
    ...(["mark", "connmark"] as const).filter((field) => space.has(field)).map((field) => is(field, 0)),
  );
  const walk = new ForwardWalk(symbolic, space);

  const ask = (name: string, own: Ranges): SpoofAnswer => {
    const foreign = among("src", complement(own, fieldMax("src", context.family)));
    const coming = space.set(
      both(onInterface("in", name), foreign, state === "new" ? NEW_CONNECTION : everything),
      "over",
    );
    // IPv6's conntrack leaves neighbour discovery untracked by itself; IPv4 packets are so only by a rule.
    const tracked = diagrams.and(coming, space.set(not(UNTRACKED), "over"));
    let packets: Bounds = {
      under: isBuiltin ? diagrams.and(tracked, space.set(unmarked, "over")) : coming,
      over: isBuiltin && context.family === "ipv4" ? tracked : coming,
    };
    for (const stage of stages) packets = stage(packets);
    packets = constrained(packets, inState);
    const met: Accepted[] = [];
    const first = (accepted: Accepted): boolean => met.push(accepted) > 0;
    walk.enter(chain, packets, { onAccept: first });
    if (met[0] !== undefined && met[0].packets.under === NONE)
      walk.enter(chain, packets, { onAccept: first, onlySure: true });
    const accepted = met.at(-1);
    if (accepted === undefined)
      return { interface: name, safe: true, exact: true, witness: undefined, accepted };
    const sure = accepted.packets.under !== NONE;
    const witness = new Map(witnessOf(space, sure ? accepted.packets.under : accepted.packets.over));
    if (state === "new") for (const field of TAKEN_FOR_GRANTED) witness.delete(field);
    return { interface: name, safe: false, exact: sure, witness, accepted };
  };
  return {
    interfaces: [...behind].map(([name, own]) => ask(name, own)),
    space,
    exempts: earlier.some((each) => each.symbolic.name === "raw" && untracks(each.symbolic)),
  };
}

type Stage = (packets: Bounds) => Bounds;

const walkThrough =
  (walk: ForwardWalk, chain: string): Stage =>
  (packets) =>
    walk.enter(chain, packets).accepted;

/** nat never drops; what it may translate goes on to a destination that is not known. */
function translation(table: SymbolicTable, hook: Hook, space: PacketSpace): Stage {
  const { diagrams } = space;
  const outcomes = new Outcomes();
  const ends = new TableVerdicts(table, space, outcomes).base(hook);
  const kept = (how: "some" | "every") =>
    diagrams.where(ends, (value) =>
      outcomes.of(value)[how](({ end, changes }) => end === "accept" && changes.length === 0),
    );
  const [surelyKept, maybeKept] = [kept("every"), kept("some")];
  space.held.add(surelyKept).add(maybeKept);
  const destination = new Set(
    (["dst", "dport"] as const).flatMap((field) => (space.has(field) ? [...space.levelsOf(field)] : [])),
  );
  return ({ under, over }) => ({
    under: diagrams.and(under, surelyKept),
    over: diagrams.or(
      diagrams.and(over, maybeKept),
      diagrams.some(diagrams.minus(over, surelyKept), destination),
    ),
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

/** The built-in chains that a packet from outside goes through before it enters this one, first first. */
function chainsBefore(table: TableName, chain: string): readonly { name: TableName; hook: Hook }[] {
  const own = builtinHook(table, chain);
  if (own === undefined) return [];
  const at = (name: TableName, hook: Hook): number | undefined => TABLE_HOOKS[name].priority[hook];
  const limit = at(table, own) as number;
  const hooks: readonly Hook[] = own === "PREROUTING" ? [own] : ["PREROUTING", own];
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
