/** `postern simulate`: a case file through the machine. */
import { parseCase, runCase } from "../../cases/index.ts";
import type { Backend } from "../../xt/index.ts";
import { readSource } from "../input.ts";
import { writeOut } from "../output.ts";
import { isColoured, Reporter } from "../report.ts";

export interface SimulateOptions {
  readonly backend?: Backend;
}

/** @returns the exit code: 2 if the case cannot be run. */
export async function simulate(path: string, options: SimulateOptions): Promise<number> {
  const { source, text } = readSource(path);
  const parsed = parseCase(source, text);
  const outcome = Array.isArray(parsed)
    ? parsed
    : runCase(source, parsed as never, { backend: options.backend });
  if (!Array.isArray(outcome)) {
    await writeOut(`${JSON.stringify(outcome, undefined, 1)}\n`);
    return 0;
  }
  const reporter = new Reporter({ source, text }, isColoured(process.stderr));
  for (const diagnostic of outcome) process.stderr.write(`${reporter.report(diagnostic)}\n`);
  return 2;
}
