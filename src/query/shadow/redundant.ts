/**
 * Whether a rule that packets get to could go: whether the rules behind it, or the chain's end, decide the same for every
 * one of them. A packet that would end otherwise settles that it is needed; points are tried first, then what each rule
 * behind that decides otherwise shares with this one.
 */
import { NONE, type Ref } from "../../pktset/index.ts";
import { needed } from "./causes.ts";
import { type Fate, OTHER, type RuleChain, type RuleWay } from "./chain-rules.ts";
import type { Point } from "./point.ts";
import type { Question } from "./question.ts";
import { type Box, shared } from "./rule-boxes.ts";
import { endsAll } from "./unreachable.ts";

/** Points that are tried in the whole of a rule; where the chain's end decides the same, few are worth it. */
const TRIES = 6;
const TRIES_LIKE_END = 2;
/** Points that are tried in what a rule shares with one behind it. */
const TRIES_SHARED = 3;
/** Rules subtracted one by one before the question is given up, and the rule kept. */
const MAX_STEPS = 1000;

/** The rule that is asked about. */
interface Asked {
  readonly row: number;
  readonly chain: RuleChain;
  readonly fate: Fate;
  readonly box: Box;
}

/**
 * @param witness a packet that gets to the rule, if one is at hand.
 * @returns rows that make the rule redundant, none if the chain's end does; undefined: it is needed.
 */
export function redundantBy(
  question: Question,
  row: number,
  witness: Point | undefined,
): readonly number[] | undefined {
  const { table, walk } = question;
  const way = table.ways[row] as RuleWay;
  if (way.kind !== "end" || way.fate === OTHER) return undefined;
  const { fate } = way;
  const asked: Asked = { row, chain: table.chainOf(row), fate, box: table.boxes.boxOf(row) };
  /** A rule behind that decides the same for all that this one matches. */
  let covering: number | undefined;
  const tries = asked.chain.end === fate ? TRIES_LIKE_END : TRIES;
  for (let attempt = 0; attempt < tries && covering === undefined; attempt++) {
    const point = attempt === 0 && witness !== undefined ? witness : pointAt(question, asked);
    if (point === undefined) continue;
    const next = walk.decisionAfter(asked.chain, row, point);
    if (next.fate !== fate) return undefined;
    if (next.row >= 0 && givesAll(question, next.row, asked.fate, asked.box)) covering = next.row;
  }
  return byRulesBehind(question, asked, covering);
}

/** A packet that gets to the rule; undefined: chance did not find one. */
function pointAt(question: Question, { row, box: own }: Asked): Point | undefined {
  const box = question.arrivingBox(row, own);
  if (box === undefined) return undefined;
  const point = question.pointIn(box, row);
  return question.table.boxes.holds(row, point, false) !== false && question.walk.arrives(row, point)
    ? point
    : undefined;
}

function byRulesBehind(
  question: Question,
  asked: Asked,
  covering: number | undefined,
): readonly number[] | undefined {
  const { table, sets } = question;
  const { row, chain, fate, box } = asked;
  const by = new Set<number>();
  // Where the end decides otherwise, rules behind must take everything; those further on do not matter then.
  let last = chain.stop;
  if (chain.end !== fate) {
    let covers: readonly number[] | undefined = covering === undefined ? undefined : [covering];
    if (covers === undefined) {
      sets.begin(chain);
      covers = coverOf(question, asked, sets.beforeChain(row));
      if (covers === undefined) return undefined;
    }
    for (const each of covers) if (each > row) by.add(each);
    last = Math.max(row, ...covers);
  }
  const open: number[] = [];
  const isNeeded = chain.index.someOverlapping(box, row + 1, last, (other) => {
    const state = besides(question, asked, other);
    if (state === "open") open.push(other);
    else if (state !== "needed" && state !== "harmless") by.add(state.by);
    return state === "needed";
  });
  if (isNeeded) return undefined;
  for (const other of open.sort((a, b) => a - b)) {
    sets.begin(chain);
    const set = table.space.diagrams.and(sets.beforeChain(row), sets.givenOther(other, fate, chain.end));
    const covers = coverOf(question, asked, set);
    if (covers === undefined) return undefined;
    for (const each of covers) if (each > row) by.add(each);
  }
  return [...by].sort((a, b) => a - b);
}

/** The one rule, all by itself, decides the same for everything in the box. */
function givesAll({ table }: Question, row: number, fate: Fate, { low, high }: Box): boolean {
  const way = table.ways[row] as RuleWay;
  return way.kind === "end" && way.fate === fate && table.boxes.coversBox(row, low, high);
}

/**
 * What is known of packets that the rule shares with one behind it: some end otherwise without the rule, none does (`by`:
 * since a rule between decides the same), or points do not tell.
 */
function besides(
  question: Question,
  asked: Asked,
  other: number,
): "needed" | "open" | "harmless" | { readonly by: number } {
  const { table, walk } = question;
  const { boxes } = table;
  const { row, chain, fate, box } = asked;
  const way = table.ways[other] as RuleWay;
  if (way.kind === "end" && way.fate === fate && table.unsure[other] === 0) return "harmless";
  const both = shared(box, boxes.boxOf(other));
  if (both === undefined) return "harmless";
  for (let attempt = 0; attempt < TRIES_SHARED; attempt++) {
    const point = question.pointIn(both, other);
    if (boxes.holds(row, point, false) === false) continue;
    const taker = walk.takerBefore(chain, row, point);
    if (taker >= 0) {
      if (endsAll(table, taker, row) && boxes.coversBox(taker, both.low, both.high)) return "harmless";
      continue;
    }
    const next = walk.decisionAfter(chain, row, point);
    if (next.fate !== fate) {
      if (walk.arrives(row, point)) return "needed";
    } else if (next.row >= 0 && next.row < other && givesAll(question, next.row, fate, both))
      return { by: next.row };
  }
  return "open";
}

/**
 * Rows that take all of a set before it comes to the rule, or give it the same fate behind it; undefined: some packet of
 * it ends otherwise, or meets nothing but the chain's end.
 */
function coverOf(question: Question, { row, chain, fate }: Asked, set: Ref): readonly number[] | undefined {
  const { table, walk, sets } = question;
  const { diagrams } = table.space;
  const covers = new Map<number, Ref>();
  let left = set;
  while (left !== NONE) {
    if (covers.size >= MAX_STEPS) return undefined;
    const point = question.pointOf(left);
    let cover = walk.takerBefore(chain, row, point);
    let gone: Ref;
    if (cover >= 0) gone = sets.takenBefore(cover, row);
    else {
      const next = walk.decisionAfter(chain, row, point);
      if (next.fate !== fate || next.row < 0) return undefined;
      cover = next.row;
      gone = sets.given(cover, fate, chain.end);
    }
    const less = diagrams.minus(left, gone);
    // Points and sets disagree: nothing may be claimed.
    if (less === left) return undefined;
    left = less;
    covers.set(cover, gone);
  }
  const rows = [...covers.keys()].sort((a, b) => a - b);
  const isNeeded = needed(
    question,
    set,
    rows.map((each) => covers.get(each) as Ref),
  );
  return rows.filter((_, at) => isNeeded[at]);
}
