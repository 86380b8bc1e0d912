/** Each folder: `in.rules`, and beside it what `fmt`, `fmt --as-saved` and the findings look like. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { isColoured, Reporter } from "../../src/cli/report.ts";
import { formatDocument, parseDocument, printSaved, unformattable } from "../../src/syntax/index.ts";

const folders = readdirSync("test/golden", { withFileTypes: true }).filter((entry) => entry.isDirectory());

test.each(folders.map(({ name }) => name))("%s", async (name) => {
  const folder = join("test/golden", name);
  const text = readFileSync(join(folder, "in.rules"), "utf8");
  const { document, ruleset, diagnostics } = parseDocument({ text, source: "in.rules", family: "ipv4" });
  const reporter = new Reporter({ source: "in.rules", text }, isColoured({ isTTY: false }));
  const formatted = unformattable(diagnostics).length > 0 ? "refused\n" : formatDocument(document, "ipv4");
  await expect(formatted).toMatchFileSnapshot(join("..", "..", folder, "formatted.rules"));
  await expect(printSaved(ruleset)).toMatchFileSnapshot(join("..", "..", folder, "printed.rules"));
  await expect(diagnostics.map((each) => reporter.report(each)).join("\n")).toMatchFileSnapshot(
    join("..", "..", folder, "diagnostics.txt"),
  );
});
