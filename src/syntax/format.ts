/** Canonical layout of a restore file: every rule as the kernel would list it, comments and order kept. */
import type { Diagnostic } from "../base/index.ts";
import type { Family } from "../net/index.ts";
import type { AddressTest } from "../ruleset/index.ts";
import type { Document, Line } from "./document.ts";
import { printMaskedAddress, printRule } from "./print.ts";
import type { Command } from "./rule-reader.ts";

/** Errors that formatting itself mends. */
const MENDED: ReadonlySet<string> = new Set([
  "syntax/old-negation",
  "syntax/carriage-return",
  "syntax/byte-order-mark",
]);

/** Errors that leave a line without meaning, so that the file cannot be laid out again. */
export function unformattable(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return diagnostics.filter(
    ({ severity, code }) =>
      (severity === "error" && code.startsWith("syntax/") && !MENDED.has(code)) ||
      (severity === "error" && code.startsWith("xt/")),
  );
}

/** One blank line at most in a row, one between tables, none at the ends; a newline ends the text. */
export function formatDocument(document: Document, family: Family): string {
  const lines: string[] = [];
  let afterCommit = false;
  for (const line of document.lines) {
    const text = formatLine(line, document.text, family);
    if (text === "") {
      if (lines.length > 0 && lines.at(-1) !== "") lines.push("");
      continue;
    }
    if (afterCommit && lines.at(-1) !== "") lines.push("");
    afterCommit = line.kind === "commit";
    lines.push(text);
  }
  while (lines.at(-1) === "") lines.pop();
  return lines.length === 0 ? "" : `${lines.join("\n")}\n`;
}

function formatLine(line: Line, text: string, family: Family): string {
  switch (line.kind) {
    case "blank":
      return "";
    case "comment":
    case "broken":
      return text.slice(line.start, line.end).trimEnd();
    case "table":
      return `*${line.table}`;
    case "chain":
      return `:${line.chain} ${line.policy} ${line.counters ?? "[0:0]"}`;
    case "commit":
      return "COMMIT";
    case "command":
      return (line.counters === undefined ? "" : `${line.counters} `) + formatCommand(line.command, family);
  }
}

function formatCommand(command: Command, family: Family): string {
  const { letter, chain, position, newName, policy, rules, sourceCount } = command;
  const words = [`-${letter}`, chain, position, newName, policy]
    .filter((word) => word !== undefined)
    .join(" ");
  const [first] = rules;
  if (first === undefined) return words;
  if (rules.length === 1) return words + printRule(first, { family });
  // Several rules stand here for lists of addresses: the lists are written again.
  const destinationCount = rules.length / sourceCount;
  const sources = rules
    .filter((_, index) => index % destinationCount === 0)
    .map(({ header }) => header.source);
  const destinations = rules.slice(0, destinationCount).map(({ header }) => header.destination);
  const header = { ...first.header, source: undefined, destination: undefined };
  const rest = printRule({ ...first, header }, { family });
  return words + formatList("-s", sources, family) + formatList("-d", destinations, family) + rest;
}

function formatList(option: string, tests: readonly (AddressTest | undefined)[], family: Family): string {
  if (tests.length === 1 && tests[0] === undefined) return "";
  const any = family === "ipv4" ? "0.0.0.0/0" : "::/0";
  const texts = tests.map((test) => (test === undefined ? any : printMaskedAddress(test.address, test.mask)));
  return ` ${option} ${texts.join(",")}`;
}
