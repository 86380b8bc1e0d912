/**
 * Which packets that conntrack calls INVALID get through: for INPUT, FORWARD and OUTPUT of the filter table, the set that
 * is accepted after the chains before it.
 */
import {
  type Bounds,
  both,
  CT_STATES,
  describeSet,
  is,
  memberOf,
  NONE,
  type PacketSpace,
  type PacketValues,
  type Ref,
} from "../pktset/index.ts";
import { type MetRule, Outcomes, spaceFor, symbolicTable, TableVerdicts } from "../reach/index.ts";
import type { Ruleset, Table } from "../ruleset/index.ts";
import type { SymbolicContext } from "../xt/index.ts";
import { earlierChains, stageOf } from "./arrivals.ts";
import { decidingRule } from "./deciding-rule.ts";

export interface InvalidPassage {
  readonly chain: string;
  /** Whether any INVALID packet may be accepted. */
  readonly passes: boolean;
  /** The packets in a few words; `more`: that is not all of them. */
  readonly packets: readonly string[];
  readonly more: boolean;
  /** One of them, sure if there is a sure one. */
  readonly witness: PacketValues | undefined;
  readonly space: PacketSpace;
  /** What accepts the witness. */
  readonly rule: MetRule | undefined;
  /** Every packet that is told surely passes. */
  readonly exact: boolean;
}

const CHAINS = ["INPUT", "FORWARD", "OUTPUT"] as const;
const INVALID = CT_STATES.indexOf("INVALID");
/** Ranges that are told of a chain. */
const SHOWN = 4;

export function invalidPassages(ruleset: Ruleset, context: SymbolicContext): readonly InvalidPassage[] {
  const filter = ruleset.tables.get("filter");
  if (filter === undefined) return [];
  return CHAINS.filter((chain) => filter.chains.has(chain)).map((chain) =>
    passage(ruleset, context, filter, chain),
  );
}

function passage(ruleset: Ruleset, context: SymbolicContext, table: Table, chain: string): InvalidPassage {
  const earlier = earlierChains(ruleset, context, table.name, chain).filter(
    // nat has no connection to translate.
    ({ symbolic }) => symbolic.name !== "nat",
  );
  const symbolic = symbolicTable(table, context, new Map([["ctstate", INVALID]]), [chain]);
  const space = spaceFor([...earlier.map((each) => each.symbolic), symbolic], {
    family: context.family,
    fields: ["ctstate", "fragment"],
  });
  const { diagrams } = space;
  const outcomes = new Outcomes();
  const ends = new TableVerdicts(symbolic, space, outcomes).base(chain);
  const accepted = (how: "some" | "every"): Ref =>
    diagrams.where(ends, (value) => outcomes.of(value)[how](({ end }) => end === "accept"));
  const [sure, perhaps] = [accepted("every"), accepted("some")];
  // What raw exempts from tracking is UNTRACKED, and no matter of this question.
  // conntrack puts fragments together before it judges.
  const invalid = space.set(both(is("ctstate", INVALID), is("fragment", 0)), "over");
  let here: Bounds = { under: invalid, over: invalid };
  for (const each of earlier) here = stageOf(each, space)(here).accepted;
  const known = new Set([...space.levelsOf("ctstate"), ...space.levelsOf("fragment")]);
  const passing = (arriving: Ref, set: Ref): Ref =>
    diagrams.some(diagrams.and(diagrams.and(arriving, invalid), set), known);
  const [under, over] = [passing(here.under, sure), passing(here.over, perhaps)];
  if (over === NONE)
    return {
      chain,
      passes: false,
      packets: [],
      more: false,
      witness: undefined,
      space,
      rule: undefined,
      exact: true,
    };
  const { boxes, more } = describeSet(space, over, 1, SHOWN);
  const witness = new Map(memberOf(space, under === NONE ? over : under));
  const rule = decidingRule(symbolic, chain, space, { packet: witness, end: "accepted" });
  return { chain, passes: true, packets: boxes, more, witness, space, rule, exact: under === over };
}
