/** What happened to each packet of a run, step by step, from the events of the machine. */

import type { Span } from "../base/index.ts";
import type { RoutingRule } from "../hoststate/index.ts";
import { fromWords, get16, PROTOCOL, printAddress, protocolName, readWords } from "../net/index.ts";
import type { Destination, Host, HostEvent, Packet, RunningRule } from "../sim/index.ts";
import { CT_INFO, CT_STATUS, type Hook, type TableName } from "../xt/index.ts";
import { conditionsOf, failingOptions } from "./conditions.ts";
import { memoryTaken } from "./memory.ts";

/** Where a rule stands. */
export interface RuleRef {
  readonly table: TableName;
  readonly chain: string;
  /** From 1. */
  readonly index: number;
  readonly span: Span;
}

/** Something about the packet that a rule or the machine changed. */
export interface Change {
  readonly what: "mark" | "source" | "destination" | "tos" | "ttl" | "connmark" | "bytes";
  readonly from: string;
  readonly to: string;
}

export interface MatchedRule {
  readonly rule: RuleRef;
  readonly changes: readonly Change[];
  /** It ended the table: the verdict that it gave. */
  readonly decided: "accept" | "drop" | undefined;
  /** The extension that it jumps to, and how REJECT answers; undefined for a chain or no target. */
  readonly target: string | undefined;
  readonly rejectWith: string | undefined;
}

/** A rule of which one condition failed and at least one other held. */
export interface NearMiss {
  readonly rule: RuleRef;
  /** The condition, or those options of a match that failed: `-s`, `--dport 22`. */
  readonly failed: string;
  readonly held: number;
}

export type Step =
  | { readonly kind: "hook"; readonly hook: Hook; readonly inDevice: string; readonly outDevice: string }
  | {
      readonly kind: "table";
      readonly table: TableName;
      readonly chain: string;
      readonly hook: Hook;
      /** Rules that were looked at, matched or not. */
      readonly looked: number;
      readonly matched: readonly MatchedRule[];
      readonly near: readonly NearMiss[];
      /** The policy that ended it; undefined if a rule did. */
      readonly policy: "ACCEPT" | "DROP" | undefined;
    }
  | { readonly kind: "conntrack"; readonly state: string; readonly connection: string | undefined }
  | { readonly kind: "translation"; readonly changes: readonly Change[] }
  | {
      readonly kind: "route";
      readonly destination: Destination;
      readonly rule: RoutingRule | undefined;
      /** The packet as it was routed: with another destination already, its source still its own. */
      readonly bytes: Uint8Array;
    }
  | { readonly kind: "drop"; readonly by: string }
  | { readonly kind: "discard"; readonly reason: string }
  | { readonly kind: "log"; readonly text: string }
  | { readonly kind: "emit"; readonly device: string; readonly packet: string; readonly bytes: Uint8Array }
  | { readonly kind: "deliver"; readonly packet: string; readonly bytes: Uint8Array };

/** One packet's way, from its first event to its last. */
export interface Journey {
  /** The packet as it came, in words. */
  readonly packet: string;
  /** Sent by this host. */
  readonly local: boolean;
  /** Why the host sent it; undefined for the packet that was asked about. */
  readonly because: string | undefined;
  readonly steps: readonly Step[];
  readonly mark: number;
  /** How the memory of matches that were asked was taken, a phrase each. */
  readonly taken: readonly string[];
}

const MAX_NEAR = 3;

