/** `postern check`: everything that can be said of rules without touching a host. */
import type { Family } from "../../net/index.ts";
import {
  type HostFacts,
  printChainMap,
  type Review,
  reviewAgainstHost,
  reviewRuleset,
  reviewText,
} from "../../review/index.ts";
import type { Ruleset } from "../../ruleset/index.ts";
import { parseRestore } from "../../syntax/index.ts";
import { guessFamily } from "../family.ts";
import { toJson } from "../json.ts";
import { type ListingContent, mergeFacts, readListing } from "../listing.ts";
import { writeOut } from "../output.ts";
import { capAlike, isColoured, printable, Reporter, wrap } from "../report.ts";
import { toSarif } from "../sarif.ts";
import { type Group, type Listing, readSubjects } from "../subject.ts";
import { packageVersion } from "../version.ts";

export interface CheckOptions {
  readonly family?: Family;
  readonly map?: boolean;
  readonly json?: boolean;
  readonly sarif?: boolean;
}

/** Findings of one code in one file that are printed; the others are counted. */
const MAX_ALIKE = 10;

/** One listing and everything found in it. */
interface Checked extends ListingContent {
  readonly listing: Listing;
  readonly rules: { readonly ruleset: Ruleset; readonly review: Review } | undefined;
}

/** @returns the exit code: 1 if there is an error or a warning. */
export async function check(subjects: readonly string[], options: CheckOptions): Promise<number> {
  const checked = readSubjects(subjects).flatMap((group) => checkGroup(group, options));
  const findings = checked.flatMap(({ listing, findings }) => toJson(listing, findings));
  if (options.sarif === true)
    await writeOut(`${JSON.stringify(toSarif(findings, packageVersion()), undefined, 2)}\n`);
  else if (options.json === true)
    await writeOut(
      `${JSON.stringify({ files: checked.map((each) => summaryOf(each, options)), findings }, undefined, 2)}\n`,
    );
  else for (const each of checked) await print(each, options);
  if (options.sarif !== true && options.json !== true)
    await writeOut(`${wrap(verdict(findings, checked), "").join("\n")}\n`);
  return findings.some(({ severity }) => severity !== "note") ? 1 : 0;
}

/** Rulesets last, beside what the host's other listings say; the order of the group stays. */
function checkGroup(group: Group, options: CheckOptions): readonly Checked[] {
  const others = group.map((listing): Checked | undefined =>
    listing.kind === "ruleset" ? undefined : { listing, ...readListing(listing), rules: undefined },
  );
  const facts = mergeFacts(others.flatMap((each) => each?.facts ?? []));
  return group.map((listing, at) => others[at] ?? checkRuleset(listing, facts, options));
}

function checkRuleset(listing: Listing, facts: HostFacts, { family }: CheckOptions): Checked {
  const chosen = family ?? guessFamily(listing);
  const { ruleset, diagnostics } = parseRestore({ ...listing, family: chosen });
  const review = reviewRuleset(ruleset);
  const findings = [
    ...diagnostics,
    ...review.findings,
    ...reviewText(listing, diagnostics),
    ...reviewAgainstHost(ruleset, facts),
  ].sort((a, b) => a.span.start - b.span.start);
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
  await writeOut(`${wrap(`${printable(listing.source)}: ${content}`, "    ").join("\n")}\n`);
  if (rules !== undefined) {
    const { role, because } = rules.review.role;
    await writeOut(`${wrap(`  role: ${role}, ${because}`, "    ").join("\n")}\n`);
    if (map === true) await writeOut(`\n${printChainMap(rules.ruleset)}`);
  }
  const { shown, hidden } = capAlike(findings, MAX_ALIKE);
  for (const finding of shown) await writeOut(`\n${reporter.report(finding)}`);
  for (const [code, number] of hidden)
    await writeOut(`\n${printable(listing.source)}: ${number} more ${code}; --json lists them all\n`);
  if (findings.length > 0) await writeOut("\n");
}

function verdict(findings: readonly { readonly severity: string }[], checked: readonly Checked[]): string {
  const of = (severity: string): number => findings.filter((finding) => finding.severity === severity).length;
  const parts = [count(of("error"), "error"), count(of("warning"), "warning"), count(of("note"), "note")];
  const where = `in ${count(checked.length, "file")}`;
  return findings.length === 0
    ? `Nothing wrong ${where}.`
    : `${parts.join(", ")} ${where}. "postern help CODE" explains each.`;
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}
