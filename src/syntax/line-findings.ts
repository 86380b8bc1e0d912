/** What is wrong with one line: findings at its words, and the way out of a line that cannot be understood. */
import type { Diagnostic } from "../base/index.ts";
import type { Refusal } from "../xt/index.ts";
import type { Words } from "./words.ts";

export interface Place {
  readonly start: number;
  readonly end: number;
}

/** Thrown to leave a line whose rest cannot be understood; caught by the reader of lines. */
export const ABANDON = Symbol("abandon the line");

export class LineFindings {
  /** Something on the current line is wrong, so that it must not take effect. */
  failed = false;
  readonly #source: string;
  readonly #words: Words;
  readonly #diagnostics: Diagnostic[];

  constructor(source: string, words: Words, diagnostics: Diagnostic[]) {
    this.#source = source;
    this.#words = words;
    this.#diagnostics = diagnostics;
  }

  /** The place of one word; of the last if there are fewer. */
  word(index: number): Place {
    const at = Math.min(index, this.#words.count - 1);
    return { start: this.#words.starts[at] as number, end: this.#words.ends[at] as number };
  }

  /** The place of all words. */
  line(): Place {
    return { start: this.#words.starts[0] as number, end: this.#words.ends[this.#words.count - 1] as number };
  }

  error(code: Diagnostic["code"], message: string, hint: string | undefined, place: Place): void {
    this.failed = true;
    this.#push(code, "error", message, hint, place);
  }

  /** An error in spelling alone: reported, and the line is understood all the same. */
  mended(code: Diagnostic["code"], message: string, hint: string, place: Place): void {
    this.#push(code, "error", message, hint, place);
  }

  warning(code: Diagnostic["code"], message: string, hint: string, place: Place): void {
    this.#push(code, "warning", message, hint, place);
  }

  refused({ code, message, hint }: Refusal, place: Place, prefix: string): void {
    this.error(code, prefix + message, hint, place);
  }

  /** An error after which the rest of the line means nothing. */
  abandon(index: number, code: Diagnostic["code"], message: string, hint: string): never {
    this.error(code, message, hint, this.word(index));
    throw ABANDON;
  }

  #push(
    code: Diagnostic["code"],
    severity: Diagnostic["severity"],
    message: string,
    hint: string | undefined,
    { start, end }: Place,
  ): void {
    const span = { source: this.#source, start, end };
    this.#diagnostics.push({ code, severity, message, span, ...(hint === undefined ? {} : { hint }) });
  }
}
