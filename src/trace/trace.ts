/** A trace: the packet's journey on a host, what the reply would meet, and rules that match but sit elsewhere. */
import { seededRng } from "../base/index.ts";
import {
  type AddressWords,
  type Family,
  fromWords,
  PROTOCOL,
  parseAddress,
  printAddress,
  readWords,
} from "../net/index.ts";
import { builtinHook } from "../ruleset/index.ts";
import {
  type Assumption,
  flowTo,
  type Host,
  Packet,
  receive,
  routeOutput,
  type Sender,
  send,
  World,
} from "../sim/index.ts";
import type { Snapshot } from "../snapshot/index.ts";
import type { Hook } from "../xt/index.ts";
import { conditionsOf, isSpecific } from "./conditions.ts";
import { describe, type Journey, type RuleRef, refOf, type Step, takeJourney } from "./journey.ts";
import type { PacketRequest } from "./packet-notation.ts";
import { replyTo } from "./reply.ts";

/** Inbound, forwarded, outbound: the three ways through a host. */
export type Scenario = "A" | "B" | "C" | undefined;

/** A rule that matches the packet but stands in a chain that the packet does not pass. */
export interface Elsewhere {
  readonly rule: RuleRef;
  /** The hook that the rule's chain is called from. */
  readonly hook: Hook;
  /** The hooks that the packet really passes. */
  readonly passes: readonly Hook[];
}

export interface Trace {
  readonly family: Family;
  readonly packet: string;
  readonly inDevice: string | undefined;
  /** What was filled in or taken for granted, a phrase each. */
  readonly assumed: readonly string[];
  readonly scenario: Scenario;
  /** What to add to the question for a better answer. */
  readonly hint: string | undefined;
  /** The packet's own journey first, then those of what the host sent because of it. */
  readonly journeys: readonly Journey[];
  readonly outcome: Outcome;
  readonly reply: Reply | undefined;
  readonly elsewhere: readonly Elsewhere[];
  /** What no model can know, as this trace took it, and where it ends if it is otherwise. */
  readonly unknowns: readonly Assumption[];
  readonly otherwise: readonly { readonly assuming: readonly Assumption[]; readonly outcome: Outcome }[];
}

export interface Reply {
  readonly packet: string;
  readonly journeys: readonly Journey[];
  readonly outcome: Outcome;
  /** It leaves by another device than the one that the packet came in by. */
  readonly asymmetric: { readonly cameBy: string; readonly leavesBy: string } | undefined;
}

/** Where a packet ends. */
export type Outcome =
  | {
      readonly kind: "leaves";
      readonly device: string;
      readonly gateway: string | undefined;
      readonly packet: string;
      readonly mark: number;
      /** Pieces that it is cut into; 1 for a packet that leaves whole. */
      readonly pieces: number;
    }
  | { readonly kind: "delivered"; readonly packet: string }
  | {
      readonly kind: "dropped";
      readonly by: RuleRef | undefined;
      /** What REJECT answers, `tcp-reset`; undefined if nothing is said to the sender. */
      readonly rejectWith: string | undefined;
      readonly where: string;
    }
  | { readonly kind: "discarded"; readonly reason: string }
  | { readonly kind: "waits"; readonly reason: string };

const SEED = 1;
const LISTINGS_HINT =
  'where the packet goes depends on the host: add its listings of `ip address` and `ip route show table all`, or --address eth0=192.0.2.1/24 and --route "default via 192.0.2.254 dev eth0"';
const MAX_WORLDS = 8;
/** Documentation addresses that stand for somewhere on the internet; the first that is not near this host. RFC 5737, RFC 3849. */
const SOMEWHERE: Readonly<Record<Family, readonly string[]>> = {
  ipv4: ["198.51.100.1", "203.0.113.1", "192.0.2.1", "198.51.100.201", "203.0.113.201", "192.0.2.201"],
  ipv6: ["2001:db8:ffff::1", "2001:db8:fffe::1", "3fff:fff:ffff::1"],
};

