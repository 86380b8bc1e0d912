/** What a person points `check` at: files, or folders of files that are told apart by what is in them. */
import { readdirSync, type Stats, statSync } from "node:fs";
import { join } from "node:path";
import { encodeText } from "../base/index.ts";
import type { ListingKind } from "../snapshot/index.ts";
import { otherFormat } from "../syntax/index.ts";
import { Failure, systemReason } from "./failure.ts";
import { readSource, type SourceText } from "./input.ts";

export interface Listing extends SourceText {
  /** undefined: not a listing that Postern reads. */
  readonly kind: ListingKind | undefined;
  /** Why it is left aside, if there is more to say than that it is none. */
  readonly aside?: string;
}

/** Listings of one host: a folder's, or those that were named one by one. */
export type Group = readonly Listing[];

/** First lines by which each listing is known, tried in this order. */
const SIGNS: readonly (readonly [ListingKind, RegExp])[] = [
  ["ruleset", /^\*\w+[ \t\r]*$/m],
  ["ipset", /^(create|add) \S+ \S+/m],
  ["addresses", /^\d+: \S+: <[A-Z0-9,_-]*>|^\d+: \S+\s+inet6? |^\[\s*\{\s*"ifindex":/m],
  ["routing rules", /^\d+:\s+(not )?from \S+|^\[\s*\{\s*"priority":/m],
  ["conntrack", /^(ipv[46]\s+\d+\s+)?\w+\s+\d+(\s+\d+)?\s.*\bsrc=\S+ dst=\S+/m],
  [
    "routes",
    /^(unicast |local |broadcast |multicast |unreachable |blackhole |prohibit |throw )?(default|[0-9a-fA-F.:]+(\/\d+)?) .*\b(dev|via|proto|metric)\b|^(unreachable|blackhole|prohibit|throw) (default|[0-9a-fA-F.:]+(\/\d+)?)\s|^\[\s*\{\s*"(type|dst)":/m,
  ],
  ["sysctl", /^(net|kernel|vm|fs)[./]\S+\s*=/m],
  // Rules that have lost the table around them; last, since other listings have signs of their own.
  ["ruleset", /^(\[\d+:\d+\] )?-[AI] [A-Za-z]\S* -|^:\S+ (ACCEPT|DROP|-) \[\d+:\d+\]|^COMMIT[ \t\r]*$/m],
];

/** Names that say that a file holds rules, whatever is in it: `rules.v4`, `x.rules`, `iptables-save.txt`. */
const RULES_NAME = /\.rules6?$|(^|[/._-])rules[._-]?(v[46]|ipv[46])|ip6?tables[._-](save|rules)/i;

/** A file that was named is taken for a ruleset unless it is clearly something else. */
function readNamed(path: string): Listing {
  const source = readSource(path);
  const found = known(source);
  if (found === undefined && /^\ufeff?\s*[[{]/.test(source.text))
    throw new Failure(2, `${source.source} is JSON, and neither a ruleset nor a listing of \`ip -j\``);
  return found ?? { ...source, kind: "ruleset" };
}

function readFolder(path: string): readonly Listing[] {
  const { files, aside } = entriesOf(path);
  const listings = files.map((file): Listing => {
    const source = readSource(file);
    const found = known(source);
    if (found !== undefined) return found;
    if (RULES_NAME.test(file)) return { ...source, kind: "ruleset" };
    const other = otherFormat(source.text);
    return { ...source, kind: undefined, ...(other === undefined ? {} : { aside: other.what }) };
  });
  if (!listings.some(({ kind }) => kind === "ruleset")) {
    const [below] = aside;
    const hint = below === undefined ? "" : `; and ${below.source} is ${below.aside}`;
    throw new Failure(
      2,
      `${path} holds no ruleset: none of its ${listings.length} files has a line such as "*filter"${hint}`,
    );
  }
  return [...listings, ...aside];
}

/** All that was named; standard input once at most, since there is nothing left of it the second time. */
export function readSubjects(paths: readonly string[]): readonly Group[] {
  refuseTwice(paths);
  const named: Listing[] = [];
  const groups: Group[] = [named];
  for (const path of paths) {
    if (path !== "-" && isFolder(path)) groups.push(readFolder(path));
    else named.push(readNamed(path));
  }
  return groups.filter((group) => group.length > 0);
}

export function refuseTwice(paths: readonly string[]): void {
  if (paths.filter((path) => path === "-").length > 1)
    throw new Failure(2, '"-" stands twice, and standard input can be read once');
}

/** The listing that a text is by its signs. A byte order mark hides the first line's, as UTF-16 hides all. */
function known(source: SourceText): Listing | undefined {
  const text = plain(source.text);
  const kind = SIGNS.find(([, sign]) => sign.test(text))?.[0];
  if (kind === undefined) return undefined;
  if (kind !== "ruleset") return { ...source, text, kind };
  // `iptables -S` has rules without tables too, and is none of the files that are loaded.
  return otherFormat(text) === undefined ? { ...source, kind } : undefined;
}

/** The text without its byte order mark, and out of UTF-16. */
function plain(text: string): string {
  if (text.startsWith("\ufeff")) return text.slice(1);
  // Neither 0xff nor 0xfe is ever a byte of UTF-8.
  if (text.isWellFormed()) return text;
  const bytes = encodeText(text);
  const mark = `${bytes[0]} ${bytes[1]}`;
  if (mark === "255 254") return new TextDecoder("utf-16le").decode(bytes);
  return mark === "254 255" ? new TextDecoder("utf-16be").decode(bytes) : text;
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch (reason) {
    throw new Failure(2, `cannot read "${path}": ${systemReason(reason)}`);
  }
}

interface Entries {
  readonly files: readonly string[];
  /** What is not read, with the reason. */
  readonly aside: readonly Listing[];
}

/** Files of a folder and of its `rules/`; hidden ones and pages are left out without a word. */
function entriesOf(path: string): Entries {
  const files: string[] = [];
  const aside: Listing[] = [];
  const leave = (source: string, reason: string): void => {
    aside.push({ source, text: "", kind: undefined, aside: reason });
  };
  const names = readdirSync(path)
    .filter((name) => !name.startsWith(".") && !name.endsWith(".md"))
    .sort();
  for (const name of names) {
    const file = join(path, name);
    const status = statusOf(file);
    if (typeof status === "string") leave(file, `unreadable, ${status}`);
    else if (status.isFile()) files.push(file);
    else if (!status.isDirectory()) leave(file, "no regular file");
    else if (name === "rules") {
      const below = entriesOf(file);
      files.push(...below.files);
      aside.push(...below.aside);
    } else leave(file, "a folder, which is not looked into: name it to check it");
  }
  return { files, aside };
}

/** Of what the name leads to, or why it leads nowhere. */
function statusOf(path: string): Stats | string {
  try {
    return statSync(path);
  } catch (reason) {
    return systemReason(reason);
  }
}
