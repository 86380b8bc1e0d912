/** A capture through one or two rulesets, packet by packet in its order and on its clock. */
import { type CapturedPacket, type Family, frameType } from "../net/index.ts";
import { arrivalOf, type Host, OWN, type Packet, type RunningChain, type RunningRule } from "../sim/index.ts";
import { Skb } from "../xt/index.ts";
import { type FlowEnds, FlowTable } from "./flows.ts";
import { type Decider, isEnd, Lane, type LaneOptions, VERDICTS, type VerdictName } from "./lane.ts";

/** What one ruleset made of the packets. */
export interface LaneResult {
  readonly verdicts: readonly {
    readonly verdict: VerdictName;
    readonly packets: number;
    readonly bytes: number;
  }[];
  /** Connections by whether all, none or some of their packets passed. */
  readonly connections: { readonly accepted: number; readonly refused: number; readonly mixed: number };
  /** Rules that matched, and policies that were reached, in table order. */
  readonly counters: readonly (RunningRule | RunningChain)[];
  readonly uncertain: number;
  readonly undecided: ReadonlyMap<string, number>;
  /** Why the kernel itself went no further. */
  readonly discards: ReadonlyMap<string, number>;
}

export interface Judgement {
  readonly verdict: VerdictName;
  readonly decider: Decider;
}

/** What became of one packet; one judgement for each ruleset. */
export interface ListedPacket {
  /** From 1. */
  readonly number: number;
  readonly timeMs: number;
  /** Its connection's, in the direction of that one's first packet. */
  readonly ends: FlowEnds | undefined;
  readonly judgements: readonly Judgement[];
}

/** What became of one connection; counts for each ruleset. */
export interface ListedConnection {
  readonly ends: FlowEnds;
  readonly packets: readonly { readonly accepted: number; readonly refused: number }[];
}

/** Packets that the two rulesets treat differently, for one pair of reasons. */
export interface Difference {
  readonly before: Judgement;
  readonly after: Judgement;
  packets: number;
  bytes: number;
  connections: number;
  /** Some of the connections, the first ones. */
  readonly examples: readonly FlowEnds[];
}

export interface ReplayResult {
  readonly packets: Readonly<Record<Family, number>>;
  readonly connections: number;
  /** Frames that a routing host had sent on already, and that were passed over. */
  readonly sentOn: number;
  /** Milliseconds since 1970 of the first and the last packet; undefined without packets. */
  readonly firstMs: number | undefined;
  readonly lastMs: number | undefined;
  readonly lanes: readonly LaneResult[];
  /** The first packets, as many as were asked for. */
  readonly listed: readonly ListedPacket[];
  /** With two rulesets: most packets first. */
  readonly differences: readonly Difference[];
  readonly differingPackets: number;
  readonly differingConnections: number;
}

const MAX_EXAMPLES = 5;

interface OpenDifference extends Difference {
  readonly flows: Readonly<Record<Family, Set<number>>>;
  readonly examples: FlowEnds[];
}