/** Runs `send` on the host and tells what became of every packet; the first is the one that was asked about. */
export function takeJourney(host: Host, send: () => void): readonly Journey[] {
  const recorder = new Recorder(host);
  host.watchRules();
  host.observer = (event) => recorder.hear(event);
  send();
  host.observer = undefined;
  return recorder.journeys();
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type TableDraft = Mutable<Extract<Step, { kind: "table" }>> & { matched: MatchedRule[]; near: NearMiss[] };

class Draft {
  readonly skb: Packet | undefined;
  readonly packet: string;
  readonly because: string | undefined;
  readonly steps: Step[] = [];
  readonly taken = new Set<string>();
  table: TableDraft | undefined;
  /** The rule that matched last, until the next event tells what it did. */
  pending: RunningRule | undefined;
  before: View;

  constructor(skb: Packet | undefined, because: string | undefined) {
    this.skb = skb;
    this.packet = skb === undefined ? "" : describe(skb.bytes);
    this.because = because;
    this.before = viewOf(skb);
  }
}

class Recorder {
  readonly #host: Host;
  readonly #drafts: Draft[] = [];
  /** What the host said before it sent a packet of its own. */
  #because: string | undefined;

  constructor(host: Host) {
    this.#host = host;
  }

  hear(event: HostEvent): void {
    if (event.kind === "answer") {
      this.#because = event.what;
      return;
    }
    const draft = this.#draftOf(event.skb);
    this.#settle(draft, event);
    switch (event.kind) {
      case "hook":
        draft.steps.push({
          kind: "hook",
          hook: event.hook,
          inDevice: event.skb.inDevice,
          outDevice: event.skb.outDevice,
        });
        break;
      case "table":
        draft.table = {
          kind: "table",
          table: event.table,
          chain: event.chain.name,
          hook: event.skb.hook,
          looked: 0,
          matched: [],
          near: [],
          policy: undefined,
        };
        draft.steps.push(draft.table);
        break;
      case "rule":
        this.#look(draft, event.rule, event.failed, event.skb);
        break;
      case "policy":
        if (draft.table !== undefined) draft.table.policy = event.chain.policy;
        break;
      case "conntrack":
        draft.steps.push({ kind: "conntrack", ...connectionOf(event.skb) });
        break;
      case "route":
        draft.steps.push({
          kind: "route",
          destination: event.destination,
          rule: event.rule,
          bytes: event.skb.bytes.slice(),
        });
        break;
      case "verdict":
        this.#decide(draft, "drop");
        draft.steps.push({ kind: "drop", by: event.part });
        break;
      case "discard":
        draft.steps.push({ kind: "discard", reason: event.reason });
        break;
      case "log":
        draft.steps.push({ kind: "log", text: event.prefix });
        break;
      case "emit":
        draft.steps.push({
          kind: "emit",
          device: event.device,
          packet: describe(event.bytes),
          bytes: event.bytes.slice(),
        });
        break;
      case "deliver":
        draft.steps.push({
          kind: "deliver",
          packet: describe(event.skb.bytes),
          bytes: event.skb.bytes.slice(),
        });
        break;
    }
  }

  journeys(): readonly Journey[] {
    return this.#drafts.map(({ skb, packet, because, steps, taken }) => ({
      packet,
      local: skb?.local ?? false,
      because,
      steps,
      mark: skb?.mark ?? 0,
      taken: [...taken],
    }));
  }

  #draftOf(skb: Packet | undefined): Draft {
    const known = this.#drafts.find((draft) => draft.skb === skb);
    if (known !== undefined) return known;
    const draft = new Draft(skb, this.#drafts.length === 0 ? undefined : this.#because);
    this.#drafts.push(draft);
    return draft;
  }

  /** Puts what changed since the last event to the rule that matched last, or to the machine itself. */
  #settle(draft: Draft, event: HostEvent): void {
    const after = viewOf(draft.skb);
    const changes = changesBetween(draft.before, after);
    draft.before = after;
    const { pending, table } = draft;
    draft.pending = undefined;
    const sameTable = event.kind === "rule" || event.kind === "policy" || event.kind === "log";
    if (pending !== undefined && table !== undefined) {
      table.matched.push({
        rule: refOf(pending),
        changes: table.table === "nat" ? [] : changes,
        decided: sameTable || event.kind === "verdict" ? undefined : "accept",
        ...targetOf(pending),
      });
      if (table.table !== "nat") return;
    }
    if (changes.length > 0 && !(sameTable && table?.table !== "nat"))
      draft.steps.push({ kind: "translation", changes });
  }

  /** The last rule that matched gave the verdict. */
  #decide(draft: Draft, verdict: "accept" | "drop"): void {
    const last = draft.table?.matched.pop();
    if (last === undefined || draft.table === undefined) return;
    draft.table.matched.push(draft.table.policy === undefined ? { ...last, decided: verdict } : last);
  }

  #look(draft: Draft, rule: RunningRule, failed: string | undefined, skb: Packet): void {
    const { table } = draft;
    if (table === undefined) return;
    table.looked++;
    for (const each of memoryTaken(rule, failed)) draft.taken.add(each);
    if (failed === undefined) {
      draft.pending = rule;
      return;
    }
    const { all, failing, unasked } = conditionsOf(rule, skb);
    // What the rule itself stumbled over is an answer too, of a match that may not be asked again.
    const missing = [...new Set([...failing, failed])];
    const open = unasked.some((condition) => condition !== failed);
    if (missing.length !== 1 || open || all.length < 2) return;
    const options = failed.startsWith("-m ")
      ? failingOptions(rule, failed.slice(3), skb, this.#host)
      : failed;
    table.near.push({ rule: refOf(rule), failed: options, held: all.length - 1 });
    table.near.sort((a, b) => b.held - a.held);
    table.near.length = Math.min(table.near.length, MAX_NEAR);
  }
}

function targetOf({ source: { jump } }: RunningRule): Pick<MatchedRule, "target" | "rejectWith"> {
  if (jump?.kind !== "target")
    return { target: jump?.kind === "opaque" ? jump.name : undefined, rejectWith: undefined };
  const { name } = jump.extension;
  return { target: name, rejectWith: name === "REJECT" ? (jump.info as { type: string }).type : undefined };
}

export const refOf = ({ table, chain, index, source }: RunningRule): RuleRef => ({
  table,
  chain,
  index,
  span: source.span,
});

/** What of a packet a person follows. */
interface View {
  readonly mark: number;
  readonly connmark: number;
  readonly source: string;
  readonly destination: string;
  readonly tos: number;
  readonly ttl: number;
}

const NO_VIEW: View = { mark: 0, connmark: 0, source: "", destination: "", tos: 0, ttl: 0 };

