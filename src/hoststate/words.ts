/**
 * Lines, words and numbers of a listing, with their places, and the collector of what is wrong with them.
 * Every reader of this folder scans with these, so that spans mean the same everywhere.
 */
import type { Diagnostic, Severity } from "../base/index.ts";

/** A piece of the text; `end` is exclusive. `text` may differ from the source: quotes removed, JSON unescaped. */
export interface Word {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** Calls `visit` with the bounds of each line that is not blank, without its `\n` or `\r\n`. */
export function forEachLine(text: string, visit: (start: number, end: number) => void): void {
  for (let start = 0; start < text.length; ) {
    const newline = text.indexOf("\n", start);
    const next = newline < 0 ? text.length : newline;
    let first = start;
    let end = next;
    while (end > first && isBlank(text.charCodeAt(end - 1))) end--;
    while (first < end && isBlank(text.charCodeAt(first))) first++;
    if (first < end) visit(start, end);
    start = next + 1;
  }
}

function isBlank(code: number): boolean {
  return code === 32 || code === 9 || code === 13 || code === 11 || code === 12;
}

/** The words between two offsets, separated by blanks. */
export function wordsBetween(text: string, start: number, end: number): Word[] {
  const words: Word[] = [];
  for (let at = start; at < end; ) {
    while (at < end && isBlank(text.charCodeAt(at))) at++;
    const first = at;
    while (at < end && !isBlank(text.charCodeAt(at))) at++;
    if (at > first) words.push({ text: text.slice(first, at), start: first, end: at });
  }
  return words;
}

/**
 * The words between two offsets as ipset(8) splits a line: `"` only switches quoting on and off, wherever it
 * stands, and nothing escapes it. `closed` is false if the line ends inside quotes.
 */
export function quotedWordsBetween(
  text: string,
  start: number,
  end: number,
): { words: Word[]; closed: boolean } {
  const words: Word[] = [];
  let quoted = false;
  for (let at = start; at < end; ) {
    while (at < end && isBlank(text.charCodeAt(at))) at++;
    const first = at;
    let value = "";
    for (let from = at; ; at++) {
      const code = at < end ? text.charCodeAt(at) : -1;
      if (code === 34) {
        value += text.slice(from, at);
        from = at + 1;
        quoted = !quoted;
      } else if (code === -1 || (!quoted && isBlank(code))) {
        value += text.slice(from, at);
        break;
      }
    }
    if (at > first) words.push({ text: value, start: first, end: at });
  }
  return { words, closed: !quoted };
}

/** Part of a word; only meaningful while its text is the source's. */
export function partOf(word: Word, from: number, to: number = word.text.length): Word {
  return { text: word.text.slice(from, to), start: word.start + from, end: word.start + to };
}

/** Cut for a message: a broken line can be a megabyte. */
export function quote(text: string): string {
  return text.length > 60 ? `\`${text.slice(0, 57)}...\`` : `\`${text}\``;
}

/** A decimal number of at most `max`, no sign. */
export function decimal(text: string, max: number): number | undefined {
  if (text === "" || text.length > 16) return undefined;
  let value = 0;
  for (let at = 0; at < text.length; at++) {
    const digit = text.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  return value <= max ? value : undefined;
}

/** Decimal or, after `0x`, hexadecimal. */
export function integer(text: string, max: number): number | undefined {
  if (!/^0[xX][0-9a-fA-F]{1,12}$/.test(text)) return decimal(text, max);
  const value = Number.parseInt(text, 16);
  return value <= max ? value : undefined;
}

export const UINT32_MAX = 0xffffffff;
const UINT64_MAX = (1n << 64n) - 1n;

/** A counter of 64 bits. */
export function counter(text: string): bigint | undefined {
  const small = decimal(text, Number.MAX_SAFE_INTEGER);
  if (small !== undefined) return BigInt(small);
  if (!/^[0-9]{1,20}$/.test(text)) return undefined;
  const value = BigInt(text);
  return value <= UINT64_MAX ? value : undefined;
}

/** What a reader has found wrong. `errors` counts, so that a reader can ask whether its line is sound. */
export class Findings {
  readonly diagnostics: Diagnostic[] = [];
  errors = 0;
  readonly source: string;

  constructor(source: string) {
    this.source = source;
  }

  #add(severity: Severity, code: Diagnostic["code"], at: Place, message: string, hint: string): undefined {
    const span = { source: this.source, start: at.start, end: at.end };
    this.diagnostics.push({ code, severity, message, span, hint });
    return undefined;
  }

  error(code: Diagnostic["code"], at: Place, message: string, hint: string): undefined {
    this.errors++;
    return this.#add("error", code, at, message, hint);
  }

  warning(code: Diagnostic["code"], at: Place, message: string, hint: string): undefined {
    return this.#add("warning", code, at, message, hint);
  }

  /** An attribute that we do not know, kept verbatim. */
  unknown(code: Diagnostic["code"], at: Place, text: string): undefined {
    return this.#add("note", code, at, `${quote(text)} is not an attribute known here`, UNKNOWN_HINT);
  }
}

interface Place {
  readonly start: number;
  readonly end: number;
}

const UNKNOWN_HINT =
  "kept as it stands and not modelled; check that it does not change what is asked of Postern";
