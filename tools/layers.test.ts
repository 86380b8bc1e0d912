/**
 * Imports go only downwards: a folder may import from folders on lower lines of LAYERS and from itself, never from
 * its own line or above. One package has no other wall between its rooms.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { expect, test } from "vitest";

/** Lowest first; folders of one line do not know each other. */
const LAYERS: readonly (readonly string[])[] = [
  ["base"],
  ["net"],
  ["pktset", "hoststate"],
  ["xt"],
  ["ruleset"],
  ["syntax", "sim", "reach"],
  ["policy", "cases", "snapshot"],
  ["matrix", "query", "replay", "review", "trace"],
  ["host", "lab", "ledger"],
  ["change", "watch"],
  ["cli", "server"],
];

/** Folders that compute and touch nothing: no files, processes, clock or chance. */
const PURE = LAYERS.slice(0, 8).flat();
const IMPURE_MODULE = /^node:(fs|child_process|net|dgram|http|https|os|process|worker_threads)/;
const IMPURE_CALL =
  /\b(Date\.now|Math\.random|new Date\(\)|process\.(env|argv|stdout|stderr|exit)|performance\.now)\b/;

const levelOf = (folder: string): number => LAYERS.findIndex((line) => line.includes(folder));

function sources(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => join(folder, file));
}

const folders = readdirSync("src", { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && readdirSync(join("src", entry.name)).length > 0)
  .map(({ name }) => name);

test("every folder of src has a place in the layers", () => {
  expect(folders.filter((folder) => levelOf(folder) < 0)).toEqual([]);
});

test("imports go downwards only", () => {
  const wrong: string[] = [];
  for (const folder of folders) {
    for (const file of sources(join("src", folder))) {
      const isTest = file.endsWith(".test.ts");
      for (const [, specifier] of readFileSync(file, "utf8").matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)) {
        if (specifier === undefined || !specifier.startsWith(".")) continue;
        const target = relative("src", resolve(dirname(file), specifier)).split("/")[0] as string;
        if (target === folder || target.startsWith("..")) continue;
        if (!isTest && levelOf(target) >= levelOf(folder))
          wrong.push(`${file} imports ${specifier}: ${target} is not below ${folder}`);
      }
    }
  }
  expect(wrong).toEqual([]);
});

test("layers that compute touch no files, processes, clock or chance", () => {
  const wrong: string[] = [];
  for (const folder of folders.filter((each) => PURE.includes(each))) {
    for (const file of sources(join("src", folder)).filter((each) => !each.endsWith(".test.ts"))) {
      const text = readFileSync(file, "utf8");
      for (const [, specifier] of text.matchAll(/from "([^"]+)"/g))
        if (IMPURE_MODULE.test(specifier ?? "")) wrong.push(`${file} imports ${specifier}`);
      const call = IMPURE_CALL.exec(text.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, ""));
      if (call !== null) wrong.push(`${file} uses ${call[0]}`);
    }
  }
  expect(wrong).toEqual([]);
});

test("each folder's index.ts says what the folder is for", () => {
  const silent = folders
    .filter((folder) => folder !== "cli")
    .filter((folder) => {
      const index = join("src", folder, "index.ts");
      return !existsSync(index) || !/^\/\*\*\n \* \S/.test(readFileSync(index, "utf8"));
    });
  expect(silent).toEqual([]);
});

test("no file has grown past 800 lines", () => {
  const long = folders
    .flatMap((folder) => sources(join("src", folder)))
    .filter((file) => readFileSync(file, "utf8").split("\n").length > 800);
  expect(long).toEqual([]);
});