/** Notes the ports that are drawn: the kernel would draw others. */
class TraceWorld extends World {
  drewPort = false;

  override random(below: number, what = ""): number {
    if (what === "port") this.drewPort = true;
    return super.random(below);
  }
}

/** @returns the trace, or why the packet cannot be made or sent. */
export function tracePacket(snapshot: Snapshot, request: PacketRequest): Trace | string {
  const assumed = [...request.assumed];
  const first = snapshot.makeHost(new World([], seededRng(SEED)));
  const { family } = request;
  const somewhere = request.destination ?? somewhereFrom(first, family);
  if (request.destination === undefined)
    assumed.push(`the destination ${somewhere}, somewhere on the internet`);
  let bytes = request.build(family === "ipv4" ? "0.0.0.0" : "::", somewhere);
  if (typeof bytes === "string") return bytes;
  if (bytes.length < (family === "ipv4" ? 20 : 40)) return "the packet is shorter than an IP header";
  if (request.local && request.source === undefined) {
    const chosen = ownSource(first, family, bytes, request.uid);
    if (chosen !== undefined) {
      bytes = request.build(chosen, somewhere) as Uint8Array;
      assumed.push(`the source ${chosen}, as the route says`);
    }
  }
  const packet = bytes;
  const source = readWords(family, packet, family === "ipv4" ? 12 : 8);
  const owner = first.network.ownerOf(family, source);
  if (request.device === "lo" && owner !== undefined)
    return `what comes in by lo this host sent itself: write "out" in place of "in lo"`;
  const local = request.local || (request.device === undefined && owner !== undefined);
  if (local && !request.local)
    assumed.push(`sent by this host, since ${text(family, source)} is its own address`);
  const device = local ? undefined : (request.device ?? guessDevice(first, family, source, assumed));
  if (!local && device === undefined)
    return `it is not known by which device the packet comes in: no route leads back to ${text(family, source)}; add "in DEVICE"`;
  if (device !== undefined && first.network.device(device) === undefined)
    return `there is no device "${device}"; known are ${[...first.network.devices.keys()].join(", ")}`;
  const run = (answers: readonly boolean[]) => {
    const world = new TraceWorld(answers, seededRng(SEED));
    const host = snapshot.makeHost(world);
    const journeys = takeJourney(host, () => enter(host, packet, device, request));
    return { host, world, journeys };
  };
  const { host, world, journeys } = run([]);
  const own = journeys[0];
  if (own === undefined) return "the packet left no trace: it is not an IP packet that the host reads";
  const outcome = outcomeOf(journeys);
  const unknowns = [...world.assumptions];
  const otherwise = unknowns.slice(0, MAX_WORLDS).map((_, at) => {
    const other = run([...unknowns.slice(0, at).map(({ holds }) => holds), true]);
    return { assuming: other.world.assumptions.slice(0, at + 1), outcome: outcomeOf(other.journeys) };
  });
  const reply = traceReply(host, journeys, outcome, device, assumed);
  if (snapshot.rulesets[family] === undefined)
    assumed.push(`no ${family === "ipv4" ? "IPv4" : "IPv6"} rules given: nothing is filtered or translated`);
  if (local && request.uid === undefined && snapshot.routingRules[family].some(({ uidRange }) => uidRange))
    assumed.push("a sender that no routing rule's uidrange names (uid=1000 says which)");
  assumed.push(...takenOnTheWay(own, snapshot));
  if (world.drewPort) assumed.push("a port that NAT drew at random: the kernel draws another");
  for (const taken of new Set([...own.taken, ...(reply?.journeys[0]?.taken ?? [])])) assumed.push(taken);
  return {
    family,
    packet: own.packet === "" ? describe(packet) : own.packet,
    inDevice: device,
    assumed: [...assumed, ...snapshot.assumptions],
    scenario: scenarioOf(own, local),
    hint: snapshot.lacksRoutes && outcome.kind === "discarded" ? LISTINGS_HINT : undefined,
    journeys,
    outcome,
    reply,
    elsewhere: elsewhereOf(snapshot, journeys, packet, device, local),
    unknowns,
    otherwise,
  };
}

