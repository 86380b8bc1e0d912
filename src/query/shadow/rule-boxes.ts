/**
 * Every rule of a table as a row of cells: a box around the packets that it may match, and how much more than that box it
 * tests. Rows are numbered through all chains.
 */
import { conditionHolds, type FieldValue, fieldsOf, type PacketSpace } from "../../pktset/index.ts";
import type { SymbolicRule } from "../../reach/index.ts";
import { type Axis, axesFor } from "./axes.ts";
import type { Point } from "./point.ts";
import { productOf, type Side } from "./product.ts";

/** The box is all that the rule tests. */
const EXACT = 0;
/** A field has several ranges: `pieces`. */
const PIECES = 1;
/** Only the condition itself tells. */
const CONDITION = 2;
/** It matches no packet. */
const NEVER = 3;

interface Piece {
  readonly axis: number;
  /** Cells, low and high in turn. */
  readonly ranges: readonly number[];
}

export class RuleBoxes {
  readonly axes: readonly Axis[];
  readonly rules: readonly SymbolicRule[];
  /** Row by row, a cell for every axis. */
  readonly low: Int32Array;
  readonly high: Int32Array;
  readonly #space: PacketSpace;
  readonly #shape: Uint8Array;
  readonly #pieces = new Map<number, readonly Piece[]>();
  readonly #kept = new Map<number, Box>();
  /** By axis: some rule changes the field on the way. Boxes are unbounded there. */
  readonly #written: readonly boolean[];

  /** @param written fields that rules both test and change: their value differs from rule to rule. */
  constructor(rules: readonly SymbolicRule[], space: PacketSpace, written: ReadonlySet<string>) {
    this.#space = space;
    this.rules = rules;
    const products = rules.map(({ condition }) => productOf(condition, space));
    this.axes = axesFor(space, products);
    this.#written = this.axes.map(({ field }) => written.has(field));
    const width = this.axes.length;
    this.low = new Int32Array(rules.length * width);
    this.high = new Int32Array(rules.length * width);
    this.#shape = new Uint8Array(rules.length);
    const axisOf = new Map(this.axes.map(({ field }, at) => [field, at]));
    const highest = Int32Array.from(this.axes, ({ cells }) => cells - 1);
    products.forEach((product, row) => {
      this.high.set(highest, row * width);
      for (const side of product?.sides ?? []) this.#bound(row, axisOf.get(side.field) as number, side);
      this.#shape[row] = this.#shapeOf(row, product?.whole, written);
    });
  }

  #bound(row: number, at: number, { ranges }: Side): void {
    if (this.#written[at]) return;
    const axis = this.axes[at] as Axis;
    const base = row * this.axes.length + at;
    this.low[base] = axis.cellOf(ranges[0] as FieldValue);
    this.high[base] = axis.cellOf(ranges[ranges.length - 1] as FieldValue);
    if (ranges.length > 2)
      this.#pieces.set(row, [...(this.#pieces.get(row) ?? []), { axis: at, ranges: axis.cellsOf(ranges) }]);
  }

  #shapeOf(row: number, whole: boolean | undefined, written: ReadonlySet<string>): number {
    if (whole === undefined) return NEVER;
    if (!whole || this.testsWritten(row, written)) return CONDITION;
    return this.#pieces.has(row) ? PIECES : EXACT;
  }

  testsWritten(row: number, written: ReadonlySet<string>): boolean {
    if (written.size === 0) return false;
    const { condition } = this.rules[row] as SymbolicRule;
    return [...fieldsOf(condition)].some((field) => written.has(field));
  }

  matchesNothing(row: number): boolean {
    return this.#shape[row] === NEVER;
  }

  isBox(row: number): boolean {
    return this.#shape[row] === EXACT;
  }

  piecesOf(row: number): readonly Piece[] {
    return this.#pieces.get(row) ?? [];
  }

  hasInBox(row: number, cells: Int32Array): boolean {
    const width = cells.length;
    const base = row * width;
    for (let at = 0; at < width; at++) {
      const cell = cells[at] as number;
      if (cell < (this.low[base + at] as number) || cell > (this.high[base + at] as number)) return false;
    }
    return true;
  }

  /**
   * Whether a rule matches a packet that lies in its box; undefined if that is not known. `loose`: what the written
   * fields were when the packet came to this rule is not known.
   */
  holds(row: number, point: Point, loose: boolean): boolean | undefined {
    switch (this.#shape[row]) {
      case EXACT:
        return true;
      case PIECES:
        return this.piecesOf(row).every(({ axis, ranges }) => {
          const cell = point.cells[axis] as number;
          for (let at = 0; at < ranges.length; at += 2)
            if (cell >= (ranges[at] as number) && cell <= (ranges[at + 1] as number)) return true;
          return false;
        });
      case NEVER:
        return false;
      default: {
        const { condition } = this.rules[row] as SymbolicRule;
        return conditionHolds(condition, loose ? point.unwritten : point.values, this.#space.interfaces);
      }
    }
  }

  /** The one rule, which is just its box, matches whatever lies in these bounds. */
  coversBox(row: number, low: Int32Array, high: Int32Array): boolean {
    if (this.#shape[row] !== EXACT) return false;
    const width = low.length;
    const base = row * width;
    for (let at = 0; at < width; at++)
      if (
        (low[at] as number) < (this.low[base + at] as number) ||
        (high[at] as number) > (this.high[base + at] as number)
      )
        return false;
    return true;
  }

  /** As `boxOf`, for a row that is asked about again and again. */
  keptBoxOf(row: number): Box {
    let box = this.#kept.get(row);
    if (box === undefined) {
      box = this.boxOf(row);
      this.#kept.set(row, box);
    }
    return box;
  }

  boxOf(row: number): Box {
    const width = this.axes.length;
    return {
      low: this.low.slice(row * width, (row + 1) * width),
      high: this.high.slice(row * width, (row + 1) * width),
    };
  }
}

/** Cells from `low` to `high` on every axis. */
export interface Box {
  readonly low: Int32Array;
  readonly high: Int32Array;
}

/** undefined: the boxes share nothing. */
export function shared(a: Box, b: Box): Box | undefined {
  const low = new Int32Array(a.low.length);
  const high = new Int32Array(a.low.length);
  for (let at = 0; at < low.length; at++) {
    const from = Math.max(a.low[at] as number, b.low[at] as number);
    const to = Math.min(a.high[at] as number, b.high[at] as number);
    if (from > to) return undefined;
    low[at] = from;
    high[at] = to;
  }
  return { low, high };
}
