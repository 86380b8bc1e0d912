/** What a host's listings say of all packets; whatever no listing says is unknown. */
import type { Interface, IpSet } from "../hoststate/index.ts";
import type { Family } from "../net/index.ts";
import { unknown } from "../pktset/index.ts";
import type { Backend, SymbolicContext } from "../xt/index.ts";
import { addressTypes } from "./address-types.ts";
import { ipsetCondition } from "./ipset-condition.ts";

/** The listings that matches ask for; absent ones are not known. */
export interface HostListings {
  readonly sets?: readonly IpSet[];
  readonly interfaces?: readonly Interface[];
}

export function hostContext(family: Family, backend: Backend, listings: HostListings = {}): SymbolicContext {
  const sets = new Map((listings.sets ?? []).map((set) => [set.name, set]));
  return {
    family,
    backend,
    hook: undefined,
    setHolds: (name, directions) =>
      listings.sets === undefined
        ? unknown(`set: what ${name} holds is not listed`)
        : ipsetCondition(name, directions, sets, family),
    addressHasType: (field, types, limit) =>
      listings.interfaces === undefined || limit !== undefined
        ? unknown("addrtype: the host's addresses and routes are not listed")
        : addressTypes(field, types, listings.interfaces, family),
    reversePath: () => unknown("rpfilter: which way replies would take"),
    inDeviceGroup: () => unknown("devgroup: the groups of interfaces are not listed"),
  };
}

/** A host of which only the rules are known. */
export const rulesOnly = (family: Family, backend: Backend): SymbolicContext => hostContext(family, backend);
