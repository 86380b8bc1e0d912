/** One packet of a packet space as field values, and what a condition says of it. */
import type { Condition } from "./condition.ts";
import type { FieldName, FieldValue } from "./fields.ts";
import type { InterfaceNames } from "./interface-names.ts";

/** Fields that are absent do not matter, or their value is not known. */
export type PacketValues = ReadonlyMap<FieldName, FieldValue>;

/** undefined: the condition asks for what the packet's values do not tell. */
export function conditionHolds(
  condition: Condition,
  packet: PacketValues,
  interfaces: InterfaceNames,
): boolean | undefined {
  switch (condition.kind) {
    case "all":
      return true;
    case "none":
      return false;
    case "unknown":
      return undefined;
    case "ranges": {
      const value = packet.get(condition.field);
      if (value === undefined) return undefined;
      const { ranges } = condition;
      for (let at = 0; at < ranges.length; at += 2)
        if (value >= (ranges[at] as FieldValue) && value <= (ranges[at + 1] as FieldValue)) return true;
      return false;
    }
    case "masked": {
      const value = packet.get(condition.field);
      if (value === undefined) return undefined;
      return (BigInt(value) & BigInt(condition.mask)) === BigInt(condition.value);
    }
    case "interface": {
      const value = packet.get(condition.field);
      if (value === undefined) return undefined;
      const numbers = interfaces.matching(condition.name);
      return numbers.some((low, at) => at % 2 === 0 && value >= low && value <= (numbers[at + 1] as number));
    }
    case "not": {
      const inner = conditionHolds(condition.part, packet, interfaces);
      return inner === undefined ? undefined : !inner;
    }
    case "and":
    case "or": {
      const decisive = condition.kind === "or";
      let known = true;
      for (const part of condition.parts) {
        const holds = conditionHolds(part, packet, interfaces);
        if (holds === decisive) return decisive;
        if (holds === undefined) known = false;
      }
      return known ? !decisive : undefined;
    }
  }
}
