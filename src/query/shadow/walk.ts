/**
 * One packet's way through chains, found with each chain's index. What is not known is taken as the question needs it:
 * a rule takes a packet only if that is sure, and lets it come to a chain if that is possible.
 */
import {
  type ChainRules,
  type Fate,
  NEXT_RULE,
  OTHER,
  RETURN,
  type RuleChain,
  type RuleWay,
} from "./chain-rules.ts";
import type { Point } from "./point.ts";

/** Which rule decides on a packet, and how; `row` -1: the chain's end. */
export interface Decision {
  readonly row: number;
  readonly fate: Fate;
}

export class Walk {
  readonly #table: ChainRules;

  constructor(table: ChainRules) {
    this.#table = table;
  }

  /**
   * The first rule of the chain, before a row of it, that surely takes the packet out of its way to that row; -1: none.
   * `loose`: the packet's written fields are those of some later place.
   */
  takerBefore(chain: RuleChain, end: number, point: Point, loose = false): number {
    const { segment } = this.#table;
    for (const row of point.met(chain.index, 0)) {
      if (row >= end) return -1;
      const then = loose || (end < chain.stop && segment[row] !== segment[end]);
      if (this.#takes(row, point, then)) return row;
    }
    return -1;
  }

  #takes(row: number, point: Point, loose: boolean): boolean {
    const way = this.#table.ways[row] as RuleWay;
    if (way.kind === "pass" || way.kind === "effect") return false;
    if (this.#table.boxes.holds(row, point, loose) !== true) return false;
    return way.kind === "jump" ? this.#run(way.chain, point, loose) === "taken" : true;
  }

  /** Whether a packet that enters a chain surely ends there, surely comes back, or perhaps. */
  #run(chain: RuleChain, point: Point, looseBefore: boolean): "taken" | "back" | "perhaps" {
    const { boxes, ways, segment } = this.#table;
    let mayBeBack = false;
    for (const row of point.met(chain.index, 0)) {
      const loose = looseBefore || (segment[row] as number) > 0;
      const holds = boxes.holds(row, point, loose);
      if (holds === false) continue;
      const way = ways[row] as RuleWay;
      let result: "taken" | "back" | "perhaps" | undefined;
      if (way.kind === "end") result = way.fate === RETURN ? "back" : "taken";
      else if (way.kind === "jump" || way.kind === "goto") {
        result = this.#run(way.chain, point, loose);
        if (way.kind === "jump" && result !== "taken") result = undefined;
      }
      if (result === undefined) continue;
      if (holds && result === "taken") return mayBeBack ? "perhaps" : "taken";
      if (holds) return mayBeBack || result === "perhaps" ? "perhaps" : "back";
      if (result !== "taken") mayBeBack = true;
    }
    return mayBeBack ? "perhaps" : "back";
  }

  /** Whether packets such as this one may come into a chain. */
  enters(chain: RuleChain, point: Point, loose: boolean): boolean {
    if (chain.symbolic.policy !== undefined) return true;
    const known = loose ? undefined : point.enters.get(chain);
    if (known !== undefined) return known;
    const { boxes } = this.#table;
    const result = chain.callers.some((row) => {
      if (!boxes.hasInBox(row, point.cells) || boxes.holds(row, point, loose) === false) return false;
      return this.arrives(row, point, loose);
    });
    if (!loose) point.enters.set(chain, result);
    return result;
  }

  /** Whether the packet may come to a rule. */
  arrives(row: number, point: Point, loose = false): boolean {
    const chain = this.#table.chainOf(row);
    if (this.takerBefore(chain, row, point, loose) >= 0) return false;
    return this.enters(chain, point, loose || (this.#table.segment[row] as number) > 0);
  }

  /** What decides on a packet behind a rule of its chain, were that rule not there. */
  decisionAfter(chain: RuleChain, after: number, point: Point): Decision {
    for (const row of point.met(chain.index, after + 1)) {
      const fate = this.#fateAt(row, chain, point);
      if (fate !== NEXT_RULE) return { row, fate };
    }
    return { row: -1, fate: chain.end };
  }

  #fateAt(row: number, chain: RuleChain, point: Point): Fate {
    const holds = this.#table.boxes.holds(row, point, false);
    if (holds === false) return NEXT_RULE;
    const way = this.#table.ways[row] as RuleWay;
    if (way.kind === "pass") return NEXT_RULE;
    if (holds === undefined || way.kind === "effect") return OTHER;
    if (way.kind === "end") return way.fate;
    if (!way.chain.pure) return OTHER;
    const fate = this.#fateIn(way.chain, point);
    // Rejects of a called chain are not told apart.
    if (fate.startsWith("reject")) return OTHER;
    if (fate !== RETURN) return fate;
    return way.kind === "jump" ? NEXT_RULE : chain.end;
  }

  #fateIn(chain: RuleChain, point: Point): Fate {
    return this.decisionAfter(chain, -1, point).fate;
  }
}
