/** One case on the kernel and in the machine, side by side. */
import { readFileSync } from "node:fs";
import { type CaseFile, type CaseSession, type CaseStep, openCase } from "../../../src/cases/index.ts";
import { type KernelCase, type KernelResult, openKernelCase } from "../../../src/lab/index.ts";
import type { Backend } from "../../../src/xt/index.ts";
import { KernelChoices } from "./adopt.ts";
import { differences } from "./compare.ts";
import { type PlannedCase, playPackets } from "./generate.ts";

export interface Difference {
  /** Of the packet. */
  readonly index: number;
  readonly lines: readonly string[];
}

export interface Played {
  readonly file: CaseFile;
  readonly differences: readonly Difference[];
}

/** Plays random packets, each built from what the kernel let out before. */
export async function playRandom(
  planned: PlannedCase,
  backend: Backend,
  count: number,
  cpu: number,
): Promise<Played> {
  const file = { ...planned.file, backend };
  using pair = await openPair(file, backend, cpu);
  const packets = playPackets(planned, pair, count);
  return { file: { ...file, packets }, differences: pair.differences };
}

/** Plays the packets of a case as they stand. */
export async function playCase(file: CaseFile, backend: Backend, cpu: number): Promise<Played> {
  using pair = await openPair(file, backend, cpu);
  file.packets.forEach((step, index) => void pair.step(step, index));
  return { file, differences: pair.differences };
}

async function openPair(file: CaseFile, backend: Backend, cpu: number): Promise<Pair> {
  const choices = new KernelChoices();
  const kernel = await openKernelCase(file, backend, cpu);
  // Both clocks start when the kernel is ready.
  const uptime_sec = Number(readFileSync("/proc/uptime", "utf8").split(" ")[0]);
  const options = { backend, choices: () => choices };
  const machine = openCase(file.name ?? "case", { ...file, uptime_sec }, options);
  if (Array.isArray(machine)) throw new Error(`a bad case: ${JSON.stringify(machine)}`);
  return new Pair(kernel, machine as CaseSession, choices);
}

class Pair implements Disposable {
  readonly differences: Difference[] = [];
  readonly #kernel: KernelCase;
  readonly #machine: CaseSession;
  readonly #choices: KernelChoices;
  /** Half a tick ahead, so that the machine's clock is never just short of one. */
  #last = -2;

  constructor(kernel: KernelCase, machine: CaseSession, choices: KernelChoices) {
    this.#kernel = kernel;
    this.#machine = machine;
    this.#choices = choices;
  }

  step(step: CaseStep, index: number): KernelResult {
    const kernel = this.#kernel.step(step, index);
    this.#choices.observe(kernel, step);
    // The machine's clock follows the real one.
    const machine = this.#machine.step({ ...step, id: index, delay_ms: kernel.at - this.#last });
    this.#last = kernel.at;
    const lines = machine === undefined ? ["the machine refuses the step"] : differences(kernel, machine);
    if (lines.length > 0) this.differences.push({ index, lines });
    return kernel;
  }

  [Symbol.dispose](): void {
    this.#kernel[Symbol.dispose]();
  }
}
