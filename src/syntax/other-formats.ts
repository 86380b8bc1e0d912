/**
 * Files that are no restore file at all, told by what is in them: one finding says so, in place of one for each line.
 * Only texts without a line such as `*filter` are asked.
 */

export interface OtherFormat {
  /** What the file is, to follow "the file is". */
  readonly what: string;
  readonly hint: string;
  /** Where it shows. */
  readonly start: number;
  readonly end: number;
}

const SAVE = "save the rules with iptables-save (or ip6tables-save)";

/** Signs of other formats, tried in this order. */
const SIGNS: readonly (readonly [what: string, sign: RegExp, hint: string])[] = [
  // First bytes of files of each format; bytes that are not UTF-8 are surrogates, as `decodeText` reads them.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the first byte that gzip writes
  ["compressed by gzip", /^\u001f\udc8b/, "unpack it: gzip -dc FILE | postern check -"],
  ["compressed by bzip2", /^BZh\d/, "unpack it: bzip2 -dc FILE | postern check -"],
  ["compressed by xz", /^\udcfd7zXZ/, "unpack it: xz -dc FILE | postern check -"],
  ["compressed by zstd", /^\u0028\udcb5\u002f\udcfd/, "unpack it: zstd -dc FILE | postern check -"],
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what a text has none of
  ["binary, no text", /^\u007fELF|^[^\n]*\u0000[^\n]*\n?[^\n]*\u0000/, "name a file of rules"],
  ["what `iptables -L` prints", /^Chain \S+ \((policy \w+|\d+ references)/m, SAVE],
  ["what `iptables -S` prints", /^(-P [A-Z]+ (ACCEPT|DROP)|-N \S+)[ \t\r]*$/m, SAVE],
  [
    "in the language of nft",
    /^(#!.*\bnft\b|[ \t]*flush ruleset\b|[ \t]*(add )?table (ip|ip6|inet|arp|bridge|netdev) [^\s{]+[ \t]*[{\n])/m,
    `Postern reads the rules of iptables: ${SAVE}`,
  ],
  [
    "a script that calls iptables",
    /^[ \t]*(sudo +)?([\w/$({]*[/})])?ip6?tables(-legacy|-nft)? +-{1,2}[a-zA-Z]/m,
    `run it on a host for trials, and ${SAVE} there`,
  ],
  ["a script", /^#![ \t]*\//, SAVE],
];

export function otherFormat(text: string): OtherFormat | undefined {
  if (/^\*[a-z]/m.test(text)) return undefined;
  for (const [what, sign, hint] of SIGNS) {
    const found = sign.exec(text);
    if (found !== null) {
      const line = text.indexOf("\n", found.index);
      const end = Math.min(line < 0 ? text.length : line, found.index + found[0].length);
      return { what, hint, start: found.index, end: Math.max(end, found.index + 1) };
    }
  }
  return undefined;
}
