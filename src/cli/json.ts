/** Findings for machines: offsets turned into lines and columns, both from 1, ends exclusive. */
import { type Diagnostic, LineIndex, type Span } from "../base/index.ts";
import type { SourceText } from "./input.ts";

export interface JsonPlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

export interface JsonFinding extends JsonPlace {
  readonly code: string;
  readonly severity: string;
  readonly message: string;
  readonly hint?: string;
  readonly notes?: readonly ({ readonly message: string } & JsonPlace)[];
}

export function toJson(source: SourceText, diagnostics: readonly Diagnostic[]): readonly JsonFinding[] {
  if (diagnostics.length === 0) return [];
  const lines = new LineIndex(source.text);
  const place = ({ start, end }: Span): JsonPlace => {
    const from = lines.position(start);
    const to = lines.position(end);
    return {
      file: source.source,
      line: from.line,
      column: from.column,
      endLine: to.line,
      endColumn: to.column,
    };
  };
  return diagnostics.map(({ code, severity, message, span, hint, notes }) => ({
    ...place(span),
    code,
    severity,
    message,
    ...(hint === undefined ? {} : { hint }),
    ...(notes === undefined
      ? {}
      : { notes: notes.map((note) => ({ message: note.message, ...place(note.span) })) }),
  }));
}
