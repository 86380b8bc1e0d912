/** Neighbouring rules that test one field and do the same, as one rule: long lists of addresses are written so. */
import { type FieldName, type FieldValue, fieldTest, normalised } from "../pktset/index.ts";
import type { SymbolicRule } from "./symbolic-table.ts";

/** What needs no more than its kind to be the same. */
const PLAIN: readonly string[] = ["accept", "drop", "reject", "return", "stolen"];

/** The rules, each run of such as one with the place of its first. */
export function joinedRules(rules: readonly SymbolicRule[]): readonly SymbolicRule[] {
  const result: SymbolicRule[] = [];
  let field: FieldName | undefined;
  let ranges: (readonly [FieldValue, FieldValue])[] = [];
  const flush = (): void => {
    const last = result.at(-1);
    if (field !== undefined && last !== undefined && ranges.length > 1)
      result[result.length - 1] = {
        ...last,
        condition: { kind: "ranges", field, ranges: normalised(ranges) },
      };
  };
  for (const rule of rules) {
    const { action } = rule;
    const isPlain = action.kind === "effect" && PLAIN.includes(action.effect.kind);
    const test = isPlain ? fieldTest(rule.condition) : undefined;
    const before = result.at(-1)?.action;
    if (
      test !== undefined &&
      test.field === field &&
      before?.kind === "effect" &&
      action.kind === "effect" &&
      before.effect.kind === action.effect.kind
    ) {
      ranges.push(...test.ranges);
      continue;
    }
    flush();
    result.push(rule);
    field = test?.field;
    ranges = test === undefined ? [] : [...test.ranges];
  }
  flush();
  return result;
}
