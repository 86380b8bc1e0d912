/** Which rules decide one packet, told by walking them: for the reasons behind an answer, not for the answer. */
import { conditionHolds, type InterfaceNames, type PacketValues } from "../pktset/index.ts";
import type { SymbolicChain, SymbolicRule, SymbolicTable } from "./symbolic-table.ts";

export interface MetRule {
  readonly table: SymbolicTable;
  readonly chain: SymbolicChain;
  /** undefined: the chain's policy. */
  readonly rule: SymbolicRule | undefined;
  /** Whether the rule matches is not known. */
  readonly perhaps: boolean;
}

/** The rules of a chain that match a packet, in order, up to the one that ends its way. Writes to the packet are not followed. */
export function explainPacket(
  table: SymbolicTable,
  name: string,
  packet: PacketValues,
  interfaces: InterfaceNames,
): readonly MetRule[] {
  const met: MetRule[] = [];
  /** @returns whether the packet comes out of the chain's end; of a built-in chain it never does. */
  const walk = (chain: SymbolicChain): boolean => {
    if (!comesOut(chain)) return false;
    if (chain.policy === undefined) return true;
    met.push({ table, chain, rule: undefined, perhaps: false });
    return false;
  };
  const comesOut = (chain: SymbolicChain): boolean => {
    for (const rule of chain.rules) {
      const holds = conditionHolds(rule.condition, packet, interfaces);
      if (holds === false) continue;
      const perhaps = holds === undefined;
      const { action } = rule;
      met.push({ table, chain, rule, perhaps });
      if (action.kind !== "effect") {
        const called = table.chains.get(action.chain) as SymbolicChain;
        const back = walk(called);
        if (!perhaps && !back) return false;
        if (!perhaps && action.kind === "goto") return true;
        continue;
      }
      if (perhaps) continue;
      switch (action.effect.kind) {
        case "continue":
        case "write":
          break;
        case "return":
          return true;
        case "unknown":
          break;
        default:
          return false;
      }
    }
    return true;
  };
  walk(table.chains.get(name) as SymbolicChain);
  return met;
}
