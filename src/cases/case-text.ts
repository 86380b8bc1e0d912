/** A case as it was written: findings in it at their place. */
import type { Diagnostic } from "../base/index.ts";
import { type JsonFault, type JsonNode, readJsonText } from "../hoststate/index.ts";

/** Without `json` every place is the beginning. */
export interface CaseText {
  readonly source: string;
  readonly json?: string | undefined;
}

/** The finding that a field does not hold what it should. */
export function badField(
  { source, json = "" }: CaseText,
  path: readonly PropertyKey[],
  message: string,
): Diagnostic {
  const field = path.map((part) => (typeof part === "number" ? `[${part}]` : `.${String(part)}`)).join("");
  return {
    code: "case/bad-field",
    severity: "error",
    message: `${shortened(field.replace(/^\./, "")) || "the case"}: ${message}`,
    span: { source, ...placeOf(json, path) },
    hint: 'see "postern help case" for the fields of a case',
  };
}

const LONGEST = 60;

export const shortened = (text: string): string =>
  text.length <= LONGEST ? text : `${text.slice(0, LONGEST - 3)}...`;

/** Why a text is not JSON, told by what it looks like. */
export function notJson({ source, json = "" }: CaseText, fault: JsonFault): Diagnostic {
  const { start, end } = fault;
  const [message, hint] = likelyFault(json, fault);
  return { code: "case/bad-json", severity: "error", message, span: { source, start, end }, hint };
}

function likelyFault(json: string, { start, tooDeep }: JsonFault): readonly [string, string] {
  const blank = json.trim() === "";
  if (blank) return ["the file is empty", 'see "postern help case" for what a case holds'];
  if (json.startsWith("\ufeff"))
    return [
      "the file begins with a byte order mark, which JSON does not allow",
      "save it as UTF-8 without the mark",
    ];
  if (json.includes("\0"))
    return ["this is not text in UTF-8: it holds NUL bytes", "save it as UTF-8, not as UTF-16"];
  if (/^(#.*\n|\s)*(\*\w+|:\w+ \w+ \[|-A )/.test(json))
    return [
      "this is a ruleset, and no case",
      'put it into the field "ruleset" of a case, or ask `postern trace` about a packet',
    ];
  if (tooDeep) return ["this nests too deep", "a case nests at most 64 values in each other"];
  const next = json.slice(start, start + 1);
  const what = next === "" ? "the text ends too early" : `${JSON.stringify(next)} cannot stand here`;
  return [`this is not JSON: ${what}`, "check for a missing comma, quote or bracket just before this place"];
}

/** The last text that was read, since its findings come one after the other. */
let last: { readonly json: string; readonly node: JsonNode | undefined } | undefined;

function nodeOf(json: string): JsonNode | undefined {
  if (last?.json !== json) {
    const read = readJsonText(json);
    last = { json, node: "node" in read ? read.node : undefined };
  }
  return last.node;
}

/** Where the value of a path of keys and indexes stands; of what is missing, the beginning of what it is missing in. */
function placeOf(json: string, path: readonly PropertyKey[]): { start: number; end: number } {
  let node = nodeOf(json);
  if (node === undefined) return { start: 0, end: Math.min(1, json.length) };
  for (const part of path) {
    let next: JsonNode | undefined;
    if (node.kind === "array") next = node.items[Number(part)];
    else if (node.kind === "object")
      next = node.members.findLast((each) => each.key.text === String(part))?.value;
    if (next === undefined) break;
    node = next;
  }
  const whole = node.kind !== "array" && node.kind !== "object";
  return { start: node.start, end: whole ? node.end : node.start + 1 };
}
