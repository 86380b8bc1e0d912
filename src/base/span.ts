/**
 * A stretch of one source text. Offsets are UTF-16 code units; `end` is exclusive.
 * `source` names the text as a person knows it: a file name, or `<stdin>`.
 */
export interface Span {
  readonly source: string;
  readonly start: number;
  readonly end: number;
}

/** A place a person can find: line and column, both counted from 1; columns in UTF-16 code units. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Offsets of one text turned into lines and columns; built once per text, O(log lines) a question. */
export class LineIndex {
  readonly #starts: number[] = [0];

  constructor(text: string) {
    for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) this.#starts.push(at + 1);
  }

  position(offset: number): Position {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#starts[middle] as number) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (this.#starts[low] as number) + 1 };
  }
}
