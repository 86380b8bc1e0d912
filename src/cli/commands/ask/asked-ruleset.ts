/** The rules that a question is asked of, read from one file; places in it by line. */
import { hasErrors, LineIndex, type Span } from "../../../base/index.ts";
import type { Family } from "../../../net/index.ts";
import { rulesOnly } from "../../../reach/index.ts";
import type { Rule, Ruleset, Table } from "../../../ruleset/index.ts";
import { parseRestore } from "../../../syntax/index.ts";
import type { SymbolicContext } from "../../../xt/index.ts";
import { Failure } from "../../failure.ts";
import { guessFamily } from "../../family.ts";
import { readSource } from "../../input.ts";
import { isColoured, Reporter } from "../../report.ts";

export interface AskedRuleset {
  readonly source: string;
  readonly ruleset: Ruleset;
  readonly context: SymbolicContext;
  /** A rule's text as its file has it. */
  textOf(rule: Rule): string;
  /** From 1. */
  lineOf(span: Span): number;
}

/** Reads a restore file; one with errors is refused with all of them. */
export function readAsked(path: string, family: Family | undefined): AskedRuleset {
  const source = readSource(path);
  const { ruleset, diagnostics } = parseRestore({ ...source, family: family ?? guessFamily(source) });
  if (hasErrors(diagnostics)) {
    const reporter = new Reporter(source, isColoured(process.stderr));
    for (const diagnostic of diagnostics)
      if (diagnostic.severity === "error") process.stderr.write(reporter.report(diagnostic));
    throw new Failure(2, `nothing was asked: ${path} has errors`);
  }
  if (ruleset.tables.size === 0)
    throw new Failure(2, `${path} holds no rules: it has no line such as "*filter"`);
  const lines = new LineIndex(source.text);
  return {
    source: source.source,
    ruleset,
    context: rulesOnly(ruleset.family, "nft"),
    textOf: ({ span }) => source.text.slice(span.start, span.end),
    lineOf: ({ start }) => lines.position(start).line,
  };
}

/** The table that has a chain of this name: filter before others. */
export function tableOfChain({ ruleset, source }: AskedRuleset, chain: string): Table {
  const filter = ruleset.tables.get("filter");
  const table = filter?.chains.has(chain)
    ? filter
    : [...ruleset.tables.values()].find(({ chains }) => chains.has(chain));
  if (table !== undefined) return table;
  const names = [...ruleset.tables.values()].flatMap(({ chains }) => [...chains.keys()]);
  throw new Failure(
    2,
    `${source} has no chain "${chain}"; it has ${[...new Set(names)].slice(0, 12).join(", ")}${names.length > 12 ? ", …" : ""}`,
  );
}
