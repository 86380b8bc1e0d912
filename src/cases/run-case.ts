/** Running a case: every packet through the machine, in every world that what is unknown makes possible. */
import { type Diagnostic, hasErrors, seededRng } from "../base/index.ts";
import { fromWords, printAddress, readWords, toHex } from "../net/index.ts";
import {
  type Assumption,
  type Choices,
  type Host,
  printConnection,
  RunningRule,
  receive,
  type SendOutcome,
  send,
  World,
} from "../sim/index.ts";
import type { Backend, PacketType } from "../xt/index.ts";
import { planCase } from "./build-host.ts";
import type { CaseFile, CaseStep } from "./case-file.ts";
import { runCommand } from "./commands.ts";
import {
  type CommandResult,
  compareCounts,
  compareText,
  type PacketResult,
  type PolicyCount,
  type RuleCount,
  SHOWN_PROTOCOLS,
  withoutTimeout,
} from "./results.ts";
import { readStep, readSteps, type Step } from "./steps.ts";

export interface CaseWorld {
  readonly assuming: readonly Assumption[];
  readonly packets: readonly (PacketResult | CommandResult)[];
}

export interface CaseResult {
  readonly backend: Backend;
  /** Of the first world, in which whatever is unknown does not hold. */
  readonly packets: readonly (PacketResult | CommandResult)[];
  /** Every world, if some rule could not be decided. */
  readonly worlds?: readonly CaseWorld[];
  /** There are more worlds than were run. */
  readonly truncated?: true;
}

/** Of unknowns that fork each other, so many worlds are run. */
const MAX_WORLDS = 64;
const SEED = 1;

export interface RunOptions {
  readonly backend?: Backend | undefined;
  /** The case as it was written, for places in it. */
  readonly json?: string | undefined;
  /** Takes the place of chance, as a comparison with a real run needs. */
  readonly choices?: (() => Choices) | undefined;
}

/** @returns the outcome, or what is wrong with the case. */
export function runCase(
  source: string,
  file: CaseFile,
  options: RunOptions = {},
): CaseResult | readonly Diagnostic[] {
  const plan = planCase({ source, json: options.json }, file, options.backend);
  if (hasErrors(plan.diagnostics)) return plan.diagnostics;
  const inputs = readSteps({ source, json: options.json }, file);
  if (inputs.diagnostics.length > 0) return inputs.diagnostics;
  const run = (choices: Choices): CaseWorld => {
    const host = plan.makeHost(choices);
    const packets = inputs.steps.map((step) => runStep(host, step, file));
    return { assuming: choices.assumptions, packets };
  };
  if (options.choices !== undefined)
    return { backend: plan.backend, packets: run(options.choices()).packets };
  const worlds: CaseWorld[] = [];
  const waiting: boolean[][] = [[]];
  while (waiting.length > 0 && worlds.length < MAX_WORLDS) {
    const answers = waiting.shift() as boolean[];
    const world = run(new World(answers, seededRng(SEED)));
    worlds.push(world);
    // Every unknown met beyond the prescribed answers was taken as "no": its "yes" is a world of its own.
    for (let at = answers.length; at < world.assuming.length; at++)
      waiting.push([...world.assuming.slice(0, at).map(({ holds }) => holds), true]);
  }
  const first = worlds[0] as CaseWorld;
  return {
    backend: plan.backend,
    packets: first.packets,
    ...(worlds.length > 1 && { worlds }),
    ...(waiting.length > 0 && { truncated: true as const }),
  };
}

/** A case that is fed step by step. */
export interface CaseSession {
  /** Runs one more step; undefined if the step is wrong. */
  step(step: CaseStep): PacketResult | CommandResult | undefined;
}

/** Makes the host of a case, in one world, without running the case's packets. */
export function openCase(
  source: string,
  file: CaseFile,
  options: RunOptions = {},
): CaseSession | readonly Diagnostic[] {
  const plan = planCase({ source, json: options.json }, file, options.backend);
  if (hasErrors(plan.diagnostics)) return plan.diagnostics;
  const host = plan.makeHost(options.choices?.() ?? new World([], seededRng(SEED)));
  return {
    step: (step) => {
      const read = readStep(step, 0, file);
      return typeof read === "string" ? undefined : runStep(host, read, file);
    },
  };
}

