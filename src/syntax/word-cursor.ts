/** Reading one line word by word: the current word, and the operands behind an option. */
import type { LineFindings } from "./line-findings.ts";
import type { Words } from "./words.ts";

export class WordCursor {
  /** Index of the current word. */
  at = 0;
  readonly words: Words;
  readonly #findings: LineFindings;

  constructor(words: Words, findings: LineFindings) {
    this.words = words;
    this.#findings = findings;
  }

  /** The operand of the option at the current word, moving on to it. `what` names the option in a finding. */
  operand(attached: string | undefined, what: string): string {
    if (attached !== undefined) return attached;
    if (this.at + 1 >= this.words.count)
      this.#findings.abandon(
        this.at,
        "syntax/missing-operand",
        `${what} needs an operand`,
        "write it after the option",
      );
    this.at++;
    return this.words.texts[this.at] as string;
  }

  /** The next word, moving on to it, if it looks like an operand and not like an option or a negation. */
  optionalOperand(): string | undefined {
    const next = this.words.texts[this.at + 1];
    if (this.at + 1 >= this.words.count || next === undefined || next.startsWith("-") || next.startsWith("!"))
      return undefined;
    this.at++;
    return next;
  }

  /**
   * Old iptables wrote the negation between option and operand; what follows is understood, and reported.
   * @returns whether the option is negated; moves on to the operand behind the `!`.
   */
  oldNegation(value: string, invert: boolean): boolean {
    if (value !== "!" || this.at + 1 >= this.words.count) return invert;
    const option = this.words.texts[this.at - 1] as string;
    this.#findings.mended(
      "syntax/old-negation",
      `"${option} !" is the old place of the negation, which iptables 1.8.9 no longer reads`,
      `write "! ${option} ${this.words.texts[this.at + 1]}"; "postern fmt" does it for you`,
      this.#findings.word(this.at),
    );
    this.at++;
    return true;
  }
}
