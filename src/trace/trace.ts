/** A trace: the packet's journey on a host, what the reply would meet, and rules that match but sit elsewhere. */
import { seededRng } from "../base/index.ts";
import { type AddressWords, type Family, fromWords, printAddress, readWords } from "../net/index.ts";
import { builtinHook } from "../ruleset/index.ts";
import {
  type Assumption,
  flowTo,
  type Host,
  Packet,
  receive,
  routeOutput,
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
  readonly reply:
    | { readonly packet: string; readonly journeys: readonly Journey[]; readonly outcome: Outcome }
    | undefined;
  readonly elsewhere: readonly Elsewhere[];
  /** What no model can know, as this trace took it, and where it ends if it is otherwise. */
  readonly unknowns: readonly { readonly what: string; readonly holds: boolean }[];
  readonly otherwise: readonly { readonly assuming: readonly Assumption[]; readonly outcome: Outcome }[];
}

/** Where a packet ends. */
export type Outcome =
  | {
      readonly kind: "leaves";
      readonly device: string;
      readonly gateway: string | undefined;
      readonly packet: string;
      readonly mark: number;
    }
  | { readonly kind: "delivered"; readonly packet: string }
  | { readonly kind: "dropped"; readonly by: RuleRef | undefined; readonly where: string }
  | { readonly kind: "discarded"; readonly reason: string }
  | { readonly kind: "waits" };

const SEED = 1;
const LISTINGS_HINT =
  'where the packet goes depends on the host: add its listings of `ip address` and `ip route show table all`, or --address eth0=192.0.2.1/24 and --route "default via 192.0.2.254 dev eth0"';
const MAX_WORLDS = 8;
const NO_MAC = Uint8Array.of(2, 0, 0, 0, 0, 0xaa);

/** @returns the trace, or why the packet cannot be made or sent. */
export function tracePacket(snapshot: Snapshot, request: PacketRequest): Trace | string {
  const assumed = [...request.assumed];
  const first = snapshot.makeHost(new World([], seededRng(SEED)));
  const destinationFamily: Family = request.destination.includes(":") ? "ipv6" : "ipv4";
  const unspecified = destinationFamily === "ipv4" ? "0.0.0.0" : "::";
  let bytes = request.build(unspecified);
  if (typeof bytes === "string") return bytes;
  if (request.local && request.source === undefined && request.destination !== "") {
    const chosen = ownSource(first, destinationFamily, bytes, request.uid);
    if (chosen !== undefined) {
      bytes = request.build(chosen) as Uint8Array;
      assumed.push(`the source ${chosen}, as the route says`);
    }
  }
  const family: Family = (bytes[0] as number) >>> 4 === 6 ? "ipv6" : "ipv4";
  if (bytes.length < (family === "ipv4" ? 20 : 40)) return "the packet is shorter than an IP header";
  const source = readWords(family, bytes, family === "ipv4" ? 12 : 8);
  const owner = first.network.ownerOf(family, source);
  const local = request.local || (request.device === undefined && owner !== undefined);
  if (local && !request.local)
    assumed.push(`sent by this host, since ${text(family, source)} is its own address`);
  const device = local ? undefined : (request.device ?? guessDevice(first, family, source, assumed));
  if (!local && device === undefined)
    return `it is not known by which device the packet comes in: no route leads back to ${text(family, source)}; add "in DEVICE"`;
  if (device !== undefined && first.network.device(device) === undefined)
    return `there is no device "${device}"; known are ${[...first.network.devices.keys()].join(", ")}`;
  const run = (answers: readonly boolean[]) => {
    const world = new World(answers, seededRng(SEED));
    const host = snapshot.makeHost(world);
    const journeys = takeJourney(host, () => enter(host, bytes, device, request));
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
  return {
    packet: own.packet === "" ? describe(bytes) : own.packet,
    inDevice: device,
    assumed: [...assumed, ...snapshot.assumptions],
    scenario: scenarioOf(own, local),
    hint: snapshot.lacksRoutes && outcome.kind === "discarded" ? LISTINGS_HINT : undefined,
    journeys,
    outcome,
    reply: traceReply(host, own, outcome, bytes),
    elsewhere: elsewhereOf(snapshot, journeys, bytes, device, local),
    unknowns,
    otherwise,
  };
}

/** The source that the host itself gives to a packet without one. */
function ownSource(host: Host, family: Family, bytes: Uint8Array, uid: number): string | undefined {
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
    send(host, bytes, { uid: request.uid, gid: 0, mayBroadcast: true });
    return;
  }
  const mac = request.sourceMac?.split(":").map((octet) => Number.parseInt(octet, 16));
  receive(host, device, bytes, {
    sourceMac: mac === undefined ? NO_MAC : Uint8Array.from(mac),
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
      const route = steps.findLast((each) => each.kind === "route");
      const via = route?.kind === "route" ? route.destination.gateway : undefined;
      const family: Family = (step.bytes[0] as number) >>> 4 === 6 ? "ipv6" : "ipv4";
      const gateway = via === undefined ? undefined : text(family, via);
      return { kind: "leaves", device: step.device, gateway, packet: step.packet, mark: own?.mark ?? 0 };
    }
    if (step.kind === "deliver") return { kind: "delivered", packet: step.packet };
    if (step.kind === "drop") return droppedBy(steps, step.by);
    if (step.kind === "discard") return { kind: "discarded", reason: step.reason };
  }
  return { kind: "waits" };
}

function droppedBy(steps: readonly Step[], part: string): Outcome {
  const table = steps.findLast((step) => step.kind === "table");
  if (table?.kind !== "table" || table.table !== part) return { kind: "dropped", by: undefined, where: part };
  const last = table.matched.findLast(({ decided }) => decided === "drop");
  const where = `${table.table} ${table.chain}`;
  return { kind: "dropped", by: table.policy === undefined ? last?.rule : undefined, where };
}

/** Sends the answer that the other side would give, and tells its journey. */
function traceReply(host: Host, own: Journey, outcome: Outcome, asked: Uint8Array): Trace["reply"] {
  if (outcome.kind !== "leaves" && outcome.kind !== "delivered") return undefined;
  const emitted = own.steps.findLast((step) => step.kind === "emit");
  const there = emitted?.kind === "emit" ? emitted.bytes : host.delivered.at(-1)?.bytes;
  const reply = replyTo(there ?? asked);
  if (reply === undefined) return undefined;
  const journeys = takeJourney(host, () => {
    if (outcome.kind === "delivered") send(host, reply, { uid: 0, gid: 0, mayBroadcast: true });
    else receive(host, outcome.device, reply, { sourceMac: NO_MAC, type: "host" });
  });
  return { packet: describe(reply), journeys, outcome: outcomeOf(journeys) };
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
