/** Matches whose answer depends on what came before, which no listing has: how a trace takes what they remember. */
import { isOpaque } from "../ruleset/index.ts";
import type { RunningRule } from "../sim/index.ts";

/** By match: what is taken of its memory; undefined: with these operands it needs none. */
const TAKEN: Readonly<Record<string, (info: Operands) => string | undefined>> = {
  connbytes: () => "counts what the connection's listing counts, or nothing",
  connlimit: () => "counts the listed connections alone",
  hashlimit: () => "taken with a full bucket",
  limit: () => "taken with a full bucket",
  quota: () => "taken with nothing of its quota used",
  recent: ({ operation, name }) => (operation === "--set" ? undefined : `the list ${name} taken to be empty`),
  statistic: ({ mode }) => (mode === "nth" ? "taken at the start of its count" : undefined),
};

interface Operands {
  readonly operation?: string;
  readonly name?: string;
  readonly mode?: string;
}

/** What is taken of the memory of the matches that a rule asked: all of them, or those up to the one that failed. */
export function memoryTaken(rule: RunningRule, failed: string | undefined): readonly string[] {
  const taken: string[] = [];
  // A header test fails before any match is asked.
  if (failed !== undefined && !failed.startsWith("-m ")) return taken;
  for (const use of rule.source.matches) {
    const name = isOpaque(use) ? use.name : use.extension.name;
    const what = isOpaque(use) ? undefined : TAKEN[name]?.(use.info as Operands);
    if (what !== undefined) taken.push(`-m ${name} of ${rule.table} ${rule.chain} #${rule.index}: ${what}`);
    if (failed === `-m ${name}`) break;
  }
  return taken;
}
