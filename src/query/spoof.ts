/**
 * Whether packets with impossible sources get through: for each interface, is any packet accepted that comes in by it from
 * an address that does not live behind it? Safe is said only where that is proved.
 */
import {
  among,
  type Bounds,
  both,
  type Condition,
  CT_STATES,
  complement,
  everything,
  fieldMax,
  is,
  memberOf,
  NONE,
  not,
  onInterface,
  type PacketSpace,
  type PacketValues,
  type Ranges,
} from "../pktset/index.ts";
import { type Accepted, ForwardWalk, spaceFor, symbolicTable } from "../reach/index.ts";
import { builtinHook, type Ruleset, type Table } from "../ruleset/index.ts";
import type { SymbolicContext } from "../xt/index.ts";
import { earlierChains, exempts, stageOf } from "./arrivals.ts";

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

export function spoofing({ ruleset, context, table, chain, behind, state }: SpoofOptions): Spoofing {
  const earlier = earlierChains(ruleset, context, table.name, chain);
  const symbolic = symbolicTable(table, context, new Map(), [chain]);
  const space = spaceFor([...earlier.map((each) => each.symbolic), symbolic], {
    family: context.family,
    fields: ["src", "in", "ctstate", "ctdir", "ctstatus", "fragment"],
    order: ["src", "mac", "dst", "protocol", "dport", "sport"],
    conditions: [...behind.keys()].map((name) => onInterface("in", name)),
  });
  const { diagrams } = space;
  const stages = earlier.map((each) => stageOf(each, space));
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
    for (const stage of stages) packets = stage(packets).accepted;
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
    const witness = new Map(memberOf(space, sure ? accepted.packets.under : accepted.packets.over));
    if (state === "new") for (const field of TAKEN_FOR_GRANTED) witness.delete(field);
    return { interface: name, safe: false, exact: sure, witness, accepted };
  };
  return {
    interfaces: [...behind].map(([name, own]) => ask(name, own)),
    space,
    exempts: exempts(earlier),
  };
}
