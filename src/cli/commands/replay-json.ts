/** The outcome of a replay for machines, and where its rules stand. */
import { LineIndex, type Span } from "../../base/index.ts";
import type { CaptureSummary } from "../../net/index.ts";
import type {
  Decider,
  Difference,
  Judgement,
  LaneResult,
  ListedConnection,
  ReplayResult,
} from "../../replay/index.ts";
import type { RunningChain, RunningRule } from "../../sim/index.ts";
import type { SourceText } from "../input.ts";

export interface Replayed {
  readonly capture: string;
  readonly files: readonly string[];
  readonly summary: CaptureSummary;
  readonly result: ReplayResult;
  readonly packetsPerSecond: number;
  /** For each file. */
  readonly places: readonly RulePlaces[];
  readonly notes: readonly string[];
  /** undefined: the host's routes decide. */
  readonly hook: string | undefined;
  /** How many rules a text lists. */
  readonly top: number;
  /** To be listed, if asked for. */
  readonly connections: Iterable<ListedConnection> | undefined;
}

/** Rules as their files have them. */
export class RulePlaces {
  readonly #texts: ReadonlyMap<string, { readonly text: string; readonly lines: LineIndex }>;

  constructor(listings: readonly SourceText[]) {
    this.#texts = new Map(listings.map(({ source, text }) => [source, { text, lines: new LineIndex(text) }]));
  }

  textOf({ source, start, end }: Span): string {
    return this.#texts.get(source)?.text.slice(start, end) ?? "";
  }

  /** From 1. */
  lineOf({ source, start }: Span): number {
    return this.#texts.get(source)?.lines.position(start).line ?? 0;
  }
}

/** Whether a counter is a rule's; the others are of policies. */
export const isRule = (counter: RunningRule | RunningChain): counter is RunningRule => "source" in counter;

export function replayJson(replayed: Replayed): object {
  const { capture, files, summary, result, packetsPerSecond, places, notes, hook } = replayed;
  const { packets, connections, firstMs, lastMs, lanes, differences } = result;
  return {
    capture,
    ...(hook !== undefined && { hook }),
    frames: summary.frames,
    otherFrames: summary.otherFrames,
    cut: summary.cut,
    sentOn: result.sentOn,
    ...(summary.fault !== undefined && { fault: summary.fault }),
    packets: packets.ipv4 + packets.ipv6,
    ipv4: packets.ipv4,
    ipv6: packets.ipv6,
    connections,
    ...(firstMs !== undefined &&
      lastMs !== undefined && {
        from: timeOf(firstMs),
        to: timeOf(lastMs),
      }),
    packetsPerSecond,
    notes,
    rulesets: lanes.map((lane, at) => laneJson(lane, files[at] as string, places[at] as RulePlaces)),
    ...(result.listed.length > 0 && {
      listedPackets: result.listed.map(({ number, timeMs, ends, judgements }) => ({
        number,
        time: timeOf(timeMs),
        ...(ends !== undefined && { connection: ends }),
        judgements: judgements.map((each, at) => judgementJson(each, places[at] as RulePlaces)),
      })),
    }),
    ...(replayed.connections !== undefined && { listedConnections: [...replayed.connections] }),
    ...(lanes.length > 1 && {
      differences: {
        packets: result.differingPackets,
        connections: result.differingConnections,
        groups: differences.map((difference) => differenceJson(difference, places)),
      },
    }),
  };
}

/** Undefined for a time that no calendar has. */
export function timeOf(ms: number): string | undefined {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}

function laneJson(lane: LaneResult, file: string, places: RulePlaces): object {
  return {
    file,
    verdicts: Object.fromEntries(
      lane.verdicts.map(({ verdict, packets, bytes }) => [verdict, { packets, bytes }]),
    ),
    connections: lane.connections,
    rules: lane.counters.filter(isRule).map((rule) => ({
      family: rule.family,
      ...ruleJson(rule, places),
      packets: rule.packets,
      bytes: rule.bytes,
    })),
    policies: lane.counters
      .filter((counter): counter is RunningChain => !isRule(counter))
      .map(({ family, table, name, policy, packets, bytes }) => ({
        family,
        table,
        chain: name,
        policy,
        packets,
        bytes,
      })),
    uncertain: lane.uncertain,
    undecided: Object.fromEntries(lane.undecided),
    discards: Object.fromEntries(lane.discards),
  };
}

function ruleJson({ table, chain, index, source }: RunningRule, places: RulePlaces): object {
  return { table, chain, index, line: places.lineOf(source.span), text: places.textOf(source.span) };
}

function deciderJson(decider: Decider, places: RulePlaces): object | undefined {
  if (decider === undefined) return undefined;
  if (isRule(decider)) return ruleJson(decider, places);
  return { table: decider.table, chain: decider.name, policy: decider.policy };
}

const judgementJson = ({ verdict, decider }: Judgement, places: RulePlaces): object => ({
  verdict,
  rule: deciderJson(decider, places),
});

function differenceJson(difference: Difference, places: readonly RulePlaces[]): object {
  const { before, after, packets, bytes, connections, examples } = difference;
  return {
    before: judgementJson(before, places[0] as RulePlaces),
    after: judgementJson(after, places[1] as RulePlaces),
    packets,
    bytes,
    connections,
    examples,
  };
}
