/**
 * JSON with places. `JSON.parse` tells neither where a value stands nor that a key came twice, and `ip -j route`
 * does print `dst` twice in one object (an encap's and the route's).
 *
 * RFC 8259, except that what follows a syntax error is lost: the values read before it are kept.
 */
import { Findings, quote, type Word } from "./words.ts";

interface Located {
  readonly start: number;
  readonly end: number;
}
export interface JsonScalar extends Located {
  /** `literal` is true, false or null. */
  readonly kind: "string" | "number" | "literal";
  /** A string unescaped; anything else as written. */
  readonly text: string;
}
export interface JsonArray extends Located {
  readonly kind: "array";
  readonly items: readonly JsonNode[];
}
export interface JsonMember {
  readonly key: Word;
  readonly value: JsonNode;
}
export interface JsonObject extends Located {
  readonly kind: "object";
  /** In order, duplicates included. */
  readonly members: readonly JsonMember[];
}
export type JsonNode = JsonScalar | JsonArray | JsonObject;

/** Does this listing look like the output of `-j`? */
export function looksLikeJson(text: string): boolean {
  return /^\s*[[{]/.test(text);
}

/** Real listings nest six deep; the bound keeps a hostile text from exhausting the stack. */
const MAX_DEPTH = 64;

class JsonReader {
  #at = 0;
  readonly #text: string;
  readonly #findings: Findings;
  /** The syntax error is that the text nests too deep. */
  tooDeep = false;
  /** Set by the first syntax error; everything then unwinds, keeping what is complete. */
  failed = false;

  constructor(text: string, findings: Findings) {
    this.#text = text;
    this.#findings = findings;
  }

  fail(): undefined {
    if (this.failed) return undefined;
    this.failed = true;
    const start = Math.min(this.#at, this.#text.length);
    const end = Math.min(start + 1, this.#text.length);
    const found = start === end ? "the end of the text" : quote(this.#text.slice(start, end));
    const hint = "give the whole output of `ip -j`; the object broken here and all after it were not read";
    return this.#findings.error("hoststate/bad-json", { start, end }, `this is not JSON at ${found}`, hint);
  }

  skipBlanks(): void {
    while (" \t\r\n".includes(this.#text.charAt(this.#at)) && this.#at < this.#text.length) this.#at++;
  }

  get done(): boolean {
    return this.#at >= this.#text.length;
  }

  value(depth: number): JsonNode | undefined {
    this.skipBlanks();
    const first = this.#text.charAt(this.#at);
    if (first === "[" || first === "{") {
      if (depth < MAX_DEPTH) return first === "[" ? this.#array(depth) : this.#object(depth);
      this.tooDeep = !this.failed;
      return this.fail();
    }
    return first === '"' ? this.#string() : this.#bare();
  }

  #string(): JsonScalar | undefined {
    const start = this.#at;
    let end = start + 1;
    for (; end < this.#text.length; end++) {
      const code = this.#text.charCodeAt(end);
      if (code === 92) end++;
      else if (code === 34 || code < 32) break;
    }
    if (this.#text.charAt(end) !== '"') {
      this.#at = end;
      return this.fail();
    }
    const raw = this.#text.slice(start, end + 1);
    let text = raw.slice(1, -1);
    if (text.includes("\\")) {
      try {
        text = JSON.parse(raw) as string;
      } catch {
        return this.fail();
      }
    }
    this.#at = end + 1;
    return { kind: "string", text, start, end: end + 1 };
  }

  #bare(): JsonScalar | undefined {
    const start = this.#at;
    let end = start;
    while (end < this.#text.length && /[-+.0-9a-zA-Z]/.test(this.#text.charAt(end))) end++;
    const text = this.#text.slice(start, end);
    const number = /^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?$/.test(text);
    if (!number && text !== "true" && text !== "false" && text !== "null") return this.fail();
    this.#at = end;
    return { kind: number ? "number" : "literal", text, start, end };
  }

  /** `item` reads one entry; the brackets and commas are the same for arrays and objects. */
  #sequence(close: string, item: () => boolean): void {
    this.#at++;
    this.skipBlanks();
    if (this.#take(close)) return;
    do {
      if (!item()) return;
      this.skipBlanks();
    } while (this.#take(","));
    if (!this.#take(close)) this.fail();
  }

  #take(character: string): boolean {
    if (this.#text.charAt(this.#at) !== character) return false;
    this.#at++;
    return true;
  }

  #array(depth: number): JsonArray {
    const start = this.#at;
    const items: JsonNode[] = [];
    this.#sequence("]", () => {
      const value = this.value(depth + 1);
      // A value that broke off is not kept: half an object would be read as a whole one.
      if (value !== undefined && !this.failed) items.push(value);
      return !this.failed;
    });
    return { kind: "array", items, start, end: this.#at };
  }

  #object(depth: number): JsonObject {
    const start = this.#at;
    const members: JsonMember[] = [];
    this.#sequence("}", () => {
      this.skipBlanks();
      const key = this.#text.charAt(this.#at) === '"' ? this.#string() : this.fail();
      if (key === undefined) return false;
      this.skipBlanks();
      if (!this.#take(":")) {
        this.fail();
        return false;
      }
      const value = this.value(depth + 1);
      if (value === undefined || this.failed) return false;
      members.push({ key, value });
      return true;
    });
    return { kind: "object", members, start, end: this.#at };
  }
}

/**
 * The objects of a listing: the elements of one top-level array, or several one after the other, as `ip -j -4`
 * followed by `ip -j -6` in one file. Empty objects, which `ip -j` prints for what it filtered, are left out.
 */
export function readJsonObjects(text: string, findings: Findings): JsonObject[] {
  const reader = new JsonReader(text, findings);
  const objects: JsonObject[] = [];
  const keep = (node: JsonNode): void => {
    if (node.kind === "object") {
      if (node.members.length > 0) objects.push(node);
    } else {
      const hint = "a listing of `ip -j` is an array of objects";
      findings.error(
        "hoststate/bad-json",
        node,
        `an object is expected, not ${quote(text.slice(node.start, node.end))}`,
        hint,
      );
    }
  };
  for (reader.skipBlanks(); !reader.done && !reader.failed; reader.skipBlanks()) {
    const node = reader.value(0);
    if (node?.kind === "array") for (const item of node.items) keep(item);
    else if (node !== undefined && !reader.failed) keep(node);
  }
  return objects;
}

/** Why a text is not one JSON value. */
export interface JsonFault extends Located {
  /** It nests deeper than anything that is meant to be read. */
  readonly tooDeep: boolean;
}

/** One JSON value with its places, or the first place at which the text is none. */
export function readJsonText(text: string): { readonly node: JsonNode } | { readonly fault: JsonFault } {
  const findings = new Findings("");
  const reader = new JsonReader(text, findings);
  const node = reader.value(0);
  reader.skipBlanks();
  if (!reader.done) reader.fail();
  if (node !== undefined && !reader.failed) return { node };
  const { start, end } = findings.diagnostics[0]?.span ?? { start: 0, end: 0 };
  return { fault: { start, end, tooDeep: reader.tooDeep } };
}

/** A scalar as the word that the text listing would show. */
export function scalarWord(node: JsonNode): Word | undefined {
  return node.kind === "string" || node.kind === "number" ? node : undefined;
}

export function member(object: JsonObject, key: string): JsonNode | undefined {
  return object.members.find((each) => each.key.text === key)?.value;
}
