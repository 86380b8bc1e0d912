/** What an extension demands of its rule's `-p` where plain `protocols` data cannot say it. */
import { protocolName } from "../net/index.ts";
import type { RulePlace } from "./contract.ts";
import { type Refusal, refuse } from "./refusal.ts";

/**
 * Refuses a rule whose `-p` does not name protocol `number`, or names it after a `!`.
 * Kernel: net/netfilter/x_tables.c, xt_check_match().
 */
export function requireProtocol({ protocol }: RulePlace, number: number): Refusal | undefined {
  if (protocol !== undefined && protocol.number === number && !protocol.invert) return undefined;
  const name = protocolName(number) ?? `${number}`;
  const hint =
    protocol === undefined
      ? `write -p ${name} before it`
      : `the rule has ${protocol.invert ? "! " : ""}-p ${protocolName(protocol.number) ?? protocol.number}: write -p ${name} in its place`;
  return refuse("xt/wrong-protocol", `needs -p ${name}`, hint);
}
