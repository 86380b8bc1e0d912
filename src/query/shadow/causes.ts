/** Which rules a finding is owed to: those without which some packet would be left. */
import { NONE, type Ref } from "../../pktset/index.ts";
import type { RuleChain } from "./chain-rules.ts";
import type { Question } from "./question.ts";
import { wornDown } from "./worn-down.ts";

/** The sets that are needed, in order, to cover a set that all of them together cover. */
export function needed(question: Question, set: Ref, covers: readonly Ref[]): readonly boolean[] {
  const { diagrams } = question.table.space;
  /** What all covers behind each take. */
  const behind: Ref[] = new Array(covers.length + 1).fill(NONE);
  for (let at = covers.length - 1; at >= 0; at--)
    behind[at] = diagrams.or(behind[at + 1] as Ref, diagrams.and(set, covers[at] as Ref));
  let left = set;
  return covers.map((cover, at) => {
    if (diagrams.minus(left, behind[at + 1] as Ref) === NONE) return false;
    left = diagrams.minus(left, cover);
    return true;
  });
}

/**
 * The rows that keep packets from a rule, `takers` of its own chain being enough for all that enters the chain. What they
 * leave of the rule's packets does not enter: for every rule that leads here, because it does not match them, or because
 * rules before it take them.
 */
export function causesIn(question: Question, row: number, takers: readonly number[]): readonly number[] {
  const { sets, table } = question;
  const causes = new Set(neededTakers(question, row, sets.beforeChain(row), takers));
  const { diagrams } = table.space;
  let left = sets.over(row);
  for (const taker of causes) left = diagrams.minus(left, sets.takenBefore(taker, row));
  const chain = table.chainOf(row);
  if ((table.segment[row] as number) > 0) left = diagrams.some(left, sets.writtenLevels);
  addCallers(question, chain, left, causes);
  return [...causes].sort((a, b) => a - b);
}

function neededTakers(
  question: Question,
  row: number,
  set: Ref,
  takers: readonly number[],
): readonly number[] {
  const { sets } = question;
  const sorted = takers.toSorted((a, b) => a - b);
  const kept = needed(
    question,
    set,
    sorted.map((taker) => sets.takenBefore(taker, row)),
  );
  return sorted.filter((_, at) => kept[at]);
}

function addCallers(question: Question, chain: RuleChain, left: Ref, causes: Set<number>): void {
  const { table, sets } = question;
  const { diagrams } = table.space;
  if (left === NONE || chain.symbolic.policy !== undefined) return;
  for (const caller of chain.callers) {
    const sent = diagrams.and(left, sets.over(caller));
    if (sent === NONE) {
      causes.add(caller);
      continue;
    }
    // What comes to the caller is kept away further up; the rest is taken before it.
    let coming = sets.minusTakers(sent, caller);
    const taken = diagrams.minus(sent, coming);
    const takers = wornDown(question, caller, taken) ?? [];
    for (const taker of neededTakers(question, caller, taken, takers)) causes.add(taker);
    if ((table.segment[caller] as number) > 0) coming = diagrams.some(coming, sets.writtenLevels);
    addCallers(question, table.chainOf(caller), coming, causes);
  }
}
