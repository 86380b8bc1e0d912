/** What a host's listings say of all packets; whatever no listing says is unknown. */
import type { Interface, IpSet } from "../hoststate/index.ts";
import { type Family, prefixMask, withMask } from "../net/index.ts";
import { type Condition, either, is, masked, not, unknown } from "../pktset/index.ts";
import type { AddressType, Backend, SymbolicContext } from "../xt/index.ts";
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
        : either(...types.map((type) => typeCondition(field, type, listings.interfaces ?? [], family))),
    reversePath: () => unknown("rpfilter: which way replies would take"),
    inDeviceGroup: () => unknown("devgroup: the groups of interfaces are not listed"),
  };
}

/** A host of which only the rules are known. */
export const rulesOnly = (family: Family, backend: Backend): SymbolicContext => hostContext(family, backend);

function typeCondition(
  field: "src" | "dst",
  type: AddressType,
  interfaces: readonly Interface[],
  family: Family,
): Condition {
  const own = interfaces.flatMap(({ addresses }) => addresses.filter((each) => each.family === family));
  const local = either(
    family === "ipv4" ? masked(field, 0x7f000000, 0xff000000) : is(field, 1n),
    ...own.map(({ address }) => is(field, address)),
  );
  const multicast =
    family === "ipv4" ? masked(field, 0xe0000000, 0xf0000000) : masked(field, 0xffn << 120n, 0xffn << 120n);
  const broadcast =
    family === "ipv6"
      ? undefined
      : either(
          is(field, 0xffffffff),
          ...own.flatMap(({ address, prefixBits, broadcast: listed }) => {
            const mask = prefixMask(family, prefixBits);
            const network = withMask(address, mask);
            const all = typeof network === "number" ? (network | ~(mask as number)) >>> 0 : network;
            return prefixBits >= 31 ? [] : [is(field, listed ?? all), is(field, network)];
          }),
        );
  switch (type) {
    case "LOCAL":
      return local;
    case "MULTICAST":
      return multicast;
    case "BROADCAST":
      return broadcast ?? unknown("addrtype: IPv6 has no broadcast");
    case "UNICAST":
      return not(
        either(
          local,
          multicast,
          ...(broadcast === undefined ? [] : [broadcast]),
          is(field, family === "ipv4" ? 0 : 0n),
        ),
      );
    default:
      return unknown(`addrtype: which addresses are of type ${type}`);
  }
}
