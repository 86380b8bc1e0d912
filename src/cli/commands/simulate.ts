/** `postern simulate`: a case file through the machine. */
import type { Diagnostic } from "../../base/index.ts";
import { type CaseFile, embeddedTexts, parseCase, runCase, unreadFields } from "../../cases/index.ts";
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
  const file = Array.isArray(parsed) ? undefined : (parsed as CaseFile);
  const outcome =
    file === undefined
      ? (parsed as readonly Diagnostic[])
      : runCase(source, file, { backend: options.backend, json: text });
  if ("packets" in outcome) {
    const reporter = new Reporter({ source, text }, isColoured(process.stderr));
    for (const note of unreadFields(source, text)) process.stderr.write(`${reporter.report(note)}\n`);
    await writeOut(`${JSON.stringify(outcome, undefined, 1)}\n`);
    return 0;
  }
  const texts = new Map([[source, text], ...(file === undefined ? [] : embeddedTexts(source, file))]);
  for (const [name, own] of texts) {
    const reporter = new Reporter({ source: name, text: own }, isColoured(process.stderr));
    for (const diagnostic of outcome)
      if (diagnostic.span.source === name) process.stderr.write(`${reporter.report(diagnostic)}\n`);
  }
  return 2;
}
