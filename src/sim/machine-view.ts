/** The host as extensions see it: one view for each family. */
import {
  type Address,
  type AddressWords,
  checksum,
  type Family,
  NO_ADDRESS,
  sameWords,
  toWords,
} from "../net/index.ts";
import {
  type AddressType,
  type ConntrackTemplate,
  CT_INFO,
  type Machine,
  type NatRequest,
  type SetView,
  type Skb,
  type TargetOutcome,
  type TupleView,
} from "../xt/index.ts";
import { checksumHoldsOver } from "./checksums.ts";
import type { Connection } from "./conntrack/connection.ts";
import { TCP_STATE } from "./conntrack/tcp.ts";
import { readTuple, type Tuple, transportOf } from "./conntrack/tuple.ts";
import type { Host } from "./host.ts";
import { sendIcmpError } from "./local/icmp.ts";
import { sendRejectReset } from "./local/tcp.ts";
import { bindNat } from "./nat/nat.ts";
import { type Destination, Packet } from "./packet.ts";
import { localOut } from "./path.ts";
import { type Flow, firstNexthop, flowTo, isLinkLocal } from "./routing/fib.ts";
import { flowOf } from "./routing/input-route.ts";
import { routeOutput } from "./routing/output-route.ts";
import { newestFirst } from "./routing/source-address.ts";

/** ICMP type and code of each `--reject-with`. */
const REJECT_ERRORS: Readonly<Record<string, readonly [number, number]>> = {
  "icmp-net-unreachable": [3, 0],
  "icmp-host-unreachable": [3, 1],
  "icmp-proto-unreachable": [3, 2],
  "icmp-port-unreachable": [3, 3],
  "icmp-net-prohibited": [3, 9],
  "icmp-host-prohibited": [3, 10],
  "icmp-admin-prohibited": [3, 13],
  "icmp6-no-route": [1, 0],
  "icmp6-adm-prohibited": [1, 1],
  "icmp6-addr-unreachable": [1, 3],
  "icmp6-port-unreachable": [1, 4],
  "icmp6-policy-fail": [1, 5],
  "icmp6-reject-route": [1, 6],
};

const ROUTE_TYPES: Readonly<Record<string, AddressType>> = {
  unicast: "UNICAST",
  local: "LOCAL",
  broadcast: "BROADCAST",
  anycast: "ANYCAST",
  multicast: "MULTICAST",
  blackhole: "BLACKHOLE",
  unreachable: "UNREACHABLE",
  prohibit: "PROHIBIT",
  throw: "THROW",
};

/** Protocols whose checksum REJECT does not look at. Kernel: nf_reject_verify_csum(). */
const UNCHECKED: ReadonlySet<number> = new Set([47, 50, 51, 108, 132, 136]);

/** Nothing is sent for a damaged packet, nor for a later fragment. Kernel: nf_send_unreach(), nf_reject_ip_tcphdr_get(). */
function mayBeAnswered(skb: Packet): boolean {
  const { family, bytes, transport, protocol } = skb;
  if (skb.fragmentOffset !== 0 || transport < 0) return false;
  // Kernel: reject6_csum_ok().
  if (family === "ipv6" && transport >= bytes.length) return false;
  if (UNCHECKED.has(protocol) || skb.partialChecksum || skb.checksumVerified) return true;
  if (protocol === 17 && skb.hasTransport(8) && bytes[transport + 6] === 0 && bytes[transport + 7] === 0)
    return true;
  if (family === "ipv6") return checksumHoldsOver(family, bytes, transport, protocol);
  // The IPv4 header is summed up with the rest; an option that this host has filled in leaves it wrong. Kernel: nf_ip_checksum().
  if (protocol !== 6 && protocol !== 17) return checksum(bytes, 0, bytes.length) === 0;
  return checksum(bytes, 0, transport) === 0 && checksumHoldsOver(family, bytes, transport, protocol);
}

/** Whether a way back may be looked up from the address. Kernel: rpfilter_get_saddr(). */
const mayBeSource = (family: Family, { w3 }: AddressWords): boolean =>
  family === "ipv6" || (w3 >>> 28 !== 14 && w3 !== -1 && w3 !== 0);

