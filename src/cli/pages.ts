/** The pages under `docs/` that explain findings and extensions, shipped with the program. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const DOCS = fileURLToPath(new URL("../../docs", import.meta.url));

/** The page of a finding's code; undefined if there is none. */
export function checkPage(code: string): string | undefined {
  return page(join("checks", `${code.replaceAll("/", "-")}.md`));
}

/** Pages that a person may mean by `topic`: a code, an extension with or without its kind, a general topic. */
export function pagesFor(topic: string): readonly string[] {
  if (!/^[\w/-]+$/.test(topic)) return [];
  const lower = topic.toLowerCase();
  const isTarget = topic !== lower;
  const extension = [page(`extensions/match-${lower}.md`), page(`extensions/target-${lower}.md`)];
  // LOG is the target; but MULTIPORT can only be the match.
  const own = isTarget && extension[1] !== undefined ? extension.slice(1) : extension;
  return [checkPage(lower), ...own, page(`${lower}.md`)].filter((each) => each !== undefined);
}

/** Every topic that has a page, for suggestions. */
export function topics(): readonly string[] {
  const names = (folder: string): readonly string[] =>
    (existsSync(join(DOCS, folder)) ? readdirSync(join(DOCS, folder)) : [])
      .filter((file) => file.endsWith(".md"))
      .map((file) => file.slice(0, -3));
  const extensions = names("extensions").map((name) =>
    name.startsWith("target-") ? name.slice(7).toUpperCase() : name.replace(/^match-/, ""),
  );
  return [...names(""), ...names("checks").map((name) => name.replace("-", "/")), ...extensions];
}

function page(path: string): string | undefined {
  const file = join(DOCS, path);
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}
