/** How much a chain lets through: the exact number of (source, destination, protocol, ports) that it accepts. */
import { countPackets, type FieldName, type Ref } from "../pktset/index.ts";
import { Outcomes, spaceFor, symbolicTable, TableVerdicts } from "../reach/index.ts";
import type { Table } from "../ruleset/index.ts";
import type { SymbolicContext } from "../xt/index.ts";
import { NEW_PACKET } from "./packet-states.ts";

/** What is counted: everything that tells one connection from another on the wire. */
export const FIVE_TUPLE: readonly FieldName[] = ["src", "dst", "protocol", "sport", "dport"];

export interface Permitted {
  /** Five-tuples that surely pass, whatever the rest of the packet is. */
  readonly count: bigint;
  /** Five-tuples that pass for some value of the rest, or of what is not known. */
  readonly countAtMost: bigint;
  /** Of all five-tuples. */
  readonly total: bigint;
  readonly exact: boolean;
}

export function permitted(table: Table, chain: string, context: SymbolicContext): Permitted {
  const symbolic = symbolicTable(table, context, NEW_PACKET, [chain]);
  const space = spaceFor([symbolic], { family: context.family, fields: FIVE_TUPLE });
  const outcomes = new Outcomes();
  const verdicts = new TableVerdicts(symbolic, space, outcomes);
  const ends = table.chains.get(chain)?.policy === undefined ? verdicts.summary(chain) : verdicts.base(chain);
  const { diagrams } = space;
  const others = new Set(
    space.order
      .filter(({ field }) => !FIVE_TUPLE.includes(field))
      .flatMap(({ field }) => [...space.levelsOf(field)]),
  );
  const accepted = (how: "some" | "every"): Ref => {
    const set = diagrams.where(ends, (value) => outcomes.of(value)[how](({ end }) => end === "accept"));
    return others.size === 0 ? set : diagrams[how](set, others);
  };
  const over = accepted("some");
  const under = others.size === 0 && outcomes.allCertain ? over : accepted("every");
  const countAtMost = countPackets(space, over, FIVE_TUPLE);
  const count = under === over ? countAtMost : countPackets(space, under, FIVE_TUPLE);
  const bits = context.family === "ipv4" ? 2 * 32 + 40 : 2 * 128 + 40;
  return { count, countAtMost, total: 1n << BigInt(bits), exact: count === countAtMost };
}
