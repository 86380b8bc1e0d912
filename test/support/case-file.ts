/**
 * `.t` files beside the extensions: one case a line, `rule;printed;OK|FAIL[;deviation…]`.
 *
 *     :INPUT,FORWARD,OUTPUT      chains that each following rule is tried in; a name that is no hook is a user chain
 *     *mangle                    table of the following rules (filter until one is named)
 *     %ipv6                      only this family from here; `%` alone: every family of the extension
 *     @ipset create s hash:ip    a command that the real tools need to have been run before
 *     -m mark --mark 1;-m mark --mark 0x1;OK
 *
 * `=` as second field: printed as written. A deviation says where a real tool differs from the case, and why:
 * `legacy FAIL reason`, `nft OK reason`, `both FAIL reason`, or `nft prints TEXT because reason`.
 */
import type { Family } from "../../src/net/index.ts";
import type { TableName } from "../../src/xt/index.ts";

export type Backend = "legacy" | "nft";
export const BACKENDS: readonly Backend[] = ["legacy", "nft"];

export interface Deviation {
  readonly backends: readonly Backend[];
  readonly outcome: "OK" | "FAIL" | { readonly prints: string };
  readonly reason: string;
}

export interface Case {
  readonly line: number;
  readonly table: TableName;
  readonly chains: readonly string[];
  readonly families: readonly Family[];
  readonly rule: string;
  /** As `iptables-save` prints the rule after `-A CHAIN `; meaningless for a refusal. */
  readonly printed: string;
  readonly accepted: boolean;
  readonly deviations: readonly Deviation[];
}

export interface CaseFile {
  /** Commands to run before, as words. */
  readonly setup: readonly (readonly string[])[];
  readonly cases: readonly Case[];
}

export function parseCaseFile(text: string, families: readonly Family[]): CaseFile {
  const setup: string[][] = [];
  const cases: Case[] = [];
  let table: TableName = "filter";
  let chains: readonly string[] = [];
  let only = families;
  for (const [index, line] of text.split("\n").entries()) {
    const rest = line.slice(1);
    if (line === "" || line.startsWith("#")) continue;
    if (line.startsWith(":")) chains = rest.split(",");
    else if (line.startsWith("*")) table = rest as TableName;
    else if (line.startsWith("%")) only = rest === "" ? families : [rest as Family];
    else if (line.startsWith("@")) setup.push(rest.split(" "));
    else cases.push(parseCase(line, index + 1, { table, chains, families: only }));
  }
  return { setup, cases };
}

function parseCase(text: string, line: number, place: Pick<Case, "table" | "chains" | "families">): Case {
  const [rule, printed, outcome, ...deviations] = text.split(";");
  if (rule === undefined || printed === undefined || (outcome !== "OK" && outcome !== "FAIL")) {
    throw new Error(`line ${line}: expected rule;printed;OK|FAIL, found ${JSON.stringify(text)}`);
  }
  return {
    line,
    ...place,
    rule,
    printed: printed === "=" ? rule : printed,
    accepted: outcome === "OK",
    deviations: deviations.map((each) => parseDeviation(each, line)),
  };
}

function parseDeviation(text: string, line: number): Deviation {
  const found = /^(legacy|nft|both) (?:(OK|FAIL) (.+)|prints (.+) because (.+))$/.exec(text);
  if (found === null) throw new Error(`line ${line}: cannot read the deviation ${JSON.stringify(text)}`);
  const [, who, outcome, reason, prints, printsReason] = found;
  return {
    backends: who === "both" ? BACKENDS : [who as Backend],
    outcome: outcome === undefined ? { prints: prints as string } : (outcome as "OK" | "FAIL"),
    reason: (reason ?? printsReason) as string,
  };
}

/** The restore file that tries rules in one chain. */
export function restoreText(table: TableName, chain: string, rules: readonly string[]): string {
  const hook = /^(PREROUTING|INPUT|FORWARD|OUTPUT|POSTROUTING)$/.test(chain);
  return `*${table}\n${hook ? "" : `:${chain} - [0:0]\n`}${rules.map((rule) => `-A ${chain} ${rule}\n`).join("")}COMMIT\n`;
}
