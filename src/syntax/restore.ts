/**
 * Reads a restore file and does what its lines say to an empty set of tables, as iptables-restore does. Errors are
 * collected line by line; a line that is wrong changes nothing. Source: iptables/xtables-restore.c,
 * xtables_restore_parse_line(), which Debian's `iptables-restore` runs.
 */
import { byteLength, closest, type Diagnostic } from "../base/index.ts";
import type { Family } from "../net/index.ts";
import { type Counters, isTableName, legality, type Ruleset, TABLE_NAMES } from "../ruleset/index.ts";
import type { Document, Line } from "./document.ts";
import { otherFormat } from "./other-formats.ts";
import { RuleReader } from "./rule-reader.ts";
import { TableBuilder } from "./table-builder.ts";
import { Words } from "./words.ts";

/** iptables-restore reads lines into a buffer of 10,240 bytes; the rest of a longer one becomes a line of its own. */
const LINE_BYTES = 10_238;
/** iptables-restore passes on at most 255 words, its own three included. */
const MAX_WORDS = 251;

/** Characters that word processors and web pages put in place of those that iptables knows. */
const TYPOGRAPHIC = /[\u00a0\u2000-\u200b\u202f\u2010-\u2015\u2212\u2018\u2019\u201c-\u201f]/;
/** What a slip in the spelling of a line yields. */
const SPELLING: ReadonlySet<string> = new Set([
  "syntax/attached-operand",
  "syntax/missing-operand",
  "syntax/no-command",
  "syntax/stray-word",
  "syntax/unknown-option",
]);

export interface RestoreFile {
  readonly ruleset: Ruleset;
  readonly diagnostics: readonly Diagnostic[];
}

/** What may be read as `text`; `source` names it in diagnostics. */
export interface RestoreInput {
  readonly text: string;
  readonly source: string;
  readonly family: Family;
}

/** What the lines of a restore file amount to. */
export function parseRestore(input: RestoreInput): RestoreFile {
  return new RestoreReader(input, () => {}).read();
}

/** As `parseRestore`, with every line kept as it was written. */
export function parseDocument(input: RestoreInput): RestoreFile & { readonly document: Document } {
  const lines: Line[] = [];
  const file = new RestoreReader(input, (line) => lines.push(line)).read();
  return { ...file, document: { source: input.source, text: input.text, lines } };
}

class RestoreReader {
  readonly #text: string;
  readonly #source: string;
  readonly #family: Family;
  readonly #hasNul: boolean;
  readonly #diagnostics: Diagnostic[] = [];
  readonly #words = new Words();
  readonly #rules: RuleReader;
  readonly #hear: (line: Line) => void;
  readonly #tables = new Map<string, TableBuilder>();
  #table: TableBuilder | undefined;

