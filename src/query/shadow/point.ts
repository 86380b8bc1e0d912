/** One packet, as cells and as values: what a witness is looked for with. */
import type { Rng } from "../../base/index.ts";
import {
  type FieldName,
  type FieldValue,
  isTerminal,
  NONE,
  type PacketSpace,
  type PacketValues,
  type Ref,
} from "../../pktset/index.ts";
import type { Axis } from "./axes.ts";
import type { BoxIndex } from "./box-index.ts";
import type { Box, RuleBoxes } from "./rule-boxes.ts";

export class Point {
  readonly cells: Int32Array;
  readonly #axes: readonly Axis[];
  readonly #written: ReadonlySet<FieldName>;
  #values: PacketValues | undefined;
  #unwritten: PacketValues | undefined;
  #enters: Map<object, boolean> | undefined;
  #asked: BoxIndex | undefined;
  #from = 0;
  #met: readonly number[] = [];

  constructor(
    cells: Int32Array,
    { axes, written, values }: PointContext & { readonly values?: PacketValues },
  ) {
    this.cells = cells;
    this.#axes = axes;
    this.#written = written;
    this.#values = values;
  }

  /** Whether the packet comes into a chain, as far as that was asked. */
  get enters(): Map<object, boolean> {
    this.#enters ??= new Map();
    return this.#enters;
  }

  /** As `at` of the index. */
  met(index: BoxIndex, from: number): readonly number[] {
    if (this.#asked !== index || this.#from !== from) {
      this.#asked = index;
      this.#from = from;
      this.#met = index.at(this.cells, from);
    }
    return this.#met;
  }

  get values(): PacketValues {
    this.#values ??= new Map(
      this.#axes.map(({ field }, at): [FieldName, FieldValue] => [
        field,
        (this.#axes[at] as Axis).lowest(this.cells[at] as number),
      ]),
    );
    return this.#values;
  }

  /** The values of fields that no rule changes. */
  get unwritten(): PacketValues {
    if (this.#written.size === 0) return this.values;
    this.#unwritten ??= new Map([...this.values].filter(([field]) => !this.#written.has(field)));
    return this.#unwritten;
  }
}

export interface PointContext {
  readonly axes: readonly Axis[];
  readonly written: ReadonlySet<FieldName>;
}

const between = (rng: Rng, low: number, high: number): number =>
  low === high ? low : low + rng.below(high - low + 1);

/** A packet of a box; of the rule's own ranges where `row` has several. */
export function pointIn(
  { low, high }: Box,
  row: number,
  boxes: RuleBoxes,
  context: PointContext,
  rng: Rng,
): Point {
  const cells = new Int32Array(low.length);
  for (let at = 0; at < cells.length; at++) cells[at] = between(rng, low[at] as number, high[at] as number);
  for (const { axis, ranges } of boxes.piecesOf(row)) {
    const at = 2 * rng.below(ranges.length / 2);
    const first = Math.max(ranges[at] as number, low[axis] as number);
    const last = Math.min(ranges[at + 1] as number, high[axis] as number);
    if (first <= last) cells[axis] = between(rng, first, last);
  }
  return new Point(cells, context);
}

/** A packet of a set that is not empty. */
export function pointOf(set: Ref, space: PacketSpace, context: PointContext, rng: Rng): Point {
  const { diagrams } = space;
  const tuple = diagrams.maxima.map((max) => between(rng, 0, max));
  for (let at = set; !isTerminal(at); ) {
    const edges = diagrams.edgeCount(at);
    let edge = rng.below(edges);
    // Every node but NONE leads to some packet.
    while (diagrams.target(at, edge) === NONE) edge = (edge + 1) % edges;
    const from = edge === 0 ? 0 : diagrams.bound(at, edge - 1) + 1;
    tuple[diagrams.levelOf(at)] = between(rng, from, diagrams.bound(at, edge));
    at = diagrams.target(at, edge);
  }
  const values = new Map<FieldName, FieldValue>();
  for (const { field } of space.order)
    values.set(
      field,
      space.join(
        field,
        space.levelsOf(field).map((level) => tuple[level] as number),
      ),
    );
  const cells = Int32Array.from(context.axes, (axis) => axis.cellOf(values.get(axis.field) as FieldValue));
  return new Point(cells, { ...context, values });
}
