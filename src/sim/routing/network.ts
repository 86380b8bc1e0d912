/**
 * The host's devices and addresses, and the routes that follow from them.
 * Kernel: net/ipv4/fib_frontend.c, fib_add_ifaddr(); net/ipv6/addrconf.c.
 */
import type { Route } from "../../hoststate/index.ts";
import {
  type Address,
  type AddressWords,
  type Family,
  familyOf,
  sameWords,
  toWords,
} from "../../net/index.ts";
import {
  Fib,
  type FibNexthop,
  type FibRoute,
  type Flow,
  firstNexthop,
  flowTo,
  inPrefix,
  isLinkLocal,
  type RouteAnswer,
  type RouteScope,
} from "./fib.ts";
import { ipv4Source, ipv6Source } from "./source-address.ts";

export interface DeviceAddress {
  readonly family: Family;
  readonly address: Address;
  readonly words: AddressWords;
  readonly prefixBits: number;
  readonly secondary: boolean;
}

export interface Device {
  readonly name: string;
  readonly index: number;
  readonly mtu: number;
  /** Six bytes; empty for a device without link addresses. */
  readonly mac: Uint8Array;
  readonly group: number;
  readonly up: boolean;
  /** Link addresses are asked for, by ARP or neighbour discovery; not on links that are NOARP. */
  readonly arp: boolean;
  readonly addresses: readonly DeviceAddress[];
}

const USUAL_MTU = 1500;
const LOOPBACK_MTU = 65_536;

export const LOOPBACK: Device = {
  name: "lo",
  index: 1,
  mtu: LOOPBACK_MTU,
  mac: new Uint8Array(6),
  group: 0,
  up: true,
  arp: false,
  addresses: [
    { family: "ipv4", address: 0x7f000001, words: toWords(0x7f000001), prefixBits: 8, secondary: false },
    { family: "ipv6", address: 1n, words: toWords(1n), prefixBits: 128, secondary: false },
  ],
};

export class Network {
  readonly devices = new Map<string, Device>();
  readonly fibs: Readonly<Record<Family, Fib>> = { ipv4: new Fib("ipv4"), ipv6: new Fib("ipv6") };

  readonly #routes6: (device: string) => boolean;

  /**
   * `routes6`: this host is an IPv6 router on the device, and so answers to the anycast address of each network that it is
   * in there. RFC 4291 section 2.6.1.
   */
  constructor(devices: readonly Device[], routes6: (device: string) => boolean) {
    this.#routes6 = routes6;
    for (const device of devices) this.devices.set(device.name, device);
    for (const device of devices)
      for (const address of device.addresses) this.#addAddressRoutes(device, address);
  }

  device(name: string): Device | undefined {
    return this.devices.get(name);
  }

  /** In bytes, from the IP header on. */
  mtuOf(name: string): number {
    return this.devices.get(name)?.mtu ?? USUAL_MTU;
  }

  /** The device that has this address, if one has. */
  ownerOf(family: Family, words: AddressWords): Device | undefined {
    for (const device of this.devices.values()) {
      for (const each of device.addresses)
        if (each.family === family && sameWords(each.words, words)) return device;
    }
    return undefined;
  }

