/** Running a case: every packet through the machine, in every world that what is unknown makes possible. */
import { type Diagnostic, hasErrors, seededRng } from "../base/index.ts";
import { fromHex, fromWords, printAddress, readWords, toHex } from "../net/index.ts";
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
import { planCase, problem } from "./build-host.ts";
import { buildPacket } from "./build-packet.ts";
import type { CaseFile, CaseStep } from "./case-file.ts";
import { runCommand } from "./commands.ts";

export interface RuleCount {
  readonly table: string;
  readonly chain: string;
  /** From 1. */
  readonly index: number;
  readonly pkts: number;
  readonly bytes: number;
  readonly family?: "ipv6";
}

export interface PolicyCount {
  readonly table: string;
  readonly chain: string;
  readonly pkts: number;
  readonly bytes: number;
  readonly family?: "ipv6";
}

export interface PacketResult {
  readonly id: string | number;
  readonly in: string;
  /** As the sending program would see it. */
  readonly send_error?: string;
  readonly rules: readonly RuleCount[];
  readonly policies: readonly PolicyCount[];
  readonly out: readonly { readonly iface: string; readonly hex: string }[];
  readonly local: readonly object[];
  readonly conntrack?: readonly string[];
}

export interface CommandResult {
  readonly cmd: string;
  readonly rc: number;
  readonly out: string;
}

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
  /** Takes the place of chance, as a comparison with a real run needs. */
  readonly choices?: (() => Choices) | undefined;
}

/** @returns the outcome, or what is wrong with the case. */
export function runCase(
  source: string,
  file: CaseFile,
  options: RunOptions = {},
): CaseResult | readonly Diagnostic[] {
  const plan = planCase(source, file, options.backend);
  if (hasErrors(plan.diagnostics)) return plan.diagnostics;
  const inputs = readSteps(source, file);
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
  const plan = planCase(source, file, options.backend);
  if (hasErrors(plan.diagnostics)) return plan.diagnostics;
  const host = plan.makeHost(options.choices?.() ?? new World([], seededRng(SEED)));
  return {
    step: (step) => {
      const read = readStep(step, 0, file);
      return typeof read === "string" ? undefined : runStep(host, read, file);
    },
  };
}

type Step =
  | { readonly kind: "command"; readonly command: string; readonly delayMs: number }
  | {
      readonly kind: "packet";
      readonly id: string | number;
      readonly device: string | undefined;
      readonly bytes: Uint8Array;
      readonly delayMs: number;
      readonly sourceMac: Uint8Array;
      readonly destinationMac: Uint8Array | undefined;
    };

const parseMac = (text: string): Uint8Array =>
  Uint8Array.from(text.split(":"), (octet) => Number.parseInt(octet, 16));
const WORLD_MAC = "02:00:00:00:00:aa";

function readSteps(
  source: string,
  file: CaseFile,
): { steps: readonly Step[]; diagnostics: readonly Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const steps = file.packets.flatMap((step, at): Step[] => {
    const read = readStep(step, at, file);
    if (typeof read !== "string") return [read];
    diagnostics.push(problem(source, `packets[${at}]: ${read}`));
    return [];
  });
  return { steps, diagnostics };
}

function readStep(step: CaseStep, at: number, file: CaseFile): Step | string {
  const delayMs = step.delay_ms ?? 0;
  if (step.cmd !== undefined) return { kind: "command", command: step.cmd, delayMs };
  let bytes: Uint8Array | string | undefined;
  if (step.hex !== undefined) bytes = fromHex(step.hex) ?? "hex: pairs of hexadecimal digits are wanted";
  else if (step.pkt !== undefined) bytes = buildPacket(step.pkt);
  if (bytes === undefined) return "a packet needs pkt or hex, a command cmd";
  if (typeof bytes === "string") return bytes;
  const device = step.out === true ? undefined : step.in;
  if (step.out !== true && device === undefined)
    return 'say where it comes from: "in": "eth0", or "out": true';
  if (device !== undefined && file.dut.ifaces[device] === undefined)
    return `there is no interface "${device}"`;
  let destinationMac = step.dmac === undefined ? undefined : parseMac(step.dmac);
  let sourceMac = parseMac(step.smac ?? WORLD_MAC);
  if (step.frame === true) {
    if (bytes.length < 14) return "a frame has at least 14 bytes";
    destinationMac = bytes.slice(0, 6);
    sourceMac = bytes.slice(6, 12);
    bytes = bytes.slice(14);
  }
  return { kind: "packet", id: step.id ?? at, device, bytes, delayMs, sourceMac, destinationMac };
}

/** What a program is told when its packet could not go. Source: errno(3). */
const SEND_ERRORS: Readonly<Record<Exclude<SendOutcome, "sent">, string>> = {
  dropped: "Operation not permitted",
  "no-route": "Network is unreachable",
  "too-long": "Message too long",
  refused: "Invalid argument",
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
  let outcome: SendOutcome = "sent";
  if (step.device === undefined) outcome = send(host, step.bytes, { uid: 0, gid: 0 });
  else {
    const mac = host.network.device(step.device)?.mac;
    receive(host, step.device, step.bytes, {
      sourceMac: step.sourceMac,
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

/** Protocols whose delivery is shown unless the case names others, by family. */
const SHOWN_PROTOCOLS = { ipv4: [1, 6, 17], ipv6: [6, 17, 58] } as const;

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
  const order = (a: PolicyCount & { index?: number }, b: PolicyCount & { index?: number }): number =>
    compare(a.family ?? "", b.family ?? "") ||
    compare(a.table, b.table) ||
    compare(a.chain, b.chain) ||
    (a.index ?? 0) - (b.index ?? 0);
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
  return {
    id: step.id,
    in: step.device ?? "LOCAL",
    rules: rules.sort(order),
    policies: policies.sort(order),
    out: host.emitted.map(({ device, bytes }) => ({ iface: device, hex: toHex(bytes) })),
    local,
    ...(file.observe_ct !== false && { conntrack: connections(host) }),
  };
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** As `conntrack -L` lists them, sorted without the timeouts. */
function connections(host: Host): string[] {
  const withoutTimeout = (line: string): string => line.replace(/^(\w+) \d+ /, "$1 ");
  return [...host.conntrack.table]
    .map(printConnection)
    .sort((a, b) => compare(withoutTimeout(a), withoutTimeout(b)));
}
