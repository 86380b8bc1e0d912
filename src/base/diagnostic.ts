import type { Span } from "./span.ts";

export type Severity = "error" | "warning" | "note";

/** Something that a person wrote is wrong. A value, never thrown: readers recover and report all of them. */
export interface Diagnostic {
  /** Stable and documented, `layer/what-is-wrong`: "xt/too-many-ports". */
  readonly code: `${string}/${string}`;
  readonly severity: Severity;
  /** What is wrong, quoting the text. */
  readonly message: string;
  readonly span: Span;
  /** What to type instead. */
  readonly hint?: string;
  /** Other places that matter, such as the rule that comes first. */
  readonly notes?: readonly { readonly message: string; readonly span: Span }[];
}

export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((diagnostic) => diagnostic.severity === "error");
}