  /**
   * Whether the host hears an IPv6 multicast group on a device: all nodes, all routers if it is one, and the groups in which
   * its addresses are asked for, if the link resolves addresses. Kernel: ipv6_add_dev(), addrconf_join_solict().
   */
  hearsGroup(name: string, { w0, w1, w2, w3 }: AddressWords): boolean {
    if (w0 !== LINK_GROUPS || w1 !== 0) return false;
    if (w2 === 0) return w3 === 1 || (w3 === 2 && this.#routes6(name));
    const device = this.devices.get(name);
    if (w2 !== 1 || w3 >>> 24 !== 0xff || device?.arp !== true) return false;
    const own = device.addresses.filter(({ family }) => family === "ipv6");
    const ends = own.flatMap(({ words, prefixBits }) => [
      words.w3,
      ...(this.#hasAnycast(name, prefixBits) ? [masked(words, "ipv6", prefixBits).w3] : []),
    ]);
    return ends.some((end) => ((end ^ w3) & 0xffffff) === 0);
  }

  /** Kernel: addrconf_join_anycast(). RFC 6164 keeps /127 out. */
  #hasAnycast(device: string, prefixBits: number): boolean {
    return prefixBits < 127 && this.#routes6(device);
  }

  /** The address that packets out of `device` for `towards` (IPv4: for its gateway, if it has one) are sent from. */
  sourceAddress(family: Family, device: string, towards: AddressWords): AddressWords | undefined {
    return (family === "ipv4" ? ipv4Source : ipv6Source)(this.devices, device, towards);
  }

  /**
   * Adds a route as `ip route add` would, with a next hop's device found from its gateway.
   * @returns what is wrong, in the words of ip(8), or undefined.
   */
  addRoute(route: Route): string | undefined {
    const { family } = route;
    const fib = this.fibs[family];
    const nexthops: FibNexthop[] = [];
    for (const { via, dev, weight, realms } of route.nexthops) {
      const gateway = via === undefined ? undefined : toWords(via);
      const device = dev ?? (gateway === undefined ? undefined : this.#deviceTowards(family, gateway));
      if (device === undefined) return "Error: Nexthop has invalid gateway.";
      const known = this.devices.get(device);
      if (known === undefined) return `Cannot find device "${device}"`;
      nexthops.push({
        device,
        gateway,
        weight: weight ?? 1,
        group: known.group,
        // Debian names one realm, of 0; other names are of the host's files.
        realm: Number(realms?.to ?? 0) || 0,
        alive: known.up,
      });
    }
    const mtu = route.metrics.find((metric) => metric.name === "mtu");
    const hopLimit = route.metrics.find((metric) => metric.name === "hoplimit");
    const added: FibRoute = {
      destination: toWords(route.destination.address),
      prefixBits: route.destination.prefixBits,
      type: route.type,
      table: route.table ?? (LOCAL_TYPES.has(route.type) ? "local" : "main"),
      tos: route.tos ?? 0,
      metric: route.metric ?? (family === "ipv6" ? 1024 : 0),
      scope: scopeOf(route),
      preferredSource: route.preferredSource === undefined ? undefined : toWords(route.preferredSource),
      nexthops,
      mtu: mtu === undefined ? undefined : Number(mtu.value),
      hopLimit: hopLimit === undefined ? undefined : Number(hopLimit.value),
      span: route.span,
    };
    if (fib.hasLike(added)) return "RTNETLINK answers: File exists";
    fib.addRoute(added);
    return undefined;
  }

  /**
   * Why the kernel would not take the gateways of a route, in the words of ip(8); undefined if it would.
   * Kernel: fib_check_nh_v4_gw(), ip6_validate_gw().
   */
  gatewayRefusal({ family, table, nexthops }: Route): string | undefined {
    for (const { via, dev, flags } of nexthops) {
      if (dev !== undefined && this.device(dev) === undefined) return `Cannot find device "${dev}"`;
      if (via === undefined || flags.includes("onlink") || familyOf(via) !== family) continue;
      const gateway = toWords(via);
      const refusal =
        family === "ipv4"
          ? this.#ipv4GatewayRefusal(gateway, dev, table)
          : this.#ipv6GatewayRefusal(gateway, dev, table);
      if (refusal !== undefined) return refusal;
    }
    return undefined;
  }

  #ipv4GatewayRefusal(gateway: AddressWords, dev = "", table = "main"): string | undefined {
    const flow: Flow = { ...flowTo(gateway), outDevice: dev, onLink: true };
    const { ipv4 } = this.fibs;
    const answer =
      (table === "main" ? undefined : ipv4.lookupTable(table, flow)) ?? ipv4.lookup(flow, firstNexthop);
    const reached =
      answer.kind === "route" && (answer.route.type === "unicast" || answer.route.type === "local");
    return reached ? undefined : "Error: Nexthop has invalid gateway.";
  }

  #ipv6GatewayRefusal(gateway: AddressWords, dev = "", table = "main"): string | undefined {
    if (isLinkLocal(gateway)) return dev === "" ? "Error: Egress device not specified." : undefined;
    if (this.ownerOf("ipv6", gateway) !== undefined) return "Error: Gateway can not be a local address.";
    const flow: Flow = { ...flowTo(gateway), outDevice: dev };
    const { ipv6 } = this.fibs;
    const reached = (answer: RouteAnswer | undefined): boolean =>
      answer?.kind === "route" && answer.nexthop?.gateway === undefined;
    if (reached(ipv6.lookupTable(table, flow)) || reached(ipv6.lookup(flow, firstNexthop))) return undefined;
    return "RTNETLINK answers: No route to host";
  }

