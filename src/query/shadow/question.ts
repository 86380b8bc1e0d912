/** What all parts of the question share: the table, points to try, and the sets for what points leave open. */
import { type Rng, seededRng } from "../../base/index.ts";
import type { Ref } from "../../pktset/index.ts";
import type { ChainRules } from "./chain-rules.ts";
import { type Point, pointIn, pointOf } from "./point.ts";
import { type Box, shared } from "./rule-boxes.ts";
import { RuleSets } from "./rule-sets.ts";
import { Walk } from "./walk.ts";

/** The same points in every run. */
const SEED = 1;

export class Question {
  readonly table: ChainRules;
  readonly walk: Walk;
  readonly #rng: Rng = seededRng(SEED);
  #sets: RuleSets | undefined;

  constructor(table: ChainRules) {
    this.table = table;
    this.walk = new Walk(table);
  }

  get sets(): RuleSets {
    this.#sets ??= new RuleSets(this.table);
    return this.#sets;
  }

  /** A packet of a box that the rule lies in. */
  pointIn(box: Box, row: number): Point {
    const { boxes, written } = this.table;
    return pointIn(box, row, boxes, { axes: boxes.axes, written }, this.#rng);
  }

  pointOf(set: Ref): Point {
    const { boxes, written, space } = this.table;
    return pointOf(set, space, { axes: boxes.axes, written }, this.#rng);
  }

  /** The part of a rule's box that one way into its chain leaves, chosen at random; undefined: this way leads to none of it. */
  arrivingBox(row: number, own: Box): Box | undefined {
    const { boxes } = this.table;
    let box: Box | undefined = own;
    let chain = this.table.chainOf(row);
    while (chain.symbolic.policy === undefined && box !== undefined) {
      if (chain.callers.length === 0) return undefined;
      const caller = this.#rng.pick(chain.callers);
      box = shared(box, boxes.keptBoxOf(caller));
      chain = this.table.chainOf(caller);
    }
    return box;
  }
}