/** What a program is told when its packet could not go. Source: errno(3). */
const SEND_ERRORS: Readonly<Record<Exclude<SendOutcome, "sent">, string>> = {
  dropped: "Operation not permitted",
  "no-route": "Network is unreachable",
  "host-unreachable": "No route to host",
  prohibited: "Permission denied",
  blackhole: "Invalid argument",
  "too-long": "Message too long",
  refused: "Invalid argument",
  broadcast: "Permission denied",
};

function runStep(host: Host, step: Step, file: CaseFile): PacketResult | CommandResult {
  host.advance(step.delayMs);
  if (step.kind === "command") {
    const outcome = runCommand(host, step.command);
    host.takeCounts();
    return { cmd: step.command, ...outcome };
  }
  host.emitted = [];
  host.delivered = [];
  host.discarded = [];
  let outcome: SendOutcome = "sent";
  if (step.device === undefined) outcome = send(host, step.bytes, { uid: 0, gid: 0, mayBroadcast: false });
  else {
    const mac = host.network.device(step.device)?.mac;
    receive(host, step.device, step.bytes, {
      sourceMac: step.sourceMac,
      destinationMac: step.destinationMac,
      type: packetType(step.destinationMac, mac),
    });
  }
  return { ...report(host, step, file), ...(outcome !== "sent" && { send_error: SEND_ERRORS[outcome] }) };
}

function packetType(destination: Uint8Array | undefined, own: Uint8Array | undefined): PacketType {
  if (destination === undefined || own === undefined) return "host";
  if (destination.every((octet) => octet === 0xff)) return "broadcast";
  if (((destination[0] as number) & 1) === 1) return "multicast";
  return destination.every((octet, at) => octet === own[at]) ? "host" : "otherhost";
}

function report(host: Host, step: Extract<Step, { kind: "packet" }>, file: CaseFile): PacketResult {
  const rules: RuleCount[] = [];
  const policies: PolicyCount[] = [];
  for (const { counter, packets, bytes } of host.takeCounts()) {
    const ipv6 = counter.family === "ipv6" ? { family: "ipv6" as const } : {};
    if (counter instanceof RunningRule)
      rules.push({
        table: counter.table,
        chain: counter.chain,
        index: counter.index,
        pkts: packets,
        bytes,
        ...ipv6,
      });
    else policies.push({ table: counter.table, chain: counter.name, pkts: packets, bytes, ...ipv6 });
  }
  const shown: readonly number[] = file.sniff_protos ?? SHOWN_PROTOCOLS.ipv4;
  // One protocol after the other, as the sockets of a real run are read.
  const position = ({ family, protocol }: { family: string; protocol: number }): number =>
    family === "ipv4"
      ? shown.indexOf(protocol)
      : (SHOWN_PROTOCOLS.ipv6 as readonly number[]).indexOf(protocol);
  const local = host.delivered
    .filter((each) => position(each) >= 0)
    .sort((x, y) => position(x) - position(y))
    .map(({ family, bytes, transport }): object => {
      if (family === "ipv4") return { v: 4, hex: toHex(bytes) };
      const from = printAddress(fromWords("ipv6", readWords("ipv6", bytes, 8)));
      return { v: 6, from, hex: toHex(bytes.subarray(transport)) };
    });
  const link = (name: string): number => host.network.device(name)?.index ?? 0;
  return {
    id: step.id,
    in: step.device ?? "LOCAL",
    rules: rules.sort(compareCounts),
    policies: policies.sort(compareCounts),
    // One link after the other too.
    out: host.emitted
      .toSorted((x, y) => link(x.device) - link(y.device))
      .map(({ device, bytes }) => ({ iface: device, hex: toHex(bytes) })),
    local,
    ...(file.observe_ct !== false && { conntrack: connections(host) }),
    ...(host.discarded.length > 0 && { discarded: host.discarded }),
  };
}

/** As `conntrack -L` lists them, sorted without the timeouts. */
function connections(host: Host): string[] {
  return [...host.conntrack.table]
    .map((connection) => printConnection(connection, host.now))
    .sort((a, b) => compareText(withoutTimeout(a), withoutTimeout(b)));
}