/** An address that is neither this host's nor in a network that it is in. */
function somewhereFrom(host: Host, family: Family): string {
  const bits = (prefixBits: number): bigint =>
    ~((1n << BigInt((family === "ipv4" ? 32 : 128) - prefixBits)) - 1n);
  const near = (candidate: string): boolean => {
    const address = parseAddress(candidate, family);
    return [...host.network.devices.values()].some(({ addresses }) =>
      addresses.some(
        (own) =>
          own.family === family &&
          ((BigInt(own.address) ^ BigInt(address ?? 0)) & bits(own.prefixBits)) === 0n,
      ),
    );
  };
  const candidates = SOMEWHERE[family];
  return candidates.find((candidate) => !near(candidate)) ?? (candidates.at(-1) as string);
}

/** What `conntrack -L` does not tell of a connection that the packet belongs to. */
function takenOnTheWay({ steps, packet }: Journey, { connections }: Snapshot): readonly string[] {
  const known = steps.find((step) => step.kind === "conntrack");
  if (connections === 0 || known?.kind !== "conntrack" || known.connection === undefined) return [];
  if (!packet.startsWith("tcp ")) return [];
  return ["any sequence number of the known connection is in window: `conntrack -L` does not list windows"];
}

/** The source that the host itself gives to a packet without one. */
function ownSource(
  host: Host,
  family: Family,
  bytes: Uint8Array,
  uid: number | undefined,
): string | undefined {
  const route = routeOutput(host, family, {
    ...flowTo(readWords(family, bytes, family === "ipv4" ? 16 : 24)),
    protocol: bytes[family === "ipv4" ? 9 : 6] as number,
    uid,
  });
  return typeof route === "string" ? undefined : text(family, route.source);
}

const text = (family: Family, words: AddressWords): string => printAddress(fromWords(family, words));

/** The device by which the host would answer the source: what reverse path filtering expects. */
function guessDevice(
  host: Host,
  family: Family,
  source: AddressWords,
  assumed: string[],
): string | undefined {
  const answer = host.network.fibs[family].lookup(flowTo(source), ({ nexthops }) => nexthops[0] as never);
  const device = answer.kind === "route" ? answer.nexthop?.device : undefined;
  if (device !== undefined)
    assumed.push(
      `in by ${device}, where the way back to ${text(family, source)} leads ("in DEVICE" says otherwise)`,
    );
  return device;
}

function enter(host: Host, bytes: Uint8Array, device: string | undefined, request: PacketRequest): void {
  if (device === undefined) {
    // TCP never sends more than fits; all else is cut.
    const datagram = !isProtocol(bytes, PROTOCOL.tcp) && request.source !== "";
    send(host, bytes, { uid: request.uid, gid: undefined, datagram, mayBroadcast: true });
    return;
  }
  const mac = request.sourceMac?.split(":").map((octet) => Number.parseInt(octet, 16));
  receive(host, device, bytes, {
    sourceMac: mac === undefined ? undefined : Uint8Array.from(mac),
    type: "host",
  });
}

function scenarioOf({ steps }: Journey, local: boolean): Scenario {
  if (local) return "C";
  const hooks = hooksOf(steps);
  if (hooks.includes("FORWARD")) return "B";
  if (hooks.includes("INPUT")) return "A";
  const route = steps.find((step) => step.kind === "route");
  if (route?.kind !== "route") return undefined;
  return route.destination.kind === "forward" ? "B" : "A";
}

const hooksOf = (steps: readonly Step[]): readonly Hook[] =>
  steps.flatMap((step) => (step.kind === "hook" ? [step.hook] : []));

