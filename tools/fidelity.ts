/**
 * Writes the list of deviations into `docs/fidelity.md`: every place where a `.t` case says that a real tool differs
 * from Postern, with the reason. The conformance suite proves each of them on the tools.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { MATCHES, TARGETS } from "../src/xt/index.ts";
import { type Case, type Deviation, parseCaseFile } from "../test/support/case-file.ts";

const BEGIN = "<!-- deviations: written by tools/fidelity.ts -->";
const END = "<!-- end of deviations -->";

/** The page with its list brought up to date; the rest stays as it is. */
export function fidelityPage(page: string): string {
  const before = page.slice(0, page.indexOf(BEGIN) + BEGIN.length);
  const after = page.slice(page.indexOf(END));
  return `${before}\n\n${deviationTable()}\n${after}`;
}

function deviationTable(): string {
  const rows = [...MATCHES, ...TARGETS].flatMap(({ kind, name, families }) => {
    const path = `src/xt/${kind === "match" ? "matches" : "targets"}/${name.toLowerCase()}.t`;
    if (!existsSync(path)) return [];
    const { cases } = parseCaseFile(readFileSync(path, "utf8"), families);
    return cases.flatMap((each) => each.deviations.map((deviation) => row(name, each, deviation)));
  });
  return [
    "| extension | rule | Postern | tool | the tool | why |",
    "|---|---|---|---|---|---|",
    ...new Set(rows),
    "",
  ].join("\n");
}

function row(
  name: string,
  { rule, accepted, printed }: Case,
  { backends, outcome, reason }: Deviation,
): string {
  const own = accepted ? (printed === rule ? "accepts" : `prints \`${printed}\``) : "refuses";
  const theirs =
    outcome === "OK" ? "accepts" : outcome === "FAIL" ? "refuses" : `prints \`${outcome.prints}\``;
  return `| ${[name, `\`${rule}\``, own, backends.join(" and "), theirs, reason].map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  writeFileSync("docs/fidelity.md", fidelityPage(readFileSync("docs/fidelity.md", "utf8")));
}
