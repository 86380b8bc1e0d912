/** What `symbolic` asks of the host whose packets are spoken of. Everything answers with a condition; what is not known is an unknown. */

import type { Family } from "../net/index.ts";
import type { Condition } from "../pktset/index.ts";
import type { Hook } from "./contract.ts";
import type { AddressType, Backend } from "./evaluation.ts";

export interface SymbolicContext {
  readonly family: Family;
  readonly backend: Backend;
  /** Where the rule's chain begins; undefined for a user-defined chain, which may be reached from several hooks. */
  readonly hook: Hook | undefined;
  /** Packets of which the directed addresses, ports and interfaces are in the set, as it stands in the listing. */
  setHolds(
    name: string,
    directions: readonly ("src" | "dst")[],
    options: { readonly returnNomatch: boolean },
  ): Condition;
  /**
   * Packets whose address is of one of the types (IPv4), or of all of those that differ in kind (IPv6), as the host's
   * routes have it; `limit`: seen from the interface that the packet came in or leaves by.
   */
  addressHasType(
    field: "src" | "dst",
    types: readonly AddressType[],
    limit: "in" | "out" | undefined,
  ): Condition;
  /** Packets whose route back leaves by the device that they came in; `loose`: by any. */
  reversePath(options: { loose: boolean; validMark: boolean; acceptLocal: boolean }): Condition;
  /** Packets whose interface is in a group from `low` to `high`. */
  inDeviceGroup(field: "in" | "out", group: { readonly value: number; readonly mask: number }): Condition;
}
