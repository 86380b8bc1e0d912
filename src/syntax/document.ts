/**
 * A restore file as a person wrote it: every line with its place, so that layout and comments survive. What the
 * lines mean together is the Ruleset beside it.
 */
import type { TableName } from "../xt/index.ts";
import type { Command } from "./rule-reader.ts";

interface Place {
  /** Offset of the line's first character. */
  readonly start: number;
  /** Offset behind its last character, before the line end. */
  readonly end: number;
}

export type Line = Place &
  (
    | { readonly kind: "blank" }
    | { readonly kind: "comment" }
    | { readonly kind: "table"; readonly table: TableName }
    | {
        readonly kind: "chain";
        readonly chain: string;
        readonly policy: string;
        readonly counters: string | undefined;
      }
    | { readonly kind: "command"; readonly command: Command; readonly counters: string | undefined }
    | { readonly kind: "commit" }
    /** A line that a diagnostic refuses. */
    | { readonly kind: "broken" }
  );

export interface Document {
  readonly source: string;
  readonly text: string;
  readonly lines: readonly Line[];
}
