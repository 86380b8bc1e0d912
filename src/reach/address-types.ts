/**
 * Which addresses are of a kind, as `-m addrtype` asks, told by the addresses of a host's interfaces: they make the routes
 * of table local. Kernel: net/ipv4/fib_frontend.c, fib_add_ifaddr() and inet_addr_type(); xt_addrtype.c, match_type6().
 */
import type { Interface, InterfaceAddress } from "../hoststate/index.ts";
import { type Family, prefixMask, withMask } from "../net/index.ts";
import { both, type Condition, either, everything, is, masked, not, unknown } from "../pktset/index.ts";
import type { AddressType } from "../xt/index.ts";

type Field = "src" | "dst";

export function addressTypes(
  field: Field,
  types: readonly AddressType[],
  interfaces: readonly Interface[],
  family: Family,
): Condition {
  const own = interfaces.flatMap(({ addresses }) => addresses.filter((each) => each.family === family));
  if (family === "ipv4") return either(...types.map((type) => ipv4Type(field, type, own)));
  // What the address itself tells must all hold, and one of what routes tell.
  const routed = types.filter((type) => !(type in IPV6_KINDS));
  const kinds = types
    .filter((type) => type in IPV6_KINDS)
    .map((type) => IPV6_KINDS[type]?.(field) ?? everything);
  return both(
    ...kinds,
    ...(routed.length === 0 ? [] : [either(...routed.map((type) => ipv6Route(field, type, own)))]),
  );
}

const open = (type: AddressType): Condition => unknown(`addrtype: which addresses are of type ${type}`);

function ipv4Type(field: Field, type: AddressType, own: readonly InterfaceAddress[]): Condition {
  const broadcast = either(
    is(field, 0),
    is(field, 0xffffffff),
    ...own.flatMap((each) => broadcasts(field, each)),
  );
  const multicast = masked(field, 0xe0000000, 0xf0000000);
  const local = either(
    masked(field, 0x7f000000, 0xff000000),
    ...own.map(({ address }) => is(field, address)),
  );
  switch (type) {
    case "BROADCAST":
      return broadcast;
    case "MULTICAST":
      return multicast;
    case "LOCAL":
      return both(local, not(broadcast));
    case "UNICAST":
      return not(either(broadcast, multicast, local));
    default:
      return open(type);
  }
}

/** The network's last address, and the one listed with `brd`; its first address is one like others since Linux 5.14. */
function broadcasts(
  field: Field,
  { address, peer, prefixBits, broadcast }: InterfaceAddress,
): readonly Condition[] {
  if (prefixBits >= 31) return broadcast === undefined ? [] : [is(field, broadcast)];
  const mask = prefixMask("ipv4", prefixBits) as number;
  const last = (((withMask(peer ?? address, mask) as number) | ~mask) >>> 0) as number;
  return [is(field, last), ...(broadcast === undefined || broadcast === last ? [] : [is(field, broadcast)])];
}

const ipv6Multicast = (field: Field): Condition => masked(field, 0xffn << 120n, 0xffn << 120n);

const IPV6_KINDS: Readonly<Partial<Record<AddressType, (field: Field) => Condition>>> = {
  UNSPEC: (field) => is(field, 0n),
  UNICAST: (field) => not(either(ipv6Multicast(field), is(field, 0n))),
  MULTICAST: ipv6Multicast,
};

function ipv6Route(field: Field, type: AddressType, own: readonly InterfaceAddress[]): Condition {
  return type === "LOCAL"
    ? either(is(field, 1n), ...own.map(({ address }) => is(field, address)))
    : open(type);
}
