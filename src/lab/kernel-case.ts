/** A case file on the real kernel, packet by packet, with what the machine reports of its own run. */
import { spawnSync } from "node:child_process";
import {
  type CaseFile,
  type CaseStep,
  type CommandResult,
  compareCounts,
  type PacketResult,
  type PolicyCount,
  parseMac,
  type RuleCount,
  SHOWN_PROTOCOLS,
  stepBytes,
  withoutTimeout,
} from "../cases/index.ts";
import { type Family, fromWords, printAddress, readWords, toHex } from "../net/index.ts";
import type { Backend } from "../xt/index.ts";
import type { CapturedFrame } from "./barrier.ts";
import { type Counter, type CounterReader, counterReader } from "./counters.ts";
import { closeSocket, earlyTick, runOnProcessor, SystemError } from "./libc.ts";
import { readProcNet, writeSysctl } from "./namespace.ts";
import { buildNetwork, isConntrack, type LabNetwork, run } from "./network.ts";
import { DeliverySocket, openService, PacketSender } from "./sockets.ts";

const WORLD_MAC = Uint8Array.of(2, 0, 0, 0, 0, 0xaa);
const EPERM = 1;

/** What a real packet did, and when by the kernel's ticks, in ms since the case was ready. */
export type KernelResult = (PacketResult | CommandResult) & { readonly at: number };

export interface KernelCase extends Disposable {
  step(step: CaseStep, index: number): KernelResult;
}

/**
 * Builds the host of a case on this machine's kernel, loads its rules, and takes its packets one by one. The main thread is
 * inside the host from then on. `cpu` is the processor to stay on. Errors: an Error with what a tool refused.
 */
export async function openKernelCase(file: CaseFile, backend: Backend, cpu: number): Promise<KernelCase> {
  runOnProcessor(cpu);
  using stack = new DisposableStack();
  const network = await buildNetwork(file, stack);
  const sockets = deliverySockets(file).map((socket) => stack.use(socket));
  for (const { proto, port, addr } of file.dut.listen ?? [])
    stack.adopt(openService(proto, port, addr), closeSocket);
  if (file.ipset !== undefined) run("ipset", ["restore"], file.ipset);
  if (file.ruleset !== undefined) run(`iptables-${backend}-restore`, [], `${file.ruleset}\n`);
  if (file.ruleset6 !== undefined) run(`ip6tables-${backend}-restore`, [], `${file.ruleset6}\n`);
  for (const [key, value] of Object.entries(file.dut.sysctl ?? {}))
    if (isConntrack(key)) writeSysctl(key, value);
  network.barrier.pass();
  return new RunningCase(file, backend, network, sockets, stack.move());
}

function deliverySockets(file: CaseFile): readonly DeliverySocket[] {
  const ipv6 = Object.values(file.dut.ifaces).some(({ addrs }) => addrs?.some((text) => text.includes(":")));
  const sockets = (file.sniff_protos ?? SHOWN_PROTOCOLS.ipv4).map((each) => new DeliverySocket("ipv4", each));
  if (ipv6) sockets.push(...SHOWN_PROTOCOLS.ipv6.map((each) => new DeliverySocket("ipv6", each)));
  return sockets;
}

class RunningCase implements KernelCase {
  readonly #file: CaseFile;
  readonly #network: LabNetwork;
  readonly #sockets: readonly DeliverySocket[];
  readonly #backend: Backend;
  readonly #sender: PacketSender;
  readonly #stack: DisposableStack;
  readonly #start = earlyTick();
  #readers: readonly (readonly [Family, CounterReader])[] = [];
  #before = new Map<string, Counter>();

  constructor(
    file: CaseFile,
    backend: Backend,
    network: LabNetwork,
    sockets: readonly DeliverySocket[],
    stack: DisposableStack,
  ) {
    this.#stack = stack;
    this.#sender = stack.use(new PacketSender());
    this.#file = file;
    this.#backend = backend;
    this.#network = network;
    this.#sockets = sockets;
    this.#openReaders();
  }

