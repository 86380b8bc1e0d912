/** What is left of a condition when some fields are known: the tests of those are decided, and gone. */
import { both, type Condition, either, everything, type FieldName, not, nothing } from "../pktset/index.ts";

/** Values that are taken for granted, as numbers of the field. */
export type Assumptions = ReadonlyMap<FieldName, number>;

export function assume(condition: Condition, known: Assumptions): Condition {
  switch (condition.kind) {
    case "ranges": {
      const value = known.get(condition.field);
      if (value === undefined) return condition;
      const { ranges } = condition;
      for (let at = 0; at < ranges.length; at += 2)
        if (value >= Number(ranges[at]) && value <= Number(ranges[at + 1])) return everything;
      return nothing;
    }
    case "masked": {
      const value = known.get(condition.field);
      if (value === undefined) return condition;
      return (value & Number(condition.mask)) >>> 0 === Number(condition.value) ? everything : nothing;
    }
    case "and":
      return both(...condition.parts.map((part) => assume(part, known)));
    case "or":
      return either(...condition.parts.map((part) => assume(part, known)));
    case "not":
      return not(assume(condition.part, known));
    default:
      return condition;
  }
}
