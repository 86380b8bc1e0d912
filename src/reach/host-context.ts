/** What a host's listings say of all packets; whatever no listing says is unknown. */
import type { Family } from "../net/index.ts";
import { unknown } from "../pktset/index.ts";
import type { Backend, SymbolicContext } from "../xt/index.ts";

/** A host of which only the rules are known. */
export function rulesOnly(family: Family, backend: Backend): SymbolicContext {
  return {
    family,
    backend,
    setHolds: (name) => unknown(`set: what ${name} holds is not listed`),
    addressHasType: () => unknown("addrtype: the host's addresses and routes are not listed"),
    reversePath: () => unknown("rpfilter: the host's routes are not listed"),
    inDeviceGroup: () => unknown("devgroup: the groups of interfaces are not listed"),
  };
}