/** IPv6 types that a route lookup decides. */
const LOOKED_UP_TYPES: ReadonlySet<AddressType> = new Set(["LOCAL", "ANYCAST", "UNREACHABLE", "PROHIBIT"]);

export class MachineView implements Machine {
  readonly family: Family;
  readonly backend: "legacy" | "nft";
  /** Timeout policies of which it has been said that no listing has their values. */
  readonly #unknownPolicies = new Set<string>();
  readonly #host: Host;

  constructor(host: Host, family: Family) {
    this.#host = host;
    this.family = family;
    this.backend = host.backend;
  }

  now(): number {
    return this.#host.now;
  }

  wallClock(): number | undefined {
    const { wallClockStart, now } = this.#host;
    return wallClockStart === undefined ? undefined : wallClockStart + now;
  }

  shared<T>(key: string, make: () => T): T {
    const { shared } = this.#host;
    const found = shared.get(key);
    if (found !== undefined) return found as T;
    const made = make();
    shared.set(key, made);
    return made;
  }

  random(below: number, what: string): number {
    return this.#host.choices.random(below, what);
  }

  set(name: string): SetView | undefined {
    return this.#host.sets.running(name, () => this.#host.now);
  }

  addressHasType(address: AddressWords, types: readonly AddressType[], device: string | undefined): boolean {
    return this.family === "ipv4"
      ? types.includes(this.#ipv4Type(address, device))
      : this.#ipv6HasTypes(address, types, device);
  }

  /** Kernel: inet_dev_addr_type(). */
  #ipv4Type(address: AddressWords, device: string | undefined): AddressType {
    if (address.w3 === -1 || address.w3 === 0) return "BROADCAST";
    if (address.w3 >>> 28 === 14) return "MULTICAST";
    const found = this.#host.network.fibs.ipv4.lookupTable("local", flowTo(address));
    if (found === undefined) return "UNICAST";
    if (device !== undefined && found.nexthop !== undefined && found.nexthop.device !== device)
      return "UNICAST";
    return ROUTE_TYPES[found.route.type] ?? "UNICAST";
  }

