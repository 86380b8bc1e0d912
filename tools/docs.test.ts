/** Pages that must exist, and lists that must be fresh: what the code says it does is written down. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { MATCHES, TARGETS } from "../src/xt/index.ts";
import { openQuestions } from "../test/support/open-questions.ts";
import { extensionIndexes } from "./extension-index.ts";
import { fidelityPage } from "./fidelity.ts";

const headings = (path: string): readonly string[] =>
  readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => line.startsWith("#"));

function codesInSource(): readonly string[] {
  const codes = new Set<string>();
  for (const file of readdirSync("src", { recursive: true, encoding: "utf8" })) {
    if (!file.endsWith(".ts") || file.endsWith(".test.ts")) continue;
    const text = readFileSync(join("src", file), "utf8").replace(/\/\*[\s\S]*?\*\//g, "");
    for (const [, code] of text.matchAll(
      /"((?:case|syntax|xt|ruleset|hoststate|chains|table|policy|log|rule|path|nat|host)\/[a-z0-9-]*[a-z0-9])"/g,
    ))
      codes.add(code as string);
  }
  return [...codes].sort();
}

test("every code has a page under docs/checks with the fixed headings", () => {
  const wrong = codesInSource().filter((code) => {
    const path = `docs/checks/${code.replace("/", "-")}.md`;
    if (!existsSync(path)) return true;
    const found = headings(path);
    return (
      found[0] !== `# ${code}` ||
      !["## What it means", "## What to do"].every((heading) => found.includes(heading))
    );
  });
  expect(wrong).toEqual([]);
});

test("every extension has a page under docs/extensions with the fixed headings", () => {
  const wrong = [...MATCHES, ...TARGETS].filter(({ kind, name }) => {
    const path = `docs/extensions/${kind}-${name.toLowerCase()}.md`;
    if (!existsSync(path)) return true;
    return (
      JSON.stringify(headings(path)) !==
      JSON.stringify([`# ${name} (${kind})`, "## Syntax", "## Meaning", "## Legality", "## Source"])
    );
  });
  expect(wrong.map(({ kind, name }) => `${kind} ${name}`)).toEqual([]);
});

test("the page of every match says whether proofs have it exact", () => {
  const wrong = MATCHES.filter((match) => {
    const page = readFileSync(`docs/extensions/match-${match.name}.md`, "utf8");
    return !page.includes(`\nAll packets: ${openQuestions(match).size === 0 ? "exact" : "bounded"}`);
  });
  expect(wrong.map(({ name }) => name)).toEqual([]);
});

test("the extension lists are what tools/extension-index.ts writes", () => {
  for (const [path, text] of extensionIndexes(".")) expect(readFileSync(path, "utf8"), path).toBe(text);
});

test("docs/fidelity.md has every deviation that the case files name", () => {
  expect(readFileSync("docs/fidelity.md", "utf8")).toBe(
    fidelityPage(readFileSync("docs/fidelity.md", "utf8")),
  );
});

test("every dependency earns its line in docs/dependencies.md", () => {
  const { dependencies, devDependencies } = JSON.parse(readFileSync("package.json", "utf8")) as Record<
    string,
    Record<string, string>
  >;
  const page = readFileSync("docs/dependencies.md", "utf8");
  expect(
    Object.keys({ ...dependencies, ...devDependencies }).filter((name) => !page.includes(`\`${name}\``)),
  ).toEqual([]);
});
