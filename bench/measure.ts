/** Whole processes, measured from outside: wall time, and peak memory as the kernel keeps it. */
import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";

export interface Measured {
  readonly seconds: number;
  /** Peak resident memory of the process that was started, sampled every 10 ms. */
  readonly megabytes: number;
}

/**
 * Runs a command once with `input` as its standard input; its output goes nowhere. Throws if it ends with a code that is
 * not among `codes`.
 */
export function measure(
  command: readonly [string, ...string[]],
  input: string,
  codes: readonly (number | null)[] = [0],
): Promise<Measured> {
  return new Promise((resolve, reject) => {
    const stdin = openSync(input, "r");
    const start = performance.now();
    const child = spawn(command[0], command.slice(1), { stdio: [stdin, "ignore", "inherit"] });
    let peak = 0;
    const sample = setInterval(() => {
      try {
        peak = Math.max(
          peak,
          Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))?.[1] ?? 0),
        );
      } catch {
        // The process has ended between two samples.
      }
    }, 10);
    child.on("error", reject);
    child.on("exit", (code) => {
      clearInterval(sample);
      closeSync(stdin);
      const seconds = (performance.now() - start) / 1000;
      if (codes.includes(code)) resolve({ seconds, megabytes: peak / 1024 });
      else reject(new Error(`${command.join(" ")} ended with ${code}`));
    });
  });
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] as number;
}
