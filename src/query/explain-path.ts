/** The rules that decide one packet on its whole way, for the reasons behind an answer. */
import type { FieldValue, PacketValues } from "../pktset/index.ts";
import { explainPacket, type MetRule, type Outcome, type Path } from "../reach/index.ts";
import type { Hook, TableName } from "../xt/index.ts";

/** The rules that decided in each table, the packet being changed on its way as the outcome says. */
export function explainPath(path: Path, witness: PacketValues, outcome: Outcome): readonly MetRule[] {
  const packet = new Map(witness);
  const met: MetRule[] = [];
  const walk = (name: TableName, hook: Hook): void => {
    const table = path.tables.get(name);
    if (table?.chains.has(hook) === true)
      met.push(...explainPacket(table, hook, packet, path.space.interfaces));
  };
  for (const name of ["raw", "mangle", "nat"] as const) walk(name, "PREROUTING");
  for (const change of outcome.changes) {
    if (change.kind === "translate" && change.translation.manip === "dst") {
      const { addresses, ports } = change.translation;
      if (addresses?.kind === "range") packet.set("dst", addresses.low);
      if (ports !== undefined) packet.set("dport", ports.low);
    } else if (change.kind === "some" && change.field === "out" && change.ranges !== undefined)
      packet.set("out", change.ranges[0] as FieldValue);
    else if (change.kind === "bits")
      packet.set(change.field, ((Number(packet.get(change.field) ?? 0) & ~change.clear) ^ change.flip) >>> 0);
  }
  const hook = path.arrival(outcome)?.kind === "forwarded" ? "FORWARD" : "INPUT";
  for (const name of ["mangle", "filter", "security"] as const) walk(name, hook);
  return met.filter(({ rule }) => rule !== undefined && decides(rule.action));
}

const decides = (action: NonNullable<MetRule["rule"]>["action"]): boolean =>
  action.kind === "effect" && ["accept", "translate"].includes(action.effect.kind);
