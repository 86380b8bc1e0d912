/**
 * Whether a rule that packets get to could go: whether the rules behind it, or the chain's end, decide the same for every
 * one of them. A packet that would end otherwise settles that it is needed; points are tried first, then what each rule
 * behind that decides otherwise shares with this one.
 */
import { NONE, type Ref } from "../../pktset/index.ts";
import { needed } from "./causes.ts";
import type { Fate, RuleChain, RuleWay } from "./chain-rules.ts";
import { OTHER } from "./chain-rules.ts";
import type { Point } from "./point.ts";
import type { Question } from "./question.ts";
import { type Box, shared } from "./rule-boxes.ts";
import type { Decision } from "./walk.ts";

/** Points that are tried in the whole of a rule, and in what it shares with one behind it. */
const TRIES = 6;
const TRIES_SHARED = 3;
/** Rules subtracted one by one before the question is given up, and the rule kept. */
const MAX_STEPS = 1000;

interface Kept {
  readonly row: number;
  readonly chain: RuleChain;
  readonly fate: Fate;
}

/** @returns rows that make the rule redundant, none if the chain's end does; undefined: it is needed. */
export function redundantBy(question: Question, row: number): readonly number[] | undefined {
  const { table } = question;
  const way = table.ways[row] as RuleWay;
  if (way.kind !== "end" || way.fate === OTHER) return undefined;
  const kept: Kept = { row, chain: table.chainOf(row), fate: way.fate };
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const box = question.arrivingBox(row);
    if (box !== undefined && changesAt(question, kept, question.pointIn(box, row))) return undefined;
  }
  return byRulesBehind(question, kept);
}

/** The packet gets to the rule, and ends otherwise without it. */
function changesAt(question: Question, kept: Kept, point: Point): boolean {
  return point !== undefined && getsTo(question, kept, point) && otherwise(question, kept, point);
}

function getsTo({ table, walk }: Question, { row }: Kept, point: Point): boolean {
  return table.boxes.holds(row, point, false) !== false && walk.arrives(row, point);
}

function otherwise({ walk }: Question, { row, chain, fate }: Kept, point: Point): boolean {
  return walk.decisionAfter(chain, row, point).fate !== fate;
}

function byRulesBehind(question: Question, kept: Kept): readonly number[] | undefined {
  const { table, sets } = question;
  const { row, chain, fate } = kept;
  const box = table.boxes.boxOf(row);
  const behind = chain.index.overlapping(box.low, box.high).filter((each) => each > row);
  // Where the end decides otherwise, rules behind must take everything; those further on do not matter then.
  let last = chain.stop;
  const by = new Set<number>();
  if (chain.end !== fate) {
    const covering = behind.find((each) => givesAll(question, each, fate, box));
    if (covering !== undefined) {
      by.add(covering);
      last = covering;
    } else {
      sets.begin(chain);
      const covers = coverOf(question, kept, sets.beforeChain(row));
      if (covers === undefined) return undefined;
      for (const each of covers) by.add(each);
      last = Math.max(...covers);
    }
  }
  const open: number[] = [];
  for (const other of behind) {
    if (other >= last) break;
    const state = besides(question, kept, other, box);
    if (state === "needed") return undefined;
    if (state === "open") open.push(other);
  }
  for (const other of open) {
    sets.begin(chain);
    const set = table.space.diagrams.and(sets.beforeChain(row), sets.givenOther(other, fate, chain.end));
    const covers = coverOf(question, kept, set, other);
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
 * What is known of packets that the rule shares with one behind it: some end otherwise without the rule, none does, or
 * points do not tell.
 */
function besides(
  question: Question,
  kept: Kept,
  other: number,
  box: Box,
): "needed" | "harmless" | "open" {
  const { table, walk } = question;
  const { boxes } = table;
  const { row, chain, fate } = kept;
  const way = table.ways[other] as RuleWay;
  if (way.kind === "end" && way.fate === fate && table.unsure[other] === 0) return "harmless";
  const both = shared(box, boxes.boxOf(other));
  if (both === undefined) return "harmless";
  for (let attempt = 0; attempt < TRIES_SHARED; attempt++) {
    const point = question.pointIn(both, other);
    if (boxes.holds(row, point, false) === false) continue;
    const taker = walk.takerBefore(chain, row, point);
    if (taker >= 0) {
      const kind = table.ways[taker]?.kind;
      const same = table.testsWritten[taker] === 0 || table.segment[taker] === table.segment[row];
      if ((kind === "end" || kind === "goto") && same && boxes.coversBox(taker, both.low, both.high))
        return "harmless";
      continue;
    }
    const next = walk.decisionAfter(chain, row, point);
    if (next.fate !== fate) {
      if (walk.arrives(row, point)) return "needed";
    } else if (next.row >= 0 && next.row < other && givesAll(question, next.row, fate, both)) return "harmless";
  }
  return "open";
}

/**
 * Rows that take all of a set before it comes to the rule, or give it the same fate behind it (and before `until`);
 * undefined: some packet of it ends otherwise.
 */
function coverOf(question: Question, kept: Kept, set: Ref, until?: number): readonly number[] | undefined {
  const { table, walk, sets } = question;
  const { diagrams } = table.space;
  const { row, chain, fate } = kept;
  const covers = new Map<number, Ref>();
  let left = set;
  while (left !== NONE) {
    if (covers.size >= MAX_STEPS) return undefined;
    const point = question.pointOf(left);
    const taker = walk.takerBefore(chain, row, point);
    const cover: Decision = taker >= 0 ? { row: taker, fate } : walk.decisionAfter(chain, row, point);
    if (cover.fate !== fate || cover.row < 0 || cover.row === until) return undefined;
    const gone =
      taker >= 0 ? sets.takenBefore(taker, row) : sets.given(cover.row, fate, chain.end);
    const less = diagrams.minus(left, gone);
    if (less === left) return undefined;
    left = less;
    covers.set(cover.row, gone);
  }
  const rows = [...covers.keys()].sort((a, b) => a - b);
  const kept2 = needed(
    question,
    set,
    rows.map((each) => covers.get(each) as Ref),
  );
  return rows.filter((_, at) => kept2[at]);
}
