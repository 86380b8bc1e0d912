/**
 * One line of a restore file as words, quoted as iptables-restore quotes: double quotes group, and inside them a
 * backslash takes the next character as it is. Source: iptables/xshared.c, add_param_to_argv().
 */

/** Words of one line and where each stands; reused from line to line, since there may be 100,000. */
export class Words {
  readonly texts: string[] = [];
  /** Offset of each word's first character in the source; a quoted word starts at its quote. */
  readonly starts: number[] = [];
  readonly ends: number[] = [];
  count = 0;
  /** A quote was opened and never closed. */
  openQuote = false;

  /** Splits `text` between the offsets `from` and `to`. */
  split(text: string, from: number, to: number): void {
    this.count = 0;
    this.openQuote = false;
    let at = from;
    while (at < to) {
      const code = text.charCodeAt(at);
      if (code === 32 || code === 9) {
        at++;
        continue;
      }
      const start = at;
      let quoted = false;
      while (at < to) {
        const next = text.charCodeAt(at);
        if (next === 32 || next === 9) break;
        if (next === 34) {
          quoted = true;
          break;
        }
        at++;
      }
      if (!quoted) this.#push(text.slice(start, at), start, at);
      else at = this.#quoted(text, start, at, to);
    }
  }

  /** A word with a quote at `quote`; `start` is where the word itself starts. */
  #quoted(text: string, start: number, quote: number, to: number): number {
    let word = text.slice(start, quote);
    let open = false;
    let at = quote;
    for (; at < to; at++) {
      const character = text[at] as string;
      if (open && character === "\\" && at + 1 < to) word += text[++at];
      else if (character === '"') {
        open = !open;
        // iptables-restore ends the word at a closing quote, whatever follows.
        if (!open) {
          at++;
          break;
        }
      } else if (!open && (character === " " || character === "\t")) break;
      else word += character;
    }
    if (open) this.openQuote = true;
    this.#push(word, start, at);
    return at;
  }

  #push(word: string, start: number, end: number): void {
    const index = this.count++;
    this.texts[index] = word;
    this.starts[index] = start;
    this.ends[index] = end;
  }
}
