/**
 * Fields cut into cells: between two neighbouring cuts no rule tells one value from another. Cells are small numbers
 * whatever the field's width, so one code serves both families.
 */
import type { FieldName, FieldValue, PacketSpace, Ranges } from "../../pktset/index.ts";
import type { Product } from "./product.ts";

export class Axis {
  readonly field: FieldName;
  /** The lowest value of every cell, ascending from 0. */
  readonly cuts: readonly FieldValue[] | Float64Array;

  constructor(field: FieldName, cuts: readonly FieldValue[] | Float64Array) {
    this.field = field;
    this.cuts = cuts;
  }

  get cells(): number {
    return this.cuts.length;
  }

  cellOf(value: FieldValue): number {
    const { cuts } = this;
    let low = 0;
    let high = cuts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((cuts[middle] as FieldValue) <= value) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  lowest(cell: number): FieldValue {
    return this.cuts[cell] as FieldValue;
  }

  /** Ranges of values that begin and end at cuts, as ranges of cells. */
  cellsOf(ranges: Ranges): readonly number[] {
    return ranges.map((value) => this.cellOf(value));
  }
}

/** One axis for each field of the space, cut where the products' ranges begin and end. */
export function axesFor(space: PacketSpace, products: Iterable<Product | undefined>): readonly Axis[] {
  const cuts = new Map<FieldName, FieldValue[]>();
  for (const { field } of space.order) cuts.set(field, []);
  for (const product of products)
    for (const { field, ranges } of product?.sides ?? []) {
      const list = cuts.get(field) as FieldValue[];
      for (let at = 0; at < ranges.length; at += 2) {
        const high = ranges[at + 1] as FieldValue;
        list.push(ranges[at] as FieldValue, typeof high === "bigint" ? high + 1n : high + 1);
      }
    }
  return [...cuts].map(([field, list]) => new Axis(field, sortedCuts(list, space.maxOf(field))));
}

function sortedCuts(list: readonly FieldValue[], max: FieldValue): readonly FieldValue[] | Float64Array {
  if (typeof max === "bigint")
    return [...new Set([0n, ...(list as readonly bigint[])])]
      .filter((value) => value <= max)
      .sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const sorted = new Float64Array(list.length + 1);
  sorted.set(list as readonly number[]);
  sorted.sort();
  let count = 0;
  for (const value of sorted)
    if (value <= max && (count === 0 || value !== sorted[count - 1])) sorted[count++] = value;
  return sorted.slice(0, count);
}
