/**
 * Whether packets get through a host, for a whole set of them at once: which do and where they end, which do not and what
 * stops them. Every part of the answer has a witness with the rules on its way.
 */
import {
  ALL,
  boxesOf,
  describeRanges,
  describeSet,
  type FieldName,
  NONE,
  type PacketSpace,
  type PacketValues,
  type Ref,
  terminal,
  witnessOf,
} from "../pktset/index.ts";
import { type MetRule, type Outcome, Path, type PathOptions } from "../reach/index.ts";
import { arrivalText, backendOf } from "./describe-outcome.ts";
import { explainPath } from "./explain-path.ts";
import { NEW_PACKET } from "./packet-states.ts";
import type { AskedPackets } from "./packet-words.ts";

export interface ReachOptions extends Pick<PathOptions, "ruleset" | "context" | "routing"> {
  readonly packets: AskedPackets;
}

/** Packets with one fate. */
export interface Fate {
  /** `perhaps`: some test that no header decides lets them through or not. */
  readonly passes: "yes" | "no" | "perhaps";
  /** Where they end: `this host`, an interface, or what becomes of them: `drop`, `reject`. */
  readonly end: string;
  /** After translation. */
  readonly backend: string | undefined;
  readonly packets: readonly string[];
  readonly more: boolean;
  readonly space: PacketSpace;
  readonly witness: PacketValues;
  readonly rules: readonly MetRule[];
}

export interface ReachAnswer {
  /** Of the asked packets. */
  readonly passing: "all" | "some" | "none";
  readonly exact: boolean;
  readonly fates: readonly Fate[];
}

/** Interfaces with the sources that get through from there. */
export interface WhoCan {
  readonly senders: readonly {
    readonly interface: string;
    readonly sources: string;
    readonly exact: boolean;
  }[];
  readonly exact: boolean;
}

const FIELDS: readonly FieldName[] = ["in", "src", "dst", "protocol", "dport"];

function pathFor({ ruleset, context, routing, packets }: ReachOptions): Path {
  return new Path({
    ruleset,
    context,
    routing,
    assumptions: NEW_PACKET,
    fields: FIELDS,
    order: ["src", "dst", "protocol", "dport", "icmp", "sport"],
    conditions: [packets.condition],
  });
}

/** What becomes of the first packets of connections. */
export function reachable(options: ReachOptions): ReachAnswer {
  const path = pathFor(options);
  const { space, outcomes } = path;
  const { diagrams } = space;
  const asked = space.set(options.packets.condition, "over");
  // Outside the set everything ends in one terminal of its own.
  const outside = diagrams.map(diagrams.not(asked), (value) => terminal(value === 1 ? OUTSIDE : 0));
  const inside = diagrams.substitute(outside, 0, path.incoming);
  const kinds = new Map<string, { values: Set<number>; outcome: Outcome; passes: Fate["passes"] }>();
  for (const value of diagrams.values(inside)) {
    if (value === OUTSIDE) continue;
    const possible = outcomes.of(value);
    const passing = possible.filter((outcome) => path.arrival(outcome) !== undefined);
    const passes = passing.length === 0 ? "no" : passing.length === possible.length ? "yes" : "perhaps";
    for (const outcome of passing.length === 0 ? possible : passing) {
      const key = `${passes} ${endOf(path, outcome)} ${backendOf(space, outcome)}`;
      const kind = kinds.get(key);
      if (kind === undefined) kinds.set(key, { values: new Set([value]), outcome, passes });
      else kind.values.add(value);
    }
  }
  const fates = [...kinds.values()].map(({ values, outcome, passes }): Fate => {
    const set = diagrams.where(inside, (value) => values.has(value));
    const { boxes, more } = describeSet(space, set);
    const found = witnessOf(space, set) as PacketValues;
    const witness = new Map(found);
    for (const [field, value] of NEW_PACKET) witness.set(field, value);
    return {
      passes,
      end: endOf(path, outcome),
      backend: backendOf(space, outcome),
      packets: boxes,
      more,
      space,
      witness: found,
      rules: explainPath(path, witness, outcome),
    };
  });
  const order = ["yes", "perhaps", "no"];
  fates.sort((a, b) => order.indexOf(a.passes) - order.indexOf(b.passes));
  const all = fates.every(({ passes }) => passes === "yes");
  const none = fates.every(({ passes }) => passes === "no");
  return {
    passing: all ? "all" : none ? "none" : "some",
    exact: path.routing.exact && fates.every(({ passes }) => passes !== "perhaps"),
    fates,
  };
}

/** From where the asked packets get through, interface by interface. */
export function whoCan(options: ReachOptions): WhoCan {
  const path = pathFor(options);
  const { space, outcomes } = path;
  const { diagrams } = space;
  const asked = space.set(options.packets.condition, "over");
  const passing = (how: "some" | "every"): Ref =>
    diagrams.and(
      asked,
      diagrams.where(path.incoming, (value) =>
        outcomes.of(value)[how]((outcome) => path.arrival(outcome) !== undefined),
      ),
    );
  const [level] = space.levelsOf("in") as [number];
  const hidden = new Set(
    space.order.filter(({ field }) => field !== "src").flatMap(({ field }) => [...space.levelsOf(field)]),
  );
  const over = passing("some");
  const under = outcomes.allCertain ? over : passing("every");
  const senders = space.interfaces.names.flatMap((name, number) => {
    const from = (set: Ref): Ref => diagrams.some(diagrams.fix(set, new Map([[level, number]])), hidden);
    const sources = from(over);
    if (sources === NONE || name === "lo" || (name.endsWith("+") && options.routing.interfaces.length > 0))
      return [];
    const exact = from(under) === sources;
    return [{ interface: name, sources: sourcesText(space, sources), exact }];
  });
  return { senders, exact: path.routing.exact && senders.every(({ exact }) => exact) };
}

function sourcesText(space: PacketSpace, sources: Ref): string {
  if (sources === ALL) return "any";
  for (const box of boxesOf(space, sources)) {
    const side = box.find(({ field }) => field === "src");
    if (side !== undefined) return describeRanges(space, "src", side.ranges);
  }
  return "any";
}

/** A terminal that no outcome has. */
const OUTSIDE = 0x30000000;

function endOf(path: Path, outcome: Outcome): string {
  return path.arrival(outcome) === undefined ? outcome.end : arrivalText(path, outcome);
}
