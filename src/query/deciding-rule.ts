/** Which rule decides a witness, or may. */
import type { FieldName, FieldValue, PacketSpace, PacketValues } from "../pktset/index.ts";
import { explainPacket, type MetRule, type SymbolicTable } from "../reach/index.ts";

const KINDS = {
  accepted: ["accept", "unknown"],
  lost: ["drop", "reject", "stolen", "translate", "unknown"],
} as const satisfies Record<string, readonly string[]>;

/** The rule (or policy) of a built-in chain by which the packet is accepted or lost. Fields that it lacks do not matter. */
export function decidingRule(
  table: SymbolicTable,
  chain: string,
  space: PacketSpace,
  { packet, end }: { readonly packet: PacketValues; readonly end: keyof typeof KINDS },
): MetRule | undefined {
  const whole = new Map<FieldName, FieldValue>(packet);
  for (const { field } of space.order)
    if (!whole.has(field)) whole.set(field, typeof space.maxOf(field) === "bigint" ? 0n : 0);
  const kinds: readonly string[] = KINDS[end];
  return explainPacket(table, chain, whole, space.interfaces).find(({ rule, chain: { policy } }) => {
    if (rule === undefined) return (policy === "DROP") === (end === "lost");
    return rule.action.kind === "effect" && kinds.includes(rule.action.effect.kind);
  });
}
