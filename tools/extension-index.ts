/**
 * Writes `src/xt/matches/index.ts` and `src/xt/targets/index.ts`: sorted lists of what the folders define. Run after
 * adding an extension; a test fails while the lists are stale. Lists are code and not a scan at start-up, so that
 * nothing registers itself and a missing file does not compile.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const KINDS = [
  { folder: "src/xt/matches", define: "defineMatch", list: "MATCHES", type: "AnyMatch", what: "match" },
  { folder: "src/xt/targets", define: "defineTarget", list: "TARGETS", type: "AnyTarget", what: "target" },
] as const;

/** The text of each index file, by path. */
export function extensionIndexes(root: string): ReadonlyMap<string, string> {
  return new Map(
    KINDS.map(({ folder, define, list, type, what }) => {
      const imports: string[] = [];
      const names: string[] = [];
      for (const file of readdirSync(join(root, folder)).sort()) {
        if (!file.endsWith(".ts") || file.endsWith(".test.ts") || file === "index.ts") continue;
        const source = readFileSync(join(root, folder, file), "utf8");
        const name = new RegExp(`^export const (\\w+) = ${define}\\(`, "m").exec(source)?.[1];
        if (name === undefined) throw new Error(`${folder}/${file} exports no ${define}(…)`);
        imports.push(`import { ${name} } from "./${file}";`);
        names.push(`  ${name},`);
      }
      const text = [
        `/** Every ${what} that Postern knows, in the order of their names. Written by tools/extension-index.ts. */`,
        `import type { ${type} } from "../contract.ts";`,
        ...imports,
        "",
        "// biome-ignore format: one line a file, however few",
        `export const ${list}: readonly ${type}[] = [`,
        ...names,
        "];",
        "",
      ].join("\n");
      return [`${folder}/index.ts`, text] as const;
    }),
  );
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  for (const [path, text] of extensionIndexes(".")) writeFileSync(path, text);
}