/** Where the asked packet ends; what the host sent because of it does not count. */
export function outcomeOf(journeys: readonly Journey[]): Outcome {
  const own = journeys[0];
  // A packet of this host to itself comes in again as the same packet.
  const steps = own?.steps ?? [];
  for (const step of steps.toReversed()) {
    if (step.kind === "emit") {
      const emitted = steps.filter((each) => each.kind === "emit");
      const whole = emitted[0] as Extract<Step, { kind: "emit" }>;
      const route = steps.findLast((each) => each.kind === "route");
      const via = route?.kind === "route" ? route.destination.gateway : undefined;
      const family: Family = (step.bytes[0] as number) >>> 4 === 6 ? "ipv6" : "ipv4";
      const gateway = via === undefined ? undefined : text(family, via);
      return {
        kind: "leaves",
        device: step.device,
        gateway,
        packet: whole.packet.replace(/ first fragment$/, ""),
        mark: own?.mark ?? 0,
        pieces: emitted.length,
      };
    }
    if (step.kind === "deliver") return { kind: "delivered", packet: step.packet };
    if (step.kind === "drop") return droppedBy(steps, step.by);
    if (step.kind === "discard") return { kind: "discarded", reason: step.reason };
  }
  return { kind: "waits", reason: waitsFor(steps, own) };
}

function waitsFor(steps: readonly Step[], own: Journey | undefined): string {
  const table = steps.findLast((step) => step.kind === "table");
  const last = table?.kind === "table" ? table.matched.at(-1) : undefined;
  if (table !== undefined && last?.target !== undefined) return `taken over by ${last.target}`;
  if (own?.packet.includes("fragment") === true) return "waits for the rest of its fragments";
  return "was taken over by the machine";
}

function droppedBy(steps: readonly Step[], part: string): Outcome {
  const table = steps.findLast((step) => step.kind === "table");
  const nobody = { kind: "dropped", by: undefined, rejectWith: undefined } as const;
  if (table?.kind !== "table" || table.table !== part) return { ...nobody, where: part };
  const where = `${table.table} ${table.chain}`;
  if (table.policy !== undefined) return { ...nobody, where: `the policy of ${where}` };
  const last = table.matched.findLast(({ decided }) => decided === "drop");
  // A match may drop what it takes for damaged, and then no rule has matched.
  if (last === undefined) return { ...nobody, where: `a test of ${where} that drops what is damaged` };
  return { kind: "dropped", by: last.rule, rejectWith: last.rejectWith, where };
}

/**
 * The answer: what this host itself sent back, if it is the destination and did; else what the other side, or a program
 * that listens here, would answer.
 */
function traceReply(
  host: Host,
  journeys: readonly Journey[],
  outcome: Outcome,
  inDevice: string | undefined,
  assumed: string[],
): Reply | undefined {
  if (outcome.kind !== "leaves" && outcome.kind !== "delivered") return undefined;
  const own = journeys[0] as Journey;
  const answered = (packet: string, way: readonly Journey[]): Reply => {
    const end = outcomeOf(way);
    const leavesBy = end.kind === "leaves" ? end.device : undefined;
    const turned =
      inDevice !== undefined && inDevice !== "lo" && leavesBy !== undefined && leavesBy !== inDevice;
    return {
      packet,
      journeys: way,
      outcome: end,
      asymmetric: turned ? { cameBy: inDevice, leavesBy } : undefined,
    };
  };
  if (outcome.kind === "leaves") {
    const there = own.steps.find((step) => step.kind === "emit");
    const reply = there?.kind === "emit" ? replyTo(there.bytes) : undefined;
    if (reply === undefined) return undefined;
    const way = takeJourney(host, () =>
      receive(host, outcome.device, reply, { sourceMac: undefined, type: "host" }),
    );
    return answered(describe(reply), way);
  }
  const itself = journeys.slice(1).find(({ local }) => local);
  if (itself !== undefined) return answered(itself.packet, [itself]);
  const there = own.steps.findLast((step) => step.kind === "deliver");
  if (there?.kind !== "deliver") return undefined;
  const from = answeringAddress(host, there.bytes, inDevice);
  const reply = from === undefined ? undefined : replyTo(there.bytes, from);
  if (reply === undefined) return undefined;
  if (
    host.sockets === undefined &&
    (isProtocol(there.bytes, PROTOCOL.tcp) || isProtocol(there.bytes, PROTOCOL.udp))
  )
    assumed.push(
      "a program listens on the port and answers (`--listen tcp:22` or `--listen none` says which)",
    );
  const way = takeJourney(host, () => {
    send(host, reply, { ...NOBODY, datagram: true, mayBroadcast: true });
  });
  return answered(describe(reply), way);
}

