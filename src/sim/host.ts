/**
 * The simulated host: its network, settings, rules, connections and clock. Packets go in through `receive` and `send`;
 * what leaves and what is delivered comes out as events.
 */
import type { RoutingRule } from "../hoststate/index.ts";
import { type AddressWords, type Family, PROTOCOL, sameWords } from "../net/index.ts";
import type { Ruleset } from "../ruleset/index.ts";
import { type Backend, CT_INFO, CT_STATUS, type Hook, isReply, type TableName } from "../xt/index.ts";
import type { Choices } from "./choices.ts";
import type { Connection } from "./conntrack/connection.ts";
import { Conntrack } from "./conntrack/conntrack.ts";
import { adjustSequence } from "./conntrack/sequence.ts";
import { readConntrackSettings } from "./conntrack/settings.ts";
import { FragmentQueues } from "./fragments.ts";
import { runHelper } from "./helpers/index.ts";
import { Neighbours } from "./local/neighbour-cache.ts";
import { PeerBuckets } from "./local/rate-limits.ts";
import { MachineView } from "./machine-view.ts";
import { needsConntrack, needsDefragmentation } from "./needs.ts";
import type { Destination, Packet } from "./packet.ts";
import type { Device } from "./routing/network.ts";
import { LOOPBACK, Network } from "./routing/network.ts";
import type { IpSets } from "./sets/index.ts";
import type { Sysctls } from "./sysctls.ts";
import { type RunningChain, type RunningRule, RunningTables } from "./tables.ts";
import type { TableVerdict, Walk } from "./traverse.ts";

/** A packet that left by a device, from its IP header on. */
export interface Emitted {
  readonly device: string;
  readonly bytes: Uint8Array;
}

/** A packet that reached this host's sockets. */
export interface Delivered {
  readonly family: Family;
  readonly protocol: number;
  readonly bytes: Uint8Array;
  /** Where the transport header starts. */
  readonly transport: number;
}

/** Something that happened on a packet's way; for traces. */
export type HostEvent =
  | { readonly kind: "hook"; readonly hook: Hook; readonly skb: Packet }
  | { readonly kind: "table"; readonly table: TableName; readonly chain: RunningChain; readonly skb: Packet }
  | { readonly kind: "conntrack"; readonly skb: Packet }
  | { readonly kind: "verdict"; readonly verdict: "drop"; readonly part: string; readonly skb: Packet }
  | {
      readonly kind: "route";
      readonly skb: Packet;
      readonly destination: Destination;
      /** The routing rule that chose the table; undefined if it was one of the built-in three. */
      readonly rule: RoutingRule | undefined;
    }
  | { readonly kind: "policy"; readonly chain: RunningChain; readonly skb: Packet }
  | { readonly kind: "discard"; readonly reason: string; readonly skb: Packet | undefined }
  | { readonly kind: "emit"; readonly device: string; readonly bytes: Uint8Array; readonly skb: Packet }
  | { readonly kind: "deliver"; readonly skb: Packet }
  | { readonly kind: "answer"; readonly what: string }
  | { readonly kind: "log"; readonly prefix: string; readonly what: string; readonly skb: Packet }
  | {
      readonly kind: "rule";
      readonly rule: RunningRule;
      readonly failed: string | undefined;
      readonly skb: Packet;
    };

export interface Socket {
  readonly protocol: "tcp" | "udp";
  readonly port: number;
  readonly family: Family;
  /** undefined: any address of this host. */
  readonly address: AddressWords | undefined;
}

export interface HostOptions {
  readonly backend: Backend;
  readonly devices: readonly Device[];
  readonly sysctls: Sysctls;
  /** undefined: nobody said who listens. */
  readonly sockets: readonly Socket[] | undefined;
  readonly sets: IpSets;
  readonly rulesets: Readonly<Partial<Record<Family, Ruleset>>>;
  readonly choices: Choices;
  /** Milliseconds since 1970 at virtual time 0; undefined if the case does not say. */
  readonly wallClockStart: number | undefined;
  /** How long the host has been up at virtual time 0; if left out, a month. */
  readonly uptimeSec?: number | undefined;
}

const USUAL_UPTIME_SEC = 30 * 86_400;

export class Host {
  readonly backend: Backend;
  readonly network: Network;
  readonly sysctls: Sysctls;
  /** undefined: nobody said who listens. */
  readonly sockets: readonly Socket[] | undefined;
  readonly sets: IpSets;
  readonly choices: Choices;
  readonly conntrack: Conntrack;
  readonly fragments = new FragmentQueues();
  readonly peers = new PeerBuckets();
  readonly neighbours = new Neighbours();
  wallClockStart: number | undefined;
  readonly tables: Partial<Record<Family, RunningTables>> = {};
  /** Conntrack, for the families in which some rule needs it. */
  readonly tracking: Partial<Record<Family, Conntrack>> = {};
  readonly defragments: Record<Family, boolean> = { ipv4: false, ipv6: false };
  readonly views: Readonly<Record<Family, MachineView>>;
  /** What extensions share by name: recent lists, rate tables. */
  readonly shared = new Map<string, unknown>();
  emitted: Emitted[] = [];
  delivered: Delivered[] = [];
  /** Why packets ended without a rule's doing. */
  discarded: string[] = [];
  /** Rules and chains whose counters moved since the last `takeCounts`. */
  readonly #counted = new Set<RunningRule | RunningChain>();
  /** Packets on the loopback device that wait for their turn. */
  readonly loopbackQueue: Packet[] = [];
  /** An ICMP message of this host is on its way out. */
  readonly sendingIcmp: Record<Family, boolean> = { ipv4: false, ipv6: false };
  observer: ((event: HostEvent) => void) | undefined;
  readonly walk: Walk;
  /** Virtual time in ms. */
  now = 0;

