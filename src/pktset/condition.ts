/**
 * What a match says about all packets, as data: `symbolic` of every extension answers with one. A condition is turned into
 * a diagram only when the fields, interfaces and mark bits of the whole ruleset are known.
 *
 * `unknown` is a test whose outcome no packet field decides (rate, history, content, time). Two of them are never the
 * same unknown. It makes two sets of every condition, under ⊆ truth ⊆ over.
 */
import type { FieldName, FieldValue } from "./fields.ts";
import type { Ranges } from "./ranges.ts";

export type Condition =
  | { readonly kind: "all" }
  | { readonly kind: "none" }
  /** The field's value is in one of the ranges. */
  | { readonly kind: "ranges"; readonly field: FieldName; readonly ranges: Ranges }
  /** The field's bits under `mask` are `value`; bits of `value` outside `mask` make it never hold. */
  | {
      readonly kind: "masked";
      readonly field: FieldName;
      readonly value: FieldValue;
      readonly mask: FieldValue;
    }
  /** The interface has this name, or with a trailing `+` begins so. */
  | { readonly kind: "interface"; readonly field: "in" | "out"; readonly name: string }
  | { readonly kind: "and" | "or"; readonly parts: readonly Condition[] }
  | { readonly kind: "not"; readonly part: Condition }
  | { readonly kind: "unknown"; readonly reason: string };

export const everything: Condition = { kind: "all" };
export const nothing: Condition = { kind: "none" };

export const unknown = (reason: string): Condition => ({ kind: "unknown", reason });

/** The field has this value. */
export const is = (field: FieldName, value: FieldValue): Condition => ({
  kind: "ranges",
  field,
  ranges: [value, value],
});

export const within = (field: FieldName, low: FieldValue, high: FieldValue): Condition =>
  low > high ? nothing : { kind: "ranges", field, ranges: [low, high] };

/** The field has a value of the sorted, disjoint ranges. */
export const among = (field: FieldName, ranges: Ranges): Condition =>
  ranges.length === 0 ? nothing : { kind: "ranges", field, ranges };

export const masked = (field: FieldName, value: FieldValue, mask: FieldValue): Condition =>
  mask === 0 || mask === 0n
    ? value === 0 || value === 0n
      ? everything
      : nothing
    : { kind: "masked", field, value, mask };

export const onInterface = (field: "in" | "out", name: string): Condition =>
  name === "+" ? everything : { kind: "interface", field, name };

export function both(...parts: readonly Condition[]): Condition {
  const kept: Condition[] = [];
  for (const part of parts) {
    if (part.kind === "none") return nothing;
    if (part.kind === "and") kept.push(...part.parts);
    else if (part.kind !== "all") kept.push(part);
  }
  if (kept.length === 0) return everything;
  return kept.length === 1 ? (kept[0] as Condition) : { kind: "and", parts: kept };
}

export function either(...parts: readonly Condition[]): Condition {
  const kept: Condition[] = [];
  for (const part of parts) {
    if (part.kind === "all") return everything;
    if (part.kind === "or") kept.push(...part.parts);
    else if (part.kind !== "none") kept.push(part);
  }
  if (kept.length === 0) return nothing;
  return kept.length === 1 ? (kept[0] as Condition) : { kind: "or", parts: kept };
}

export function not(part: Condition): Condition {
  switch (part.kind) {
    case "all":
      return nothing;
    case "none":
      return everything;
    case "not":
      return part.part;
    default:
      return { kind: "not", part };
  }
}

/** `part`, or its complement: what a `!` does. */
export const invertible = (part: Condition, invert: boolean): Condition => (invert ? not(part) : part);

/** Why a condition is not exact: the reasons of its unknowns. */
export function unknowns(condition: Condition): readonly string[] {
  switch (condition.kind) {
    case "unknown":
      return [condition.reason];
    case "not":
      return unknowns(condition.part);
    case "and":
    case "or":
      return condition.parts.flatMap(unknowns);
    default:
      return [];
  }
}

/** Every field that a condition asks for. */
export function fieldsOf(condition: Condition, into: Set<FieldName> = new Set()): Set<FieldName> {
  switch (condition.kind) {
    case "ranges":
    case "masked":
    case "interface":
      into.add(condition.field);
      break;
    case "not":
      fieldsOf(condition.part, into);
      break;
    case "and":
    case "or":
      for (const part of condition.parts) fieldsOf(part, into);
      break;
    default:
      break;
  }
  return into;
}
