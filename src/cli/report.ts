/** Findings as text for a terminal: place, code, what is wrong, the line itself, and what to type instead. */
import { type Diagnostic, LineIndex, readableText, type Severity } from "../base/index.ts";
import type { SourceText } from "./input.ts";

const WIDTH = 80;
const COLOURS: Readonly<Record<Severity, number>> = { error: 31, warning: 33, note: 36 };

/** Whether to colour what goes to `stream`: only on a terminal, and not where NO_COLOR is set. */
export function isColoured(stream: { readonly isTTY?: boolean }): boolean {
  return stream.isTTY === true && (process.env.NO_COLOR ?? "") === "" && process.env.TERM !== "dumb";
}

/** Prints findings of one text; the index of its lines is built once. */
export class Reporter {
  readonly #source: SourceText;
  readonly #lines: LineIndex;
  readonly #colour: boolean;

  constructor(source: SourceText, colour: boolean) {
    this.#source = source;
    this.#lines = new LineIndex(source.text);
    this.#colour = colour;
  }

  report({ code, severity, message, span, hint, notes }: Diagnostic): string {
    const lines = [
      ...wrap(
        `${this.#place(span.start)}: ${this.#paint(severity, COLOURS[severity])} ${code}: ${printable(message)}`,
        "    ",
      ),
      ...this.#quote(span.start, span.end),
    ];
    for (const note of notes ?? [])
      lines.push(...wrap(`  ${this.#place(note.span.start)}: ${printable(note.message)}`, "    "));
    if (hint !== undefined) lines.push(...wrap(`  hint: ${printable(hint)}`, "        "));
    return `${lines.join("\n")}\n`;
  }

  #place(offset: number): string {
    const { line, column } = this.#lines.position(offset);
    return this.#paint(`${printable(this.#source.source)}:${line}:${column}`, 1);
  }

  #paint(text: string, colour: number): string {
    return this.#colour ? `\u001b[${colour}m${text}\u001b[0m` : text;
  }

  /** The line, cut around what is marked, with a mark under it. */
  #quote(start: number, end: number): readonly string[] {
    const { text } = this.#source;
    const lineStart = text.lastIndexOf("\n", start - 1) + 1;
    const newline = text.indexOf("\n", start);
    const line = printable(text.slice(lineStart, newline < 0 ? text.length : newline));
    const column = start - lineStart;
    const room = WIDTH - 4;
    const from = column <= room - 20 || line.length <= room ? 0 : column - 20;
    const shown = line.slice(from, from + room);
    if (shown.trim() === "") return [];
    const marked = Math.max(1, Math.min(end - start, shown.length - (column - from)));
    // A mark under everything says nothing.
    if (marked >= shown.trim().length) return [`    ${shown}`];
    return [`    ${shown}`, `    ${" ".repeat(column - from)}${this.#paint("^".repeat(marked), 32)}`];
  }
}

/** At most `most` findings of each code, and how many more there are by code: one cause may show in every line. */
export function capAlike(
  findings: readonly Diagnostic[],
  most: number,
): { readonly shown: readonly Diagnostic[]; readonly hidden: ReadonlyMap<string, number> } {
  const counts = new Map<string, number>();
  const hidden = new Map<string, number>();
  const shown = findings.filter(({ code }) => {
    const number = (counts.get(code) ?? 0) + 1;
    counts.set(code, number);
    if (number > most) hidden.set(code, number - most);
    return number <= most;
  });
  return { shown, hidden };
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is being replaced
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** Control characters must not reach a terminal: they could hide what a file says. */
export function printable(text: string): string {
  return readableText(text).replace(UNPRINTABLE, (character) => (character === "\t" ? " " : "\u00b7"));
}

/** Lines of at most 80 columns where words allow, the first behind the text's own indent, the others behind `indent`. */
export function wrap(text: string, indent: string): readonly string[] {
  const [first, ...words] = text.trimStart().split(" ");
  const lines: string[] = [];
  let line = text.slice(0, text.length - text.trimStart().length) + first;
  for (const word of words) {
    if (visible(line) + 1 + visible(word) <= WIDTH) line += ` ${word}`;
    else {
      lines.push(line);
      line = indent + word;
    }
  }
  return [...lines, line];
}

/** Each line of a text wrapped; what is indented stays as it is, since it may have a mark under it. */
export function wrapLines(text: string): string {
  return text
    .split("\n")
    .flatMap((line) => (line.startsWith(" ") ? [line] : wrap(line, "    ")))
    .join("\n");
}

/** Length without colour codes. */
function visible(text: string): number {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape that begins a colour code
  return text.replace(/\u001b\[\d+m/g, "").length;
}