  constructor(options: HostOptions) {
    this.backend = options.backend;
    this.sysctls = options.sysctls;
    this.network = new Network([LOOPBACK, ...options.devices], (device) => this.sysctls.routesIpv6(device));
    this.sockets = options.sockets;
    this.sets = options.sets;
    this.sets.start(() => this.now);
    this.choices = options.choices;
    this.wallClockStart = options.wallClockStart;
    const settings = readConntrackSettings((key) => options.sysctls.get(key));
    this.conntrack = new Conntrack(settings, () => this.now, options.uptimeSec ?? USUAL_UPTIME_SEC);
    this.views = { ipv4: new MachineView(this, "ipv4"), ipv6: new MachineView(this, "ipv6") };
    this.walk = {
      counted: (rule) => this.#counted.add(rule),
      policyCounted: (chain) => this.#counted.add(chain),
      decide: (rule, what) => this.choices.decide(`${rule.table} ${rule.chain} ${rule.index}: ${what}`),
      looked: undefined,
    };
    for (const family of ["ipv4", "ipv6"] as const) {
      const ruleset = options.rulesets[family];
      if (ruleset !== undefined) this.load(ruleset);
    }
  }

  /** Loads a ruleset in place of what the family had. */
  load(ruleset: Ruleset): void {
    const { family } = ruleset;
    if (needsConntrack(ruleset)) {
      this.tracking[family] = this.conntrack;
      this.defragments[family] = true;
    }
    if (needsDefragmentation(ruleset)) this.defragments[family] = true;
    this.tables[family] = new RunningTables(ruleset, this.views[family]);
  }

  /** How far the counters of rules and policies have moved since the last call. */
  takeCounts(): { counter: RunningRule | RunningChain; packets: number; bytes: number }[] {
    const counts = [...this.#counted].map((counter) => {
      const packets = counter.packets - counter.reportedPackets;
      const bytes = counter.bytes - counter.reportedBytes;
      counter.reportedPackets = counter.packets;
      counter.reportedBytes = counter.bytes;
      return { counter, packets, bytes };
    });
    this.#counted.clear();
    return counts;
  }

  /** The socket that takes what is for the port of the address. Kernel: __inet_lookup_listener(), udp4_lib_lookup2(). */
  socketFor(
    family: Family,
    protocol: Socket["protocol"],
    port: number,
    address: AddressWords,
  ): Socket | undefined {
    return this.sockets?.find(
      (socket) =>
        socket.protocol === protocol &&
        socket.port === port &&
        socket.family === family &&
        (socket.address === undefined || sameWords(socket.address, address)),
    );
  }

  /** Lets time pass. */
  advance(ms: number): void {
    this.now += ms;
  }

  report(event: HostEvent): void {
    this.observer?.(event);
  }

  /** Tells of the walk through tables in place of keeping counts for `takeCounts`. */
  watchWalk(walk: Pick<Walk, "counted" | "policyCounted" | "decide">): void {
    Object.assign(this.walk, walk);
  }

  /** Reports every rule that is looked at, which costs; for traces. */
  watchRules(): void {
    Object.assign(this.walk, {
      looked: (rule: RunningRule, failed: string | undefined, skb: Packet) =>
        this.report({ kind: "rule", rule, failed, skb }),
      policyCounted: (chain: RunningChain, skb: Packet) => {
        this.#counted.add(chain);
        this.report({ kind: "policy", chain, skb });
      },
    });
  }

  /** `skb` is undefined for what never became a packet. */
  discard(reason: string, skb?: Packet): void {
    this.discarded.push(reason);
    this.report({ kind: "discard", reason, skb });
  }

  emit(device: string, bytes: Uint8Array, skb: Packet): void {
    this.emitted.push({ device, bytes });
    this.observer?.({ kind: "emit", device, bytes, skb });
  }

  /** What is done to a packet before its connection is confirmed. Kernel: nf_confirm(). */
  help(skb: Packet): TableVerdict {
    const connection = skb.ct as Connection | undefined;
    if (connection === undefined || skb.ctInfo === CT_INFO.RELATED_REPLY) return "accept";
    // What the helper changes now counts for later packets.
    const shifted = (connection.status & CT_STATUS.SEQ_ADJUST) !== 0 && skb.inDevice !== "lo";
    if (connection.helperState !== undefined) {
      const verdict = runHelper(this, skb, connection);
      if (verdict !== "accept") return verdict;
    }
    if (!shifted || skb.protocol !== PROTOCOL.tcp) return "accept";
    return adjustSequence(connection, isReply(skb.ctInfo), skb.bytes, skb.transport) ? "accept" : "drop";
  }
}
