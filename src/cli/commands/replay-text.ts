/** The outcome of a replay for people. */
import { protocolName } from "../../net/index.ts";
import type { Decider, FlowEnds, LaneResult } from "../../replay/index.ts";
import type { RunningChain, RunningRule } from "../../sim/index.ts";
import { printable, wrap } from "../report.ts";
import { isRule, type Replayed, type RulePlaces, timeOf } from "./replay-json.ts";

export function replayText(replayed: Replayed): string {
  const { files, result, places, notes, top } = replayed;
  const lines: string[] = [...header(replayed), ""];
  result.lanes.forEach((lane, at) => {
    lines.push(...laneText(lane, files[at] as string, places[at] as RulePlaces, top), "");
  });
  if (result.lanes.length > 1) lines.push(...differencesText(replayed), "");
  lines.push(...packetsText(replayed), ...connectionsText(replayed));
  for (const note of notes) lines.push(...wrap(`Note: ${note}.`, "  "));
  return `${lines.join("\n").trimEnd()}\n`;
}

const number = (value: number): string => `${value}`.replace(/\B(?=(\d{3})+$)/g, ",");
const counted = (value: number, what: string): string => `${number(value)} ${what}${value === 1 ? "" : "s"}`;

function header({ capture, summary, result, packetsPerSecond, hook }: Replayed): readonly string[] {
  const { packets, connections, firstMs, lastMs } = result;
  const all = packets.ipv4 + packets.ipv6;
  const families =
    packets.ipv4 > 0 && packets.ipv6 > 0
      ? ` (${number(packets.ipv4)} IPv4, ${number(packets.ipv6)} IPv6)`
      : "";
  const lines = [
    ...wrap(
      `${printable(capture)}: ${counted(all, "packet")}${families} in ${counted(connections, "connection")}, ${hook === undefined ? "by the host's routes" : `through ${hook}`}, ${number(packetsPerSecond)} a second`,
      "    ",
    ),
  ];
  if (firstMs !== undefined && lastMs !== undefined) {
    const seconds = ((lastMs - firstMs) / 1000).toFixed(3);
    lines.push(`  from ${timeOf(firstMs) ?? "an unknown time"}, ${seconds} s`);
  }
  if (summary.otherFrames > 0) lines.push(`  ${counted(summary.otherFrames, "frame")} without an IP packet`);
  if (result.sentOn > 0)
    lines.push(`  ${counted(result.sentOn, "frame")} that the host had sent on already, passed over`);
  if (summary.cut > 0)
    lines.push(
      ...wrap(
        `  ${counted(summary.cut, "packet")} cut short by the capture: what is missing counts as zeros`,
        "    ",
      ),
    );
  return lines;
}

const WORDS = {
  accept: "accepted",
  drop: "dropped",
  reject: "rejected",
  discard: "discarded by the kernel itself",
  stolen: "taken over, or fragments that waited",
  none: "of a family without rules",
} as const;

function laneText(lane: LaneResult, file: string, places: RulePlaces, top: number): readonly string[] {
  const lines = [printable(file)];
  for (const { verdict, packets, bytes } of lane.verdicts)
    if (packets > 0)
      lines.push(`  ${number(packets).padStart(13)} packets ${WORDS[verdict]}, ${number(bytes)} bytes`);
  const { accepted, refused, mixed } = lane.connections;
  lines.push(
    `  connections: ${number(accepted)} passed, ${number(refused)} refused, ${number(mixed)} in part`,
  );
  for (const [reason, packets] of lane.discards)
    lines.push(...wrap(`  ${number(packets)} discarded: ${printable(reason)}`, "    "));
  if (lane.uncertain > 0) {
    lines.push(
      ...wrap(
        `  For ${counted(lane.uncertain, "packet")} a test could not be decided and was taken to fail:`,
        "    ",
      ),
    );
    for (const [what, packets] of lane.undecided) lines.push(`    ${number(packets)}: ${printable(what)}`);
  }
  const busiest = lane.counters.toSorted((a, b) => b.packets - a.packets).slice(0, top);
  if (busiest.length > 0) lines.push("", "        packets  rule");
  for (const counter of busiest)
    lines.push(
      ...wrap(`  ${number(counter.packets).padStart(13)}  ${deciderText(counter, places)}`, " ".repeat(19)),
    );
  return lines;
}

function deciderText(decider: Decider | RunningChain | RunningRule, places: RulePlaces): string {
  if (decider === undefined) return "the kernel itself, before or between rules";
  if (!isRule(decider)) return `policy ${decider.policy} of ${decider.table} ${decider.name}`;
  const { span } = decider.source;
  return printable(
    `${span.source}:${places.lineOf(span)}: ${decider.table === "filter" ? "" : `${decider.table} `}${places.textOf(span)}`,
  );
}

function differencesText({ result, files, places }: Replayed): readonly string[] {
  const { differences, differingPackets, differingConnections } = result;
  if (differingPackets === 0) return ["No difference: every packet of this capture ends the same way."];
  const lines = wrap(
    `${counted(differingPackets, "packet")} of ${counted(differingConnections, "connection")} would end otherwise under ${printable(files[1] as string)}:`,
    "  ",
  ).slice();
  for (const { before, after, packets, connections, examples } of differences) {
    lines.push(
      "",
      `  ${before.verdict} becomes ${after.verdict}: ${counted(packets, "packet")} of ${counted(connections, "connection")}`,
      ...wrap(`    before: ${deciderText(before.decider, places[0] as RulePlaces)}`, " ".repeat(8)),
      ...wrap(`    after: ${deciderText(after.decider, places[1] as RulePlaces)}`, " ".repeat(8)),
      ...examples.map((flow) => `      ${flowText(flow)}`),
    );
    if (connections > examples.length) lines.push("      …");
  }
  return lines;
}

/** One line a packet: number, seconds since the first, connection, and the verdict with its rule for each ruleset. */
function packetsText({ result, places }: Replayed): readonly string[] {
  const { listed, firstMs } = result;
  if (listed.length === 0) return [];
  const lines = listed.map(({ number: at, timeMs, ends, judgements }) => {
    const seconds = ((timeMs - (firstMs ?? 0)) / 1000).toFixed(6);
    const ended = judgements.map(({ verdict, decider }, side) => {
      const place = placeText(decider, places[side] as RulePlaces);
      return place === "" ? verdict : `${verdict} (${place})`;
    });
    return `  ${at}  ${seconds}  ${ends === undefined ? "-" : flowText(ends)}  ${ended.join(", ")}`;
  });
  return ["packets", ...lines, ""];
}

function placeText(decider: Decider, places: RulePlaces): string {
  if (decider === undefined) return "";
  if (!isRule(decider)) return `policy of ${decider.name}`;
  const { span } = decider.source;
  return printable(`${span.source}:${places.lineOf(span)}`);
}

/** One line a connection: for each ruleset how many of its packets passed, and of how many. */
function connectionsText({ connections }: Replayed): readonly string[] {
  if (connections === undefined) return [];
  const lines = ["connections"];
  for (const { ends, packets } of connections) {
    const passed = packets.map(
      ({ accepted, refused }) => `${number(accepted)} of ${number(accepted + refused)} passed`,
    );
    lines.push(`  ${flowText(ends)}  ${passed.join(", ")}`);
  }
  return [...lines, ""];
}

function flowText({ source, destination, protocol, sport, dport }: FlowEnds): string {
  const end = (address: string, port: number | undefined): string =>
    port === undefined ? address : address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
  return `${protocolName(protocol) ?? `protocol ${protocol}`} ${end(source, sport)} > ${end(destination, dport)}`;
}