const NOBODY: Sender = { uid: undefined, gid: undefined };

function isProtocol(bytes: Uint8Array, protocol: number): boolean {
  return bytes[(bytes[0] as number) >>> 4 === 6 ? 6 : 9] === protocol;
}

/** The address that an answer comes from: the one written to, or for broadcast and multicast one of the device. */
function answeringAddress(host: Host, bytes: Uint8Array, device: string | undefined): string | undefined {
  const family: Family = (bytes[0] as number) >>> 4 === 6 ? "ipv6" : "ipv4";
  const destination = readWords(family, bytes, family === "ipv4" ? 16 : 24);
  const { fibs } = host.network;
  const answer = fibs[family].lookup(flowTo(destination), ({ nexthops }) => nexthops[0] as never);
  if (answer.kind === "route" && answer.route.type === "local") return text(family, destination);
  const of = host.network.device(device ?? "")?.addresses.find((own) => own.family === family);
  return of === undefined ? undefined : text(family, of.words);
}

const MAX_ELSEWHERE = 5;

/**
 * Rules that would match but are called from a hook that the packet does not pass: of a packet from outside in INPUT
 * instead of FORWARD or the other way round, of one of the host's own in FORWARD or PREROUTING. They see the packet as it
 * was routed. Asked on a host of its own, so that the question changes nothing.
 */
function elsewhereOf(
  snapshot: Snapshot,
  journeys: readonly Journey[],
  bytes: Uint8Array,
  device: string | undefined,
  local: boolean,
): readonly Elsewhere[] {
  const steps = journeys[0]?.steps ?? [];
  const passes = [...new Set(hooksOf(steps))];
  const host = snapshot.makeHost(new World([], seededRng(SEED)));
  const family: Family = (bytes[0] as number) >>> 4 === 6 ? "ipv6" : "ipv4";
  const tables = host.tables[family];
  if (tables === undefined || passes.length === 0) return [];
  const routed = steps.findLast((step) => step.kind === "route");
  const skb = new Packet(family, routed?.kind === "route" ? routed.bytes.slice() : bytes.slice(), local);
  host.conntrack.enter(skb, undefined);
  const emitted = steps.find((step) => step.kind === "emit");
  const found: Elsewhere[] = [];
  for (const [table, hooks] of tables.hooks) {
    if (![...hooks.keys()].some((hook) => passes.includes(hook))) continue;
    for (const [hook, chain] of hooks) {
      if (passes.includes(hook) || hook === (local ? "INPUT" : "OUTPUT")) continue;
      const inward = hook === "PREROUTING" || hook === "INPUT" || hook === "FORWARD";
      skb.hook = hook;
      skb.inDevice = inward ? (device ?? "") : "";
      skb.outDevice =
        hook === "PREROUTING" || hook === "INPUT" ? "" : emitted?.kind === "emit" ? emitted.device : "";
      for (const rule of chain.rules) {
        if (rule.action.kind === "continue" || rule.action.kind === "return" || !isSpecific(rule)) continue;
        const { failing, unasked } = conditionsOf(rule, skb);
        if (failing.length === 0 && unasked.length === 0 && builtinHook(table, rule.chain) === hook)
          found.push({ rule: refOf(rule), hook, passes });
      }
    }
  }
  return found.slice(0, MAX_ELSEWHERE);
}
