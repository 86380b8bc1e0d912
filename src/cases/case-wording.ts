/** What the schema has against a value, in words of the person who wrote it. */
import type { z } from "zod";

const KINDS: Readonly<Record<string, string>> = {
  record: "an object",
  object: "an object",
  array: "a list",
  tuple: "a list of two numbers",
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
};

/** Without "is wanted" around it: "a number from 0 to 255". */
export function issueText(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_type": {
      const kind = KINDS[issue.expected] ?? issue.expected;
      return issue.message.endsWith("undefined") ? `it is missing; ${kind} is wanted` : `${kind} is wanted`;
    }
    case "too_big":
      return issue.origin === "array" ? `at most ${issue.maximum} values` : `at most ${issue.maximum}`;
    case "too_small":
      return issue.origin === "string" ? "it is too short" : `at least ${issue.minimum}`;
    case "not_multiple_of":
      return `a multiple of ${issue.divisor}`;
    case "invalid_value":
      return `one of ${issue.values.map((value) => `"${String(value)}"`).join(", ")}`;
    case "invalid_union": {
      const kinds = issue.errors.flatMap((errors) => errors.map(issueText));
      return [...new Set(kinds)].join(", or ");
    }
    case "invalid_format":
      return issue.format === "datetime" ? "a time in UTC such as 2026-11-02T10:00:00Z" : issue.message;
    default:
      return issue.message;
  }
}
