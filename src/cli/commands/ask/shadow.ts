/** `postern ask shadow`: rules that no packet gets to, and rules that could go. */
import type { Family } from "../../../net/index.ts";
import { type RulePlace, type ShadowFinding, shadowedRules } from "../../../query/index.ts";
import { writeOut } from "../../output.ts";
import { wrap } from "../../report.ts";
import { type AskedRuleset, readAsked, tableOfChain } from "./asked-ruleset.ts";

export interface ShadowOptions {
  readonly chain?: string;
  readonly family?: Family;
  readonly json?: boolean;
}

/** Causes beyond which a person gets only their number. */
const MAX_CAUSES = 6;

/** @returns the exit code: 1 if there are findings. */
export async function askShadow(path: string, { chain, family, json }: ShadowOptions): Promise<number> {
  const asked = readAsked(path, family);
  if (chain !== undefined) tableOfChain(asked, chain);
  const { rules, findings } = shadowedRules(asked.ruleset, asked.context, chain);
  if (json === true) {
    const answer = { rules, findings: findings.map((finding) => findingJson(finding, asked)) };
    await writeOut(`${JSON.stringify(answer, undefined, 1)}\n`);
  } else await writeOut(shadowText(rules, findings, asked));
  return findings.length > 0 ? 1 : 0;
}

const placeJson = ({ table, chain, index }: RulePlace): object => ({ table, chain, index });

function findingJson(finding: ShadowFinding, asked: AskedRuleset): object {
  return {
    ...placeJson(finding),
    kind: finding.kind,
    by: finding.by.map(placeJson),
    exact: finding.exact,
    why: finding.why,
    line: asked.lineOf(finding.rule.span),
    text: asked.textOf(finding.rule),
  };
}

function shadowText(rules: number, findings: readonly ShadowFinding[], asked: AskedRuleset): string {
  if (findings.length === 0) return `Packets get to each of the ${rules} rules, and none of them could go.\n`;
  const lines: string[] = [];
  for (const finding of findings) {
    lines.push(...wrap(`${ruleText(finding, asked)}`, "    "));
    for (const cause of causesText(finding, asked)) lines.push(...wrap(`  ${cause}`, "      "));
  }
  const unreachable = findings.filter(({ kind }) => kind === "unreachable").length;
  lines.push(
    "",
    `${rules} rules: ${unreachable} unreachable, ${findings.length - unreachable} redundant (each by itself).`,
  );
  return `${lines.join("\n")}\n`;
}

const ruleText = ({ rule }: RulePlace, { source, lineOf, textOf }: AskedRuleset): string =>
  `${source}:${lineOf(rule.span)}: ${textOf(rule)}`;

function causesText(finding: ShadowFinding, asked: AskedRuleset): readonly string[] {
  const { kind, by, why, table, chain } = finding;
  const said = kind === "unreachable" ? "unreachable: " : "redundant: ";
  if (by.length === 0) return [said + withoutRules(why, asked.ruleset.tables.get(table)?.chains.get(chain))];
  const shown = by.slice(0, MAX_CAUSES).map((each) => `by ${ruleText(each, asked)}`);
  const rest = by.length - shown.length;
  return [
    said +
      (kind === "unreachable" ? "its packets do not come so far" : "its packets end the same way without it"),
    ...shown,
    ...(rest > 0 ? [`and by ${rest} more`] : []),
  ];
}

function withoutRules(
  why: ShadowFinding["why"],
  chain: { readonly name: string; readonly policy: string | undefined } | undefined,
): string {
  switch (why) {
    case "no-caller":
      return `nothing leads to chain ${chain?.name}`;
    case "end":
      return chain?.policy === undefined
        ? `the end of chain ${chain?.name} does the same`
        : `the policy ${chain.policy} of ${chain.name} does the same`;
    default:
      return "it matches no packet";
  }
}