  #deviceTowards(family: Family, gateway: AddressWords): string | undefined {
    const flow = { ...flowTo(gateway), onLink: family === "ipv4" };
    const answer = this.fibs[family].lookup(flow, firstNexthop);
    return answer.kind === "route" ? answer.nexthop?.device : undefined;
  }

  #addOwnRoute(
    device: Device,
    family: Family,
    destination: AddressWords,
    prefixBits: number,
    rest: Partial<FibRoute>,
  ): void {
    this.fibs[family].addRoute({
      destination,
      prefixBits,
      type: "local",
      table: "local",
      tos: 0,
      metric: 0,
      scope: "host",
      preferredSource: undefined,
      nexthops: [
        {
          device: device.name,
          gateway: undefined,
          weight: 1,
          group: device.group,
          realm: 0,
          alive: device.up,
        },
      ],
      mtu: undefined,
      hopLimit: undefined,
      span: undefined,
      ...rest,
    });
  }

  #addAddressRoutes(device: Device, { family, words, prefixBits, secondary }: DeviceAddress): void {
    const bits = family === "ipv4" ? 32 : 128;
    const add = (destination: AddressWords, length: number, rest: Partial<FibRoute>): void =>
      this.#addOwnRoute(device, family, destination, length, { preferredSource: words, ...rest });
    // The local route of a secondary address prefers the primary one of its network as source.
    const primary = device.addresses.find(
      (each) =>
        each.family === family &&
        each.prefixBits === prefixBits &&
        !each.secondary &&
        inPrefix(family, words, each.words, prefixBits),
    );
    add(words, bits, secondary && primary !== undefined ? { preferredSource: primary.words } : {});
    if (family === "ipv6") {
      if (device.name !== "lo" && this.#hasAnycast(device.name, prefixBits))
        add(masked(words, family, prefixBits), bits, { type: "anycast", preferredSource: undefined });
      if (device.name !== "lo")
        add(MULTICAST, 8, { type: "multicast", scope: "global", metric: 256, preferredSource: undefined });
      if (device.name !== "lo")
        add(masked(words, family, prefixBits), prefixBits, {
          type: "unicast",
          table: "main",
          scope: "link",
          metric: 256,
          preferredSource: undefined,
        });
      return;
    }
    const network = masked(words, family, prefixBits);
    if (secondary || (prefixBits === 32 && network.w3 === words.w3)) return;
    const loopback = device.name === "lo";
    add(network, prefixBits, loopback ? {} : { type: "unicast", table: "main", scope: "link" });
    if (prefixBits < 31) {
      const last = { ...network, w3: network.w3 | ~(prefixBits === 0 ? 0 : -1 << (32 - prefixBits)) };
      add(last, 32, { type: "broadcast", scope: "link" });
    }
  }
}

/** ff00::/8 */
const MULTICAST: AddressWords = { w0: 0xff000000 | 0, w1: 0, w2: 0, w3: 0 };
/** First word of ff02::/32. */
const LINK_GROUPS = 0xff020000 | 0;

const LOCAL_TYPES: ReadonlySet<string> = new Set(["local", "broadcast", "nat", "anycast"]);

/** What `ip route add` assumes: next hops behind a gateway are global, direct ones link, local ones host. */
function scopeOf({ type, scope, nexthops }: Route): RouteScope {
  if (scope === "global" || scope === "link" || scope === "host") return scope;
  if (type === "local" || type === "nat") return "host";
  if (type === "broadcast" || type === "multicast" || type === "anycast") return "link";
  return type === "unicast" && nexthops.every((hop) => hop.via === undefined) ? "link" : "global";
}

function masked({ w0, w1, w2, w3 }: AddressWords, family: Family, prefixBits: number): AddressWords {
  const start = family === "ipv4" ? 96 : 0;
  const mask = (part: number): number => {
    const bits = Math.max(0, Math.min(32, prefixBits + start - 32 * part));
    return bits === 0 ? 0 : -1 << (32 - bits);
  };
  return { w0: w0 & mask(0), w1: w1 & mask(1), w2: w2 & mask(2), w3: w3 & mask(3) };
}
