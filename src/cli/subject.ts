/** What a person points `check` at: files, or folders of files that are told apart by what is in them. */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { ListingKind } from "../snapshot/index.ts";
import { Failure, systemReason } from "./failure.ts";
import { readSource, type SourceText } from "./input.ts";

export interface Listing extends SourceText {
  /** undefined: not a listing that Postern reads. */
  readonly kind: ListingKind | undefined;
}

/** First lines by which each listing is known, tried in this order. */
const SIGNS: readonly (readonly [ListingKind, RegExp])[] = [
  ["ruleset", /^\*\w+[ \t\r]*$/m],
  ["ipset", /^(create|add) \S+ \S+/m],
  ["addresses", /^\d+: \S+: <[A-Z0-9,_-]*>|^\[\{"ifindex":/m],
  ["routing rules", /^\d+:\s+(not )?from \S+|^\[\{"priority":/m],
  ["conntrack", /^(ipv[46]\s+\d+\s+)?\w+\s+\d+(\s+\d+)?\s.*\bsrc=\S+ dst=\S+/m],
  [
    "routes",
    /^(unicast |local |broadcast |multicast |unreachable |blackhole |prohibit |throw )?(default|[0-9a-fA-F.:]+(\/\d+)?) .*\b(dev|via|proto|metric)\b|^\[\{"(type|dst)":/m,
  ],
  ["sysctl", /^(net|kernel|vm|fs)[./]\S+\s*=/m],
];

/** A file that was named is taken for a ruleset unless it is clearly something else. */
export function readSubject(path: string): readonly Listing[] {
  if (path === "-" || !isFolder(path)) {
    const source = readSource(path);
    const kind = kindOf(source.text);
    if (kind === undefined && /^\ufeff?\s*[[{]/.test(source.text))
      throw new Failure(2, `${source.source} is JSON, and neither a ruleset nor a listing of \`ip -j\``);
    return [{ ...source, kind: kind ?? "ruleset" }];
  }
  const listings = filesOf(path).map((file) => {
    const source = readSource(file);
    return { ...source, kind: kindOf(source.text) };
  });
  if (!listings.some(({ kind }) => kind === "ruleset")) {
    throw new Failure(
      2,
      `${path} holds no ruleset: none of its ${listings.length} files has a line such as "*filter"`,
    );
  }
  return listings;
}

function kindOf(text: string): ListingKind | undefined {
  return SIGNS.find(([, sign]) => sign.test(text))?.[0];
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch (reason) {
    throw new Failure(2, `cannot read "${path}": ${systemReason(reason)}`);
  }
}

/** Files of a folder and of its `rules/`, hidden ones and pages left out. */
function filesOf(path: string): readonly string[] {
  return readdirSync(path, { withFileTypes: true })
    .filter(({ name }) => !name.startsWith(".") && !name.endsWith(".md"))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const file = join(path, entry.name);
      if (entry.isFile()) return [file];
      return entry.isDirectory() && entry.name === "rules" ? filesOf(file) : [];
    });
}
