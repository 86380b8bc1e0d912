/** Findings as SARIF 2.1.0 (OASIS), which editors and code hosts read. */
import type { JsonFinding, JsonPlace } from "./json.ts";
import { checkPage } from "./pages.ts";

export function toSarif(findings: readonly JsonFinding[], version: string): object {
  const codes = [...new Set(findings.map(({ code }) => code))].sort();
  return {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: {
            name: "postern",
            version,
            rules: codes.map((code) => {
              const page = checkPage(code) ?? code;
              return {
                id: code,
                shortDescription: { text: summary(page) },
                help: { text: page, markdown: page },
              };
            }),
          },
        },
        columnKind: "utf16CodeUnits",
        results: findings.map((finding) => ({
          ruleId: finding.code,
          ruleIndex: codes.indexOf(finding.code),
          // SARIF's names are the same.
          level: finding.severity,
          message: {
            text: finding.hint === undefined ? finding.message : `${finding.message}\nhint: ${finding.hint}`,
          },
          locations: [location(finding)],
          ...(finding.notes === undefined
            ? {}
            : {
                relatedLocations: finding.notes.map((note) => ({
                  ...location(note),
                  message: { text: note.message },
                })),
              }),
        })),
      },
    ],
  };
}

function location({ file, line, column, endLine, endColumn }: JsonPlace): object {
  const path = file.split("/").map(encodeURIComponent).join("/");
  const uri = path.startsWith("/") ? `file://${path}` : path;
  return {
    physicalLocation: {
      artifactLocation: { uri },
      region: { startLine: line, startColumn: column, endLine, endColumn },
    },
  };
}

/** The first sentence below the page's headings; its lines are wrapped. */
function summary(page: string): string {
  const paragraph = page.split("\n\n").find((block) => block.trim() !== "" && !block.startsWith("#")) ?? page;
  return /^.*?[.:](?=\s|$)/.exec(paragraph.replace(/\s+/g, " ").trim())?.[0] ?? paragraph;
}
