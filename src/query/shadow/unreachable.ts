/**
 * Whether any packet gets to a rule. Points of its box are tried first: one that no earlier rule takes settles it. Where
 * points fail, the exact set of packets is worn down: a packet of what is left names the rule that takes it, that rule's
 * packets are subtracted, and so on until nothing or an arriving packet is left.
 */
import { causesIn } from "./causes.ts";
import type { ChainRules } from "./chain-rules.ts";
import type { Point } from "./point.ts";
import type { Question } from "./question.ts";
import { wornDown } from "./worn-down.ts";

/** Points that are tried before sets are made. */
const TRIES = 6;

/** `takers`: the rows that take all of a rule's packets. Otherwise some packet gets there; `witness` is one if points found it. */
export type Arrival = { readonly takers: readonly number[] } | { readonly witness: Point | undefined };

export function arrivalAt(question: Question, row: number): Arrival {
  const { table, walk } = question;
  const { boxes } = table;
  if (boxes.matchesNothing(row)) return { takers: [] };
  const chain = table.chainOf(row);
  const own = boxes.boxOf(row);
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const box = question.arrivingBox(row, own);
    if (box === undefined) continue;
    const point = question.pointIn(box, row);
    if (boxes.holds(row, point, false) === false) continue;
    const taker = walk.takerBefore(chain, row, point);
    if (taker < 0) {
      if (walk.enters(chain, point, (table.segment[row] as number) > 0)) return { witness: point };
    } else if (endsAll(question.table, taker, row) && boxes.coversBox(taker, own.low, own.high))
      return { takers: [taker] };
  }
  question.sets.begin(chain);
  const worn = wornDown(question, row, question.sets.beforeChain(row));
  return worn === undefined ? { witness: undefined } : { takers: causesIn(question, row, worn) };
}

/** A rule that ends the way of whatever it matches, and whose test does not depend on what is changed on the way. */
export function endsAll({ ways, testsWritten, segment }: ChainRules, taker: number, row: number): boolean {
  const kind = ways[taker]?.kind;
  if (kind !== "end" && kind !== "goto") return false;
  return testsWritten[taker] === 0 || segment[taker] === segment[row];
}