function viewOf(skb: Packet | undefined): View {
  if (skb === undefined || skb.bytes.length < 20) return NO_VIEW;
  const { family, bytes } = skb;
  const { source, destination } = endpointsOf(bytes);
  return {
    mark: skb.mark,
    connmark: skb.ct?.mark ?? 0,
    source,
    destination,
    tos: family === "ipv4" ? (bytes[1] as number) : (get16(bytes, 0) >>> 4) & 0xff,
    ttl: bytes[family === "ipv4" ? 8 : 7] as number,
  };
}

function changesBetween(before: View, after: View): readonly Change[] {
  const changes: Change[] = [];
  const hex = (value: number): string => `0x${value.toString(16)}`;
  for (const what of ["mark", "connmark", "tos"] as const)
    if (before[what] !== after[what]) changes.push({ what, from: hex(before[what]), to: hex(after[what]) });
  for (const what of ["source", "destination"] as const)
    if (before[what] !== after[what] && before[what] !== "")
      changes.push({ what, from: before[what], to: after[what] });
  // One less is what forwarding does.
  if (before.ttl !== after.ttl && before.ttl - 1 !== after.ttl)
    changes.push({ what: "ttl", from: `${before.ttl}`, to: `${after.ttl}` });
  return changes;
}

/** Addresses with ports where there are some, as people write them. */
export function endpointsOf(bytes: Uint8Array): { source: string; destination: string } {
  const ipv4 = (bytes[0] as number) >>> 4 === 4;
  const family = ipv4 ? "ipv4" : "ipv6";
  const transport = ipv4 ? ((bytes[0] as number) & 15) * 4 : 40;
  const protocol = ipv4 ? bytes[9] : bytes[6];
  const fragment = ipv4 && (get16(bytes, 6) & 0x1fff) !== 0;
  const ported = [PROTOCOL.tcp, PROTOCOL.udp, PROTOCOL.sctp, PROTOCOL.udplite].includes(protocol as never);
  const address = (at: number): string => printAddress(fromWords(family, readWords(family, bytes, at)));
  const end = (at: number, portAt: number): string => {
    const text = address(at);
    if (!ported || fragment || bytes.length < transport + 4) return text;
    return `${ipv4 ? text : `[${text}]`}:${get16(bytes, portAt)}`;
  };
  return {
    source: end(ipv4 ? 12 : 8, transport),
    destination: end(ipv4 ? 16 : 24, transport + 2),
  };
}

const FLAG_NAMES = ["FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"];

/** A packet in one line. */
export function describe(bytes: Uint8Array): string {
  if (bytes.length < 20) return `${bytes.length} bytes that are no IP packet`;
  const ipv4 = (bytes[0] as number) >>> 4 === 4;
  if (!ipv4 && bytes.length < 40) return `${bytes.length} bytes that are no IPv6 packet`;
  const protocol = (ipv4 ? bytes[9] : bytes[6]) as number;
  const transport = ipv4 ? ((bytes[0] as number) & 15) * 4 : 40;
  const { source, destination } = endpointsOf(bytes);
  const name = protocolName(protocol) ?? `protocol ${protocol}`;
  const fragment = ipv4 ? get16(bytes, 6) & 0x1fff : 0;
  const more = ipv4 && (get16(bytes, 6) & 0x2000) !== 0 && fragment === 0 ? " first fragment" : "";
  return `${name} ${source} > ${destination}${fragment > 0 ? ` fragment at ${fragment * 8}` : `${detail(bytes, protocol, transport)}${more}`}`;
}

function detail(bytes: Uint8Array, protocol: number, transport: number): string {
  if (protocol === PROTOCOL.tcp && bytes.length > transport + 13) {
    const flags = bytes[transport + 13] as number;
    const named = FLAG_NAMES.filter((_, bit) => ((flags >> bit) & 1) === 1);
    return ` ${named.length === 0 ? "without flags" : named.join(",")}`;
  }
  if ((protocol === PROTOCOL.icmp || protocol === PROTOCOL.icmpv6) && bytes.length > transport + 1)
    return ` type ${bytes[transport]} code ${bytes[transport + 1]}`;
  return "";
}

const STATES: Readonly<Record<number, string>> = {
  [CT_INFO.NEW]: "NEW",
  [CT_INFO.ESTABLISHED]: "ESTABLISHED",
  [CT_INFO.RELATED]: "RELATED",
  [CT_INFO.ESTABLISHED_REPLY]: "ESTABLISHED, a reply",
  [CT_INFO.RELATED_REPLY]: "RELATED, to a reply",
};

function connectionOf(skb: Packet): { state: string; connection: string | undefined } {
  if (skb.ctInfo === CT_INFO.UNTRACKED) return { state: "UNTRACKED", connection: undefined };
  const { ct } = skb;
  if (ct === undefined) return { state: "INVALID", connection: undefined };
  const known = (ct.status & CT_STATUS.CONFIRMED) !== 0;
  return { state: STATES[skb.ctInfo] ?? "NEW", connection: known ? "known" : undefined };
}
