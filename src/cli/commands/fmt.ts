/** `postern fmt`: canonical layout, or what iptables-save prints after loading. */

import type { Diagnostic } from "../../base/index.ts";
import { hasErrors } from "../../base/index.ts";
import type { Family } from "../../net/index.ts";
import {
  formatDocument,
  parseDocument,
  parseRestore,
  savedPieces,
  unformattable,
} from "../../syntax/index.ts";
import { writeAtomically } from "../atomic-write.ts";
import { guessFamily, statedFamily } from "../family.ts";
import { readSource, type SourceText } from "../input.ts";
import { toJson } from "../json.ts";
import { writeOut } from "../output.ts";
import { capAlike, isColoured, printable, Reporter } from "../report.ts";
import { refuseTwice } from "../subject.ts";

export interface FmtOptions {
  readonly family?: Family;
  readonly asSaved?: boolean;
  readonly write?: boolean;
  readonly check?: boolean;
  readonly json?: boolean;
}

/** Findings of one code in one file that are printed. */
const MAX_ALIKE = 10;

/** The outcome for one file, as `--json` prints it. */
interface Outcome {
  readonly file: string;
  /** Absent if the file is refused, and where nothing is printed. */
  readonly text?: string;
  readonly changed?: boolean;
  readonly findings: readonly object[];
}

/** @returns the exit code. */
export async function fmt(files: readonly string[], options: FmtOptions): Promise<number> {
  refuseTwice(files);
  const outcomes: Outcome[] = [];
  let wrong = false;
  for (const file of files) {
    const source = readSource(file);
    // A listing is what one tool prints, and which tool must be said; a layout only has to fit.
    const outcome =
      options.asSaved === true
        ? await saved(source, options.family ?? statedFamily(source), options)
        : await formatted(source, options.family ?? guessFamily(source), options);
    wrong ||= outcome.wrong;
    outcomes.push(outcome.outcome);
  }
  if (options.json === true) await writeOut(`${JSON.stringify({ files: outcomes }, undefined, 2)}\n`);
  return wrong ? 1 : 0;
}

interface FileResult {
  readonly wrong: boolean;
  readonly outcome: Outcome;
}

async function saved(source: SourceText, family: Family, { json }: FmtOptions): Promise<FileResult> {
  const { ruleset, diagnostics } = parseRestore({ ...source, family });
  // The reference tool refuses what it does not know; for `check` that is only a warning.
  const refusals = diagnostics.filter(
    ({ code, severity }) => severity === "error" || code.startsWith("xt/unknown-"),
  );
  const findings = toJson(source, diagnostics);
  if (refusals.length > 0) {
    if (json !== true) complain(source, refusals);
    return { wrong: true, outcome: { file: source.source, findings } };
  }
  if (json === true)
    return {
      wrong: false,
      outcome: { file: source.source, text: [...savedPieces(ruleset)].join(""), findings },
    };
  for (const piece of savedPieces(ruleset)) await writeOut(piece);
  return { wrong: false, outcome: { file: source.source, findings } };
}

async function formatted(
  source: SourceText,
  family: Family,
  { write, check, json }: FmtOptions,
): Promise<FileResult> {
  const { document, diagnostics } = parseDocument({ ...source, family });
  const findings = toJson(source, diagnostics);
  const refusals = unformattable(diagnostics);
  if (refusals.length > 0) {
    if (json !== true) complain(source, refusals);
    return { wrong: true, outcome: { file: source.source, findings } };
  }
  const text = formatDocument(document, family);
  const changed = text !== source.text;
  const outcome: Outcome = { file: source.source, changed, findings, ...(json === true ? { text } : {}) };
  if (json !== true && hasErrors(diagnostics))
    complain(
      source,
      diagnostics.filter(({ severity }) => severity === "error"),
    );
  if (check === true) {
    if (changed && json !== true) await writeOut(`${source.source} is not in canonical layout\n`);
    return { wrong: changed, outcome };
  }
  if (write === true && source.source !== "<stdin>") {
    if (changed) writeAtomically(source.source, text);
  } else if (json !== true) await writeOut(text);
  return { wrong: false, outcome };
}

function complain(source: SourceText, diagnostics: readonly Diagnostic[]): void {
  const reporter = new Reporter(source, isColoured(process.stderr));
  const { shown, hidden } = capAlike(diagnostics, MAX_ALIKE);
  process.stderr.write(shown.map((diagnostic) => reporter.report(diagnostic)).join(""));
  for (const [code, number] of hidden)
    process.stderr.write(
      `${printable(source.source)}: ${number} more ${code}; "postern check --json" lists them all\n`,
    );
}