  constructor({ text, source, family }: RestoreInput, hear: (line: Line) => void) {
    this.#hear = hear;
    this.#text = text;
    this.#source = source;
    this.#family = family;
    this.#hasNul = text.includes("\u0000");
    this.#rules = new RuleReader({
      text,
      source,
      family,
      words: this.#words,
      diagnostics: this.#diagnostics,
    });
  }

  read(): RestoreFile {
    const text = this.#text;
    let start = this.#byteOrderMark();
    if (start < text.length && this.#otherFormat()) start = text.length;
    if (text.includes("\r", start)) this.#carriageReturns(start);
    while (start < text.length) {
      let next = text.indexOf("\n", start);
      if (next < 0) next = text.length;
      let end = next;
      while (end > start && text.charCodeAt(end - 1) === 13) end--;
      this.#line(start, end);
      start = next + 1;
    }
    if (this.#table !== undefined) {
      this.#error(
        "syntax/missing-commit",
        `table ${this.#table.name} is not committed`,
        { start: text.length, end: text.length },
        'end the table with a line "COMMIT"',
      );
    }
    const ruleset: Ruleset = {
      family: this.#family,
      tables: new Map(
        TABLE_NAMES.flatMap((name) => {
          const builder = this.#tables.get(name);
          return builder === undefined || builder.untouched ? [] : [[name, builder.table()] as const];
        }),
      ),
    };
    const diagnostics = [...this.#diagnostics, ...legality(ruleset)].sort(
      (a, b) => a.span.start - b.span.start,
    );
    return { ruleset, diagnostics };
  }

  /** @returns where the text itself begins; behind its end if it is in an encoding that no line can be read from. */
  #byteOrderMark(): number {
    const text = this.#text;
    if (text.startsWith("\ufeff")) {
      this.#error(
        "syntax/byte-order-mark",
        "the file begins with a byte order mark, which iptables-restore takes for part of the first line",
        { start: 0, end: 1 },
        '"postern fmt" writes the file without it',
      );
      return 1;
    }
    // The bytes FF FE or FE FF, which are not UTF-8.
    if (!text.startsWith("\udcff\udcfe") && !text.startsWith("\udcfe\udcff")) return 0;
    this.#error(
      "syntax/utf-16",
      "the file is in UTF-16, of which iptables-restore understands no line",
      { start: 0, end: 2 },
      "save it as UTF-8, or convert it: iconv -f UTF-16 -t UTF-8 OLD > NEW",
    );
    return text.length;
  }

  /** @returns whether the file is something else than rules, which one finding then says. */
  #otherFormat(): boolean {
    const other = otherFormat(this.#text);
    if (other === undefined) return false;
    const { what, hint } = other;
    this.#error("syntax/not-rules", `the file is ${what}, which iptables-restore does not load`, other, hint);
    return true;
  }

  /** Only those at the ends of lines: one inside a word is a character like any other. */
  #carriageReturns(from: number): void {
    const text = this.#text;
    const before = text.indexOf("\r\n", from);
    const at = before < 0 && text.endsWith("\r") ? text.length - 1 : before;
    if (at < from) return;
    const broken = text.split("\r\n").length - 1;
    const whole = text.split("\n").length - 1;
    const what =
      broken === whole
        ? "the lines end in CR LF"
        : broken === 0
          ? "the last line ends in CR"
          : `${broken} of ${whole} lines end${broken === 1 ? "s" : ""} in CR LF`;
    this.#error(
      "syntax/carriage-return",
      `${what}, and iptables-restore takes the CR for part of the last word`,
      { start: at, end: at + 1 },
      '"postern fmt" writes the file with plain line ends',
    );
  }

  #error(
    code: Diagnostic["code"],
    message: string,
    { start, end }: { readonly start: number; readonly end: number },
    hint: string,
  ): void {
    this.#diagnostics.push({
      code,
      severity: "error",
      message,
      span: { source: this.#source, start, end },
      hint,
    });
  }

  #line(start: number, end: number): void {
    const text = this.#text;
    const first = text.charCodeAt(start);
    if (end === start) this.#hear({ kind: "blank", start, end });
    else if (this.#isTooLong(first === 35, start, end)) this.#hear({ kind: "broken", start, end });
    else if (first === 35) this.#hear({ kind: "comment", start, end });
    else this.#hear(this.#content(first, start, end));
  }

  #isTooLong(comment: boolean, start: number, end: number): boolean {
    if (end - start <= LINE_BYTES / 3 || byteLength(this.#text.slice(start, end)) <= LINE_BYTES) return false;
    this.#error(
      "syntax/line-too-long",
      `the line has more than ${LINE_BYTES} bytes, and iptables-restore cuts it in two`,
      { start, end: start + 40 },
      comment
        ? 'write the comment in several lines, each with its "#": the rest of a longer one is read as a command'
        : "split the rule, or put its addresses into an ipset",
    );
    return true;
  }

  #content(first: number, start: number, end: number): Line {
    const place = { start, end };
    const broken: Line = { kind: "broken", ...place };
    const table = this.#table;
    const text = this.#text;
    const nul = this.#hasNul ? text.slice(start, end).indexOf("\u0000") : -1;
    if (nul >= 0) {
      this.#error(
        "syntax/nul-byte",
        "the line has a NUL byte, at which iptables-restore stops reading it",
        { start: start + nul, end: start + nul + 1 },
        "remove the byte and see what is lost: the file was damaged, or is no text",
      );
      return broken;
    }
    if (first >= 60 && first <= 62 && /^(<<<<<<<|=======|>>>>>>>)( |$)/.test(text.slice(start, end))) {
      this.#error(
        "syntax/merge-marker",
        "a merge has left its mark here, and one version of the lines around it is too many",
        place,
        "decide which lines are meant, and remove the others and the marks",
      );
      return broken;
    }
    if (table === undefined) {
      if (first === 42) return this.#openTable(start, end) ?? broken;
      const quoted = text.slice(start, Math.min(end, start + 40));
      this.#error(
        "syntax/outside-table",
        `"${quoted}" stands outside any table`,
        place,
        /^\s+[*#]/.test(quoted)
          ? "remove the blanks in front: tables and comments begin in the first column"
          : 'begin the table with a line such as "*filter"; begin a comment with "#" in the first column',
      );
      return broken;
    }
    if (first === 67 && text.slice(start, end) === "COMMIT") {
      this.#table = undefined;
      return { kind: "commit", ...place };
    }
    if (first === 42) {
      this.#error(
        "syntax/missing-commit",
        `table ${table.name} is not committed before "${text.slice(start, end)}" begins`,
        place,
        'write a line "COMMIT" before it',
      );
      this.#table = undefined;
      return this.#openTable(start, end) ?? broken;
    }
    this.#words.split(text, start, end);
    if (this.#words.count > MAX_WORDS) {
      this.#error(
        "syntax/too-many-words",
        `the line has ${this.#words.count} words, and iptables-restore takes ${MAX_WORDS}`,
        place,
        "split the rule in two",
      );
      return broken;
    }
    if (first === 58) return this.#chain(table, start, end) ?? broken;
    return this.#command(table, first, start, end) ?? broken;
  }

  /** Gives the first finding of the current line a better hint, where a mistake shows in the line's words. */
  #explain(at: number): void {
    const finding = this.#diagnostics[at];
    if (finding === undefined || !SPELLING.has(finding.code)) return;
    const { texts, starts, count } = this.#words;
    const word = texts[0] as string;
    if (count === 1 && closest(word, ["COMMIT"]) !== undefined) {
      const hint = word === "COMMIT" ? "write it without blanks around it" : 'did you mean "COMMIT"?';
      this.#diagnostics[at] = { ...finding, hint };
      return;
    }
    for (let index = 0; index < count; index++) {
      const from = starts[index] as number;
      const found = this.#text[from] === '"' ? null : TYPOGRAPHIC.exec(texts[index] as string);
      if (found === null) continue;
      const [character] = found;
      const start = from + found.index;
      this.#diagnostics[at] = {
        ...finding,
        hint: /[\u201c-\u201f\u2018\u2019]/.test(character)
          ? `"${character}" is a typographic quote: write a plain double quote`
          : /[\u2010-\u2015\u2212]/.test(character)
            ? `"${character}" is a typographic dash: write "-", or "--" before a long option`
            : "there is a blank that only looks like a space (as web pages have): write a space",
        span: { ...finding.span, start, end: start + 1 },
      };
      return;
    }
  }

  #openTable(start: number, end: number): Line | undefined {
    const name = this.#text
      .slice(start + 1, end)
      .trim()
      .split(/[ \t]/)[0] as string;
    if (!isTableName(name)) {
      const meant = closest(name, TABLE_NAMES);
      this.#error(
        "syntax/unknown-table",
        `"${name}" is not a table`,
        { start, end },
        `${meant === undefined ? "" : `did you mean "*${meant}"? `}write one of ${TABLE_NAMES.map((each) => `*${each}`).join(", ")}`,
      );
      // Its lines are still read, for their own errors, into a table that is thrown away.
      this.#table = new TableBuilder("filter", { source: this.#source, start, end }, this.#family);
      return undefined;
    }
    const span = { source: this.#source, start, end };
    if (this.#tables.get(name)?.untouched === false) {
      this.#diagnostics.push({
        code: "syntax/table-twice",
        severity: "warning",
        message: `table ${name} begins a second time, and iptables-restore empties it here: nothing is left of what stands above`,
        span,
        hint: "write the table once, with all of its rules (restore with --noflush adds them, and is not meant here)",
      });
    }
    const builder = new TableBuilder(name, span, this.#family);
    this.#tables.set(name, builder);
    this.#table = builder;
    return { kind: "table", table: name, start, end };
  }

  /** Split at blanks behind the colon, quotes being letters like any other, as iptables does it with strtok(3). */
  #chain(table: TableBuilder, start: number, end: number): Line | undefined {
    const words = this.#text
      .slice(start + 1, end)
      .split(/[ \t]+/)
      .filter((word) => word !== "");
    const [chain = "", policy, counters] = words;
    const wrong = table.declare(chain, policy, parseCounters(counters), { source: this.#source, start, end });
    if (wrong === undefined) return { kind: "chain", chain, policy: policy as string, counters, start, end };
    this.#error(wrong.code, wrong.message, { start, end }, wrong.hint);
    return undefined;
  }

  #command(table: TableBuilder, first: number, start: number, end: number): Line | undefined {
    const words = this.#words;
    let counters: string | undefined;
    if (first === 91) {
      const close = this.#text.indexOf("]", start);
      counters = close < 0 || close >= end ? undefined : this.#text.slice(start, close + 1);
      if (counters === undefined || !/^\[[^:\]]+:[^\]]+\]$/.test(counters)) {
        this.#error(
          "syntax/bad-counters",
          `the line begins with "[" but not with [packets:bytes]`,
          { start, end },
          'write "[0:0] -A …", or leave the counters out',
        );
        return undefined;
      }
      words.split(this.#text, close + 1, end);
    }
    if (words.count === 0) {
      this.#error(
        "syntax/no-command",
        "the line has nothing but spaces, which iptables-restore takes for an empty command",
        { start, end },
        "empty it",
      );
      return undefined;
    }
    if (words.openQuote) {
      this.#error(
        "syntax/open-quote",
        "a double quote is opened and never closed",
        { start: words.starts[words.count - 1] as number, end },
        'close it, or write it as \\" inside quotes',
      );
      return undefined;
    }
    const before = this.#diagnostics.length;
    const command = this.#rules.read(table.name, table.isChain, parseCounters(counters));
    if (command === undefined) {
      this.#explain(before);
      return undefined;
    }
    if (command === "other-family") return { kind: "comment", start, end };
    const wrong = table.run(command, { source: this.#source, start, end });
    if (wrong === undefined) return { kind: "command", command, counters, start, end };
    this.#error(
      wrong.code,
      wrong.message,
      wrong.place ?? { start: words.starts[0] as number, end },
      wrong.hint,
    );
    return undefined;
  }
}

/** `[packets:bytes]`; undefined for anything else, which iptables-restore ignores unless it is told `-c`. */
function parseCounters(text: string | undefined): Counters | undefined {
  const found = text === undefined ? null : /^\[(\d+):(\d+)\]$/.exec(text);
  return found === null
    ? undefined
    : { packets: BigInt(found[1] as string), bytes: BigInt(found[2] as string) };
}