  /** Kernel: net/netfilter/xt_addrtype.c, match_type6() and match_lookup_rt6(). */
  #ipv6HasTypes(address: AddressWords, types: readonly AddressType[], device: string | undefined): boolean {
    const multicast = address.w0 >>> 24 === 0xff;
    const unspecified = sameWords(address, NO_ADDRESS);
    if (types.includes("MULTICAST") && !multicast) return false;
    if (types.includes("UNICAST") && (multicast || unspecified)) return false;
    if (types.includes("UNSPEC") && !unspecified) return false;
    if (!types.some((type) => LOOKED_UP_TYPES.has(type))) return true;
    const owner = this.#host.network.ownerOf("ipv6", address);
    const local = owner !== undefined && (device === undefined || owner.name === device);
    if (types.includes("LOCAL") && local) return true;
    const flow = { ...flowTo(address), outDevice: device ?? "" };
    const answer = this.#host.network.fibs.ipv6.lookup(flow, firstNexthop);
    return types.includes("UNREACHABLE") && answer.kind === "error";
  }

  reversePath(
    skb: Skb,
    { loose, validMark, acceptLocal }: { loose: boolean; validMark: boolean; acceptLocal: boolean },
  ): boolean {
    const there = flowOf(skb, skb.inDevice, "", undefined);
    if (this.#hasNoWayBack(there)) return true;
    const flow = {
      ...flowTo(there.source, mayBeSource(this.family, there.destination) ? there.destination : NO_ADDRESS),
      tos: there.tos,
      mark: validMark ? skb.mark : 0,
      outDevice: this.family === "ipv6" && isLinkLocal(there.source) ? skb.inDevice : "",
    };
    const answer = this.#host.network.fibs[this.family].lookup(flow, firstNexthop);
    if (answer.kind === "error") return false;
    const { type, nexthops } = answer.route;
    if (type !== "unicast" && !(type === "local" && acceptLocal)) return false;
    return loose || nexthops.some(({ device }) => device === skb.inDevice);
  }

  /**
   * A packet from nowhere is left to the rest of the stack: in IPv4 only one to everybody or to a group of the link.
   * Kernel: rpfilter_mt().
   */
  #hasNoWayBack({ source, destination }: Flow): boolean {
    if (!sameWords(source, NO_ADDRESS)) return false;
    return this.family === "ipv6" || destination.w3 === -1 || destination.w3 >>> 8 === 0xe00000;
  }

  deviceGroup(device: string): number {
    return this.#host.network.device(device)?.group ?? 0;
  }

  deviceIndex(device: string): number {
    return this.#host.network.device(device)?.index ?? 0;
  }

  connectionState(tuple: TupleView, zone: number): "none" | "open" | "closed" {
    const { table } = this.#host.conntrack;
    const asked = tuple as Tuple;
    // Most tuples that are asked for are the connection's own: it need not be looked for.
    const connection = table.holds(asked.connection) ? asked.connection : table.find(asked, zone)?.connection;
    if (connection === undefined) return "none";
    const state = connection.tcp?.state;
    return state === TCP_STATE.TIME_WAIT || state === TCP_STATE.CLOSE ? "closed" : "open";
  }

  tupleOf({ family, bytes }: Skb): TupleView | undefined {
    const found = transportOf(family, bytes, 0);
    return found === undefined ? undefined : readTuple(family, bytes, 0, found.offset, found.protocol);
  }

  enableAccounting(): void {
    this.#host.conntrack.accounting = true;
  }

  hasSocket(skb: Skb): boolean | undefined {
    if (!skb.hasTransport(4) || (skb.protocol !== 6 && skb.protocol !== 17)) return false;
    if (this.#host.sockets === undefined) return undefined;
    const protocol = skb.protocol === 6 ? "tcp" : "udp";
    const { destination, dport } = flowOf(skb, "", "", undefined);
    return this.#host.socketFor(this.family, protocol, dport, destination) !== undefined;
  }

  pathMtu(skb: Skb, direction: "forward" | "reverse"): number | undefined {
    if (direction === "forward") return (skb as Packet).destination?.mtu;
    const flow = flowTo(flowOf(skb, "", "", undefined).source);
    const route = routeOutput(this.#host, this.family, flow);
    return typeof route === "string" ? undefined : route.destination.mtu;
  }

  nat(skb: Skb, request: NatRequest): TargetOutcome {
    const connection = skb.ct as Connection | undefined;
    if (connection === undefined || skb.ctInfo === CT_INFO.UNTRACKED) return "accept";
    const { table } = this.#host.conntrack;
    bindNat(connection, request, {
      table,
      random: (below, what, base) => this.#host.choices.random(below, what, base),
    });
    return "accept";
  }

  deviceAddress(device: string): AddressWords | undefined {
    const known = this.#host.network.device(device);
    if (known === undefined) return undefined;
    if (this.family === "ipv6") return newestFirst(known)[0]?.words;
    return known.addresses.find(({ family, secondary }) => family === "ipv4" && !secondary)?.words;
  }

  masqueradeAddress(skb: Skb): AddressWords | undefined {
    const { destination } = skb as Packet;
    const { destination: end } = flowOf(skb, "", "", undefined);
    const towards = this.family === "ipv4" ? (destination?.gateway ?? end) : end;
    const address = this.#host.network.sourceAddress(this.family, skb.outDevice, towards);
    const connection = skb.ct as Connection | undefined;
    if (address !== undefined && connection !== undefined) connection.masqueradeDevice = skb.outDevice;
    return address;
  }

  setTemplate(skb: Skb, template: ConntrackTemplate): void {
    const policy = template.timeoutPolicy;
    if (policy !== undefined && !this.#unknownPolicies.has(policy)) {
      this.#unknownPolicies.add(policy);
      this.#host.choices.decide(`timeout policy ${policy}: how long its connections live`);
    }
    const packet = skb as Packet;
    if (skb.ct === undefined && skb.ctInfo === CT_INFO.ESTABLISHED) packet.template ??= template;
  }

  untrack(skb: Skb): void {
    // Who came first wins: a template that is set is not taken back.
    if (skb.ct !== undefined || (skb as Packet).template !== undefined) return;
    if (skb.ctInfo === CT_INFO.ESTABLISHED) skb.ctInfo = CT_INFO.UNTRACKED;
  }

  reject(skb: Skb, kind: string): void {
    const packet = skb as Packet;
    if (!mayBeAnswered(packet)) return;
    if (kind === "tcp-reset") {
      sendRejectReset(this.#host, packet);
      return;
    }
    const error = REJECT_ERRORS[kind];
    if (error !== undefined) sendIcmpError(this.#host, packet, { type: error[0], code: error[1], info: 0 });
  }

  tee(skb: Skb, gateway: Address, device: string | undefined): void {
    const original = skb as Packet;
    if (original.duplicate) return;
    const ipv4 = this.family === "ipv4";
    const bytes = skb.bytes.slice();
    // A copy may not be cut, so that its sender is told, and one made early has a hop less. Kernel: nf_dup_ipv4(), nf_dup_ipv6().
    if (ipv4) bytes[6] = (bytes[6] as number) | 0x40;
    const early = skb.hook === "PREROUTING" || skb.hook === "INPUT";
    const ttlAt = ipv4 ? 8 : 7;
    if (early) bytes[ttlAt] = ((bytes[ttlAt] as number) - 1) & 255;
    const copy = new Packet(this.family, bytes, original.local);
    copy.duplicate = true;
    copy.mark = skb.mark;
    copy.ctInfo = CT_INFO.UNTRACKED;
    copy.largestFragment = original.largestFragment;
    copy.fragmentsHadDf = original.fragmentsHadDf;
    const words = toWords(gateway);
    const tos = ipv4 ? (bytes[1] as number) & 0xfc : 0;
    const flow = { ...flowTo(words), outDevice: device ?? "", tos };
    const route = routeOutput(this.#host, this.family, flow);
    const onLink = typeof route !== "string" || !ipv4 ? undefined : this.#onLink(device);
    const destination = typeof route === "string" ? onLink : route.destination;
    if (destination === undefined) return;
    copy.destination = { ...destination, gateway: words };
    localOut(this.#host, copy);
  }

  /** Where a device is asked for, its link is tried without a route. Kernel: ip_route_output_key_hash_rcu(). */
  #onLink(name: string | undefined): Destination | undefined {
    const device = name === undefined ? undefined : this.#host.network.device(name);
    if (device === undefined) return undefined;
    return {
      kind: "forward",
      device: device.name,
      gateway: undefined,
      mtu: device.mtu,
      route: undefined,
      realms: 0,
    };
  }

  transparentProxy(
    skb: Skb,
    to: { address: AddressWords | undefined; port: number; mark: number; mask: number },
  ): TargetOutcome {
    const protocol = skb.protocol === 6 ? "tcp" : "udp";
    if (!skb.hasTransport(8)) return "drop";
    const port = to.port === 0 ? flowOf(skb, "", "", undefined).dport : to.port;
    // Kernel: nf_tproxy_laddr4().
    const address =
      to.address ?? this.deviceAddress(skb.inDevice) ?? flowOf(skb, "", "", undefined).destination;
    const { sockets, choices } = this.#host;
    const taken =
      sockets === undefined
        ? choices.decide(`TPROXY: a program listens on ${protocol} port ${port}`)
        : this.#host.socketFor(this.family, protocol, port, address) !== undefined;
    if (!taken) return "drop";
    skb.mark = ((skb.mark & ~to.mask) ^ to.mark) >>> 0;
    return "accept";
  }

  log(
    skb: Skb,
    { kind, prefix }: { readonly kind: "LOG" | "NFLOG" | "AUDIT"; readonly prefix: string },
  ): void {
    this.#host.report({ kind: "log", prefix, what: kind, skb: skb as Packet });
  }
}
