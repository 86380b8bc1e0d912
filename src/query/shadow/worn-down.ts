/** Wears a set of packets down by the rules that take them before they come to a rule. */
import { NONE, type Ref } from "../../pktset/index.ts";
import type { Question } from "./question.ts";

/** Rules subtracted one by one before all that is left to subtract is subtracted at once. */
const MAX_STEPS = 400;

/** @returns rows that together take the whole set before it comes to the rule; undefined: something is left. */
export function wornDown(question: Question, row: number, set: Ref): readonly number[] | undefined {
  const { table, walk, sets } = question;
  const { diagrams } = table.space;
  const chain = table.chainOf(row);
  const takers = new Set<number>();
  let left = set;
  while (left !== NONE) {
    if (takers.size >= MAX_STEPS) return atOnce(question, row, left, takers);
    const taker = walk.takerBefore(chain, row, question.pointOf(left));
    if (taker < 0) return undefined;
    const less = diagrams.minus(left, sets.takenBefore(taker, row));
    // Points and sets disagree: nothing may be claimed.
    if (less === left) return undefined;
    left = less;
    takers.add(taker);
  }
  return [...takers];
}

function atOnce(question: Question, row: number, left: Ref, takers: ReadonlySet<number>) {
  const { table, sets } = question;
  if (sets.minusTakers(left, row) !== NONE) return undefined;
  const others = table.chainOf(row).index.overlappingBefore(table.boxes.boxOf(row), row);
  return [...new Set([...takers, ...others])];
}