export class Replay {
  readonly lanes: readonly Lane[];
  readonly #first: Lane;
  readonly #second: Lane | undefined;
  readonly #flows: Readonly<Record<Family, FlowTable>> = {
    ipv4: new FlowTable("ipv4"),
    ipv6: new FlowTable("ipv6"),
  };
  readonly #packets = { ipv4: 0, ipv6: 0 };
  readonly #differences = new Map<Decider, Map<Decider, OpenDifference[]>>();
  readonly #scratch: Readonly<Record<Family, Skb>> = {
    ipv4: new Skb("ipv4", new Uint8Array(20)),
    ipv6: new Skb("ipv6", new Uint8Array(40)),
  };
  readonly #routed: boolean;
  readonly #listed: ListedPacket[] = [];
  readonly #listUpTo: number;
  #sentOn = 0;
  #differing = 0;
  #firstMs: number | undefined;
  #lastMs: number | undefined;

  /** @param listUpTo how many packets to list, from the first on */
  constructor(hosts: readonly [Host, ...Host[]], options: LaneOptions, listUpTo = 0) {
    this.#listUpTo = listUpTo;
    this.lanes = hosts.map((host) => new Lane(host, options));
    this.#routed = options.hook === undefined;
    this.#first = this.lanes[0] as Lane;
    this.#second = this.lanes[1];
  }

  /** Takes the next packet. Its bytes may be kept: they must not change. */
  take(captured: CapturedPacket): void {
    const family: Family = (captured.bytes[captured.start] as number) >>> 4 === 4 ? "ipv4" : "ipv6";
    if (this.#isSentOn(family, captured)) {
      this.#sentOn++;
      return;
    }
    this.#packets[family]++;
    this.#tell(captured.timeMs);
    const bytes = wholePacket(captured);
    if (!isWhole(family, bytes)) {
      for (const lane of this.lanes) lane.refuseBroken(bytes.length);
      this.#list(captured, family, undefined);
      return;
    }
    this.#list(captured, family, this.#judge(family, bytes, captured));
  }

  #list({ timeMs }: CapturedPacket, family: Family, flow: number | undefined): void {
    const number = this.#packets.ipv4 + this.#packets.ipv6;
    if (number > this.#listUpTo) return;
    const ends = flow === undefined ? undefined : this.#flows[family].ends(flow);
    this.#listed.push({ number, timeMs, ends, judgements: this.lanes.map(judgementOf) });
  }

  /** @returns the packet's flow; undefined for a fragment that waits, since only the first has ports. */
  #judge(family: Family, bytes: Uint8Array, captured: CapturedPacket): number | undefined {
    const first = this.#first;
    const skb = first.judge(family, bytes, captured);
    const second = this.#second;
    if (second !== undefined) second.judge(family, bytes, captured);
    const isFirstEnd = isEnd(first.verdict);
    const isSecondEnd = second !== undefined && isEnd(second.verdict);
    if (!isFirstEnd && !isSecondEnd) return undefined;
    const flow = this.#flowOf(family, skb, bytes);
    if (isFirstEnd) this.#note(family, flow, 0, first);
    if (second === undefined) return flow;
    if (isSecondEnd) this.#note(family, flow, 1, second);
    if (first.verdict !== second.verdict) this.#differ(first, second, family, flow, bytes.length);
    return flow;
  }

  #note(family: Family, flow: number, side: 0 | 1, { verdict }: Lane): void {
    this.#flows[family].note(flow, side, verdict === 0);
  }

  /** The flow as the capture has it, whatever rules made of the packet. */
  #flowOf(family: Family, skb: Packet, bytes: Uint8Array): number {
    const scratch = this.#scratch[family];
    const isChanged = skb.bytes !== bytes && skb.largestFragment === 0;
    if (isChanged) {
      scratch.bytes = bytes;
      scratch.locate();
    }
    return this.#flows[family].find(isChanged ? scratch : skb);
  }

  /** What a capture of all interfaces has of a forwarded packet a second time. */
  #isSentOn(family: Family, { linkType, bytes, frameStart, start }: CapturedPacket): boolean {
    return (
      this.#routed &&
      frameType(linkType, bytes, frameStart) === "outgoing" &&
      arrivalOf(this.#first.host, family, bytes.subarray(start)) !== OWN
    );
  }

  /** Sets the hosts' clocks, which start with the first packet and never go back. */
  #tell(timeMs: number): void {
    if (this.#firstMs === undefined) {
      this.#firstMs = timeMs;
      for (const { host } of this.lanes) host.wallClockStart = timeMs;
    }
    this.#lastMs = Math.max(timeMs, this.#lastMs ?? timeMs);
    const now = this.#lastMs - this.#firstMs;
    this.#first.host.now = now;
    if (this.#second !== undefined) this.#second.host.now = now;
  }

  #differ(first: Lane, second: Lane, family: Family, flow: number, length: number): void {
    this.#differing++;
    this.#flows[family].noteDifference(flow);
    const inner = this.#differences.get(first.decider) ?? new Map<Decider, OpenDifference[]>();
    this.#differences.set(first.decider, inner);
    const list = inner.get(second.decider) ?? [];
    inner.set(second.decider, list);
    const before = judgementOf(first);
    const after = judgementOf(second);
    let found = list.find(
      (each) => each.before.verdict === before.verdict && each.after.verdict === after.verdict,
    );
    if (found === undefined) {
      found = {
        before,
        after,
        packets: 0,
        bytes: 0,
        connections: 0,
        examples: [],
        flows: { ipv4: new Set(), ipv6: new Set() },
      };
      list.push(found);
    }
    found.packets++;
    found.bytes += length;
    const flows = found.flows[family];
    if (flows.has(flow)) return;
    flows.add(flow);
    found.connections++;
    if (found.examples.length < MAX_EXAMPLES) found.examples.push(this.#flows[family].ends(flow));
  }

  /** All connections, in the order of their first packets, IPv4 first. */
  *connections(): Generator<ListedConnection> {
    for (const table of Object.values(this.#flows))
      for (let flow = 0; flow < table.count; flow++)
        yield {
          ends: table.ends(flow),
          packets: this.lanes.map((_, side) => table.packetsOf(flow, side as 0 | 1)),
        };
  }

  result(): ReplayResult {
    const tables = Object.values(this.#flows);
    const differences = [...this.#differences.values()].flatMap((inner) => [...inner.values()].flat());
    return {
      packets: this.#packets,
      connections: tables.reduce((sum, { count }) => sum + count, 0),
      sentOn: this.#sentOn,
      firstMs: this.#firstMs,
      lastMs: this.#lastMs,
      lanes: this.lanes.map((lane, side) => laneResult(lane, side as 0 | 1, tables)),
      listed: this.#listed,
      differences: differences.sort((a, b) => b.packets - a.packets),
      differingPackets: this.#differing,
      differingConnections: tables.reduce((sum, { differing }) => sum + differing, 0),
    };
  }
}

const judgementOf = ({ verdict, decider }: Lane): Judgement => ({
  verdict: VERDICTS[verdict] as VerdictName,
  decider,
});

function laneResult(lane: Lane, side: 0 | 1, tables: readonly FlowTable[]): LaneResult {
  const connections = { accepted: 0, refused: 0, mixed: 0 };
  for (const table of tables) {
    const totals = table.totals(side);
    connections.accepted += totals.accepted;
    connections.refused += totals.refused;
    connections.mixed += totals.mixed;
  }
  const counters = Object.values(lane.host.tables).flatMap((running) =>
    [...running.chains.values()].flatMap((chains) =>
      [...chains.values()].flatMap((chain) => [...chain.rules, chain].filter(({ packets }) => packets > 0)),
    ),
  );
  return {
    verdicts: VERDICTS.map((verdict, at) => ({
      verdict,
      packets: lane.packets[at] as number,
      bytes: lane.bytes[at] as number,
    })),
    connections,
    counters,
    uncertain: lane.uncertain,
    undecided: lane.undecided,
    discards: lane.discards,
  };
}

/** Whether the IP header is all there. Kernel: ip_rcv_core(), ip6_rcv_core(). */
function isWhole(family: Family, bytes: Uint8Array): boolean {
  if (family === "ipv6") return bytes.length >= 40;
  const header = ((bytes[0] as number) & 15) * 4;
  return header >= 20 && bytes.length >= header;
}

/** The packet's bytes; what the capture cut off is zeros. */
function wholePacket({ bytes, start, end, length }: CapturedPacket): Uint8Array {
  if (end - start >= length) return bytes.subarray(start, end);
  const whole = new Uint8Array(length);
  whole.set(bytes.subarray(start, end));
  return whole;
}
