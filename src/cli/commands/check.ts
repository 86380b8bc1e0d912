/** `postern check`: everything that can be said of rules without touching a host. */
import type { Diagnostic } from "../../base/index.ts";
import type { Family } from "../../net/index.ts";
import { printChainMap, type Review, reviewRuleset } from "../../review/index.ts";
import type { Ruleset } from "../../ruleset/index.ts";
import { parseRestore } from "../../syntax/index.ts";
import { guessFamily } from "../family.ts";
import { toJson } from "../json.ts";
import { readListing } from "../listing.ts";
import { writeOut } from "../output.ts";
import { isColoured, printable, Reporter, wrap } from "../report.ts";
import { toSarif } from "../sarif.ts";
import { type Listing, readSubject } from "../subject.ts";
import { packageVersion } from "../version.ts";

export interface CheckOptions {
  readonly family?: Family;
  readonly map?: boolean;
  readonly json?: boolean;
  readonly sarif?: boolean;
}

/** One listing and everything found in it. */
interface Checked {
  readonly listing: Listing;
  /** What was read, in a few words. */
  readonly content: string;
  readonly findings: readonly Diagnostic[];
  readonly rules: { readonly ruleset: Ruleset; readonly review: Review } | undefined;
}

/** @returns the exit code: 1 if there is an error or a warning. */
export async function check(subjects: readonly string[], options: CheckOptions): Promise<number> {
  const checked = subjects.flatMap(readSubject).map((listing) => checkListing(listing, options));
  const findings = checked.flatMap(({ listing, findings }) => toJson(listing, findings));
  if (options.sarif === true)
    await writeOut(`${JSON.stringify(toSarif(findings, packageVersion()), undefined, 2)}\n`);
  else if (options.json === true)
    await writeOut(
      `${JSON.stringify({ files: checked.map((each) => summaryOf(each, options)), findings }, undefined, 2)}\n`,
    );
  else for (const each of checked) await print(each, options);
  if (options.sarif !== true && options.json !== true) await writeOut(`${verdict(findings, checked)}\n`);
  return findings.some(({ severity }) => severity !== "note") ? 1 : 0;
}

function checkListing(listing: Listing, { family }: CheckOptions): Checked {
  if (listing.kind !== "ruleset") return { listing, ...readListing(listing), rules: undefined };
  const chosen = family ?? guessFamily(listing);
  const { ruleset, diagnostics } = parseRestore({ ...listing, family: chosen });
  const review = reviewRuleset(ruleset);
  const findings = [...diagnostics, ...review.findings].sort((a, b) => a.span.start - b.span.start);
  return { listing, content: `${chosen}, ${extent(ruleset)}`, findings, rules: { ruleset, review } };
}

function extent({ tables }: Ruleset): string {
  const chains = [...tables.values()].flatMap((table) => [...table.chains.values()]);
  const rules = chains.reduce((sum, chain) => sum + chain.rules.length, 0);
  return `${count(rules, "rule")} in ${count(chains.length, "chain")} of ${[...tables.keys()].join(", ") || "no table"}`;
}

function summaryOf({ listing, content, rules }: Checked, { map }: CheckOptions): object {
  return {
    file: listing.source,
    kind: listing.kind ?? "unknown",
    content,
    ...(rules === undefined ? {} : { family: rules.ruleset.family, role: rules.review.role }),
    ...(rules === undefined || map !== true ? {} : { chainMap: printChainMap(rules.ruleset).split("\n") }),
  };
}

async function print({ listing, content, findings, rules }: Checked, { map }: CheckOptions): Promise<void> {
  const reporter = new Reporter(listing, isColoured(process.stdout));
  await writeOut(`${printable(listing.source)}: ${content}\n`);
  if (rules !== undefined) {
    const { role, because } = rules.review.role;
    await writeOut(`${wrap(`  role: ${role}, ${because}`, "    ").join("\n")}\n`);
    if (map === true) await writeOut(`\n${printChainMap(rules.ruleset)}`);
  }
  for (const finding of findings) await writeOut(`\n${reporter.report(finding)}`);
  if (findings.length > 0) await writeOut("\n");
}

function verdict(findings: readonly { readonly severity: string }[], checked: readonly Checked[]): string {
  const of = (severity: string): number => findings.filter((finding) => finding.severity === severity).length;
  const parts = [count(of("error"), "error"), count(of("warning"), "warning"), count(of("note"), "note")];
  const where = `in ${count(checked.length, "file")}`;
  return findings.length === 0
    ? `Nothing wrong ${where}.`
    : `${parts.join(", ")} ${where}. "postern help CODE" explains a finding.`;
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}