  #openReaders(): void {
    const { ruleset, ruleset6 } = this.#file;
    const readers: (readonly [Family, CounterReader])[] = [];
    if (ruleset !== undefined) readers.push(["ipv4", counterReader(this.#backend, "ipv4")]);
    if (ruleset6 !== undefined) readers.push(["ipv6", counterReader(this.#backend, "ipv6")]);
    for (const [, reader] of this.#readers) reader[Symbol.dispose]();
    this.#readers = readers;
    this.#counts();
  }

  step(step: CaseStep, index: number): KernelResult {
    if (step.delay_ms !== undefined) pause(step.delay_ms);
    const at = earlyTick() - this.#start;
    if (step.cmd !== undefined) return { ...this.#command(step.cmd), at };
    const bytes = stepBytes(step);
    if (typeof bytes === "string") throw new Error(bytes);
    let error: string | undefined;
    if (step.out === true) error = this.#sendLocally(bytes);
    else this.#inject(step, bytes);
    const captured = this.#network.barrier.pass();
    const counts = this.#counts();
    return {
      id: step.id ?? index,
      in: step.in ?? "LOCAL",
      ...(error !== undefined && { send_error: error }),
      rules: counts.rules,
      policies: counts.policies,
      out: captured
        .filter(isIp)
        .map(({ device, frame }) => ({ iface: device, hex: toHex(frame.subarray(14)) })),
      local: this.#delivered(),
      ...(this.#file.observe_ct !== false && { conntrack: connections() }),
      at,
    };
  }

  /** Ends the host; the kernel removes the namespaces when the main thread has left them. */
  [Symbol.dispose](): void {
    for (const [, reader] of this.#readers) reader[Symbol.dispose]();
    this.#stack.dispose();
  }

  #command(cmd: string): CommandResult {
    const { status, stdout, stderr } = spawnSync("sh", ["-c", cmd], { encoding: "utf8" });
    // A restore makes the tables anew.
    this.#openReaders();
    return { cmd, rc: status ?? 1, out: `${stdout}${stderr}`.trim() };
  }

  #sendLocally(bytes: Uint8Array): string | undefined {
    try {
      this.#sender.send(bytes);
      return undefined;
    } catch (reason) {
      if (!(reason instanceof SystemError)) throw reason;
      return reason.code === EPERM ? "Operation not permitted" : reason.message;
    }
  }

  #inject(step: CaseStep, bytes: Uint8Array): void {
    const link = this.#network.links.get(step.in ?? "");
    if (link === undefined) throw new Error(`there is no interface "${step.in}"`);
    if (step.frame === true) {
      link.world.send(bytes);
      return;
    }
    const frame = new Uint8Array(14 + bytes.length);
    frame.set(step.dmac === undefined ? link.hostMac : parseMac(step.dmac));
    frame.set(step.smac === undefined ? WORLD_MAC : parseMac(step.smac), 6);
    frame.set((bytes[0] as number) >>> 4 === 6 ? [0x86, 0xdd] : [8, 0], 12);
    frame.set(bytes, 14);
    link.world.send(frame);
  }

  #delivered(): readonly object[] {
    const found: object[] = [];
    for (const socket of this.#sockets) {
      for (let next = socket.receiveFrom(); next !== undefined; next = socket.receiveFrom()) {
        if (socket.family === "ipv4") found.push({ v: 4, hex: toHex(next.bytes) });
        else {
          const from = printAddress(fromWords("ipv6", readWords("ipv6", next.from, 0)));
          found.push({ v: 6, from, hex: toHex(next.bytes) });
        }
      }
    }
    return found;
  }

  /** How far the counters moved since the last call. */
  #counts(): { readonly rules: RuleCount[]; readonly policies: PolicyCount[] } {
    const rules: RuleCount[] = [];
    const policies: PolicyCount[] = [];
    const now = new Map<string, Counter>();
    for (const [family, reader] of this.#readers) {
      const ipv6 = family === "ipv6" ? { family } : {};
      for (const counter of reader.read()) {
        const { table, chain, index, packets, bytes } = counter;
        const key = `${family} ${table} ${chain} ${index}`;
        now.set(key, counter);
        const before = this.#before.get(key);
        const moved = { pkts: packets - (before?.packets ?? 0), bytes: bytes - (before?.bytes ?? 0) };
        if (moved.pkts === 0 && moved.bytes === 0) continue;
        if (index === 0) policies.push({ table, chain, ...moved, ...ipv6 });
        else rules.push({ table, chain, index, ...moved, ...ipv6 });
      }
    }
    this.#before = now;
    return { rules: rules.sort(compareCounts), policies: policies.sort(compareCounts) };
  }
}

/** IP packets, without the reports of multicast groups that the kernel sends of itself. RFC 3810. */
function isIp({ frame }: CapturedFrame): boolean {
  const type = ((frame[12] as number) << 8) | (frame[13] as number);
  if (type === 0x86dd) return frame[5] !== 0x16 || frame[0] !== 0x33;
  return type === 0x0800;
}

/** Sleeps without leaving the thread. */
function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

/** As the machine prints its own: from the protocol's name on, its number left out. */
function connections(): string[] {
  return readProcNet("nf_conntrack")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const words = line.trim().split(/\s+/);
      return [words[2], ...words.slice(4)].join(" ");
    })
    .sort((a, b) => (withoutTimeout(a) < withoutTimeout(b) ? -1 : 1));
}
