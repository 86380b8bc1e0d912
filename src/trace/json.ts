/** A trace for programs: addresses as text, rules with file, line and column, bytes as hexadecimal digits. */
import { LineIndex, type Span } from "../base/index.ts";
import { type AddressWords, type Family, fromWords, type Prefix, printAddress, toHex } from "../net/index.ts";
import type { SourceLookup } from "./print.ts";
import type { Trace } from "./trace.ts";

/** @returns what JSON can hold; what is not known is null, so that every field is there. */
export function traceToJson(trace: Trace, sources: SourceLookup): unknown {
  const indexes = new Map<string, LineIndex>();
  const place = ({ source, start, end }: Span): object => {
    const text = sources.text(source);
    if (text === undefined) return { file: source };
    let index = indexes.get(source);
    if (index === undefined) {
      index = new LineIndex(text);
      indexes.set(source, index);
    }
    const [from, to] = [index.position(start), index.position(end)];
    const lineEnd = text.indexOf("\n", start);
    const line = text.slice(text.lastIndexOf("\n", start - 1) + 1, lineEnd < 0 ? undefined : lineEnd);
    return {
      file: source,
      line: from.line,
      column: from.column,
      endLine: to.line,
      endColumn: to.column,
      text: line.trim(),
    };
  };
  const plain = (value: unknown, family: Family): unknown => {
    if (value === undefined) return null;
    if (typeof value === "bigint") return value.toString();
    if (typeof value !== "object" || value === null) return value;
    if (value instanceof Uint8Array) return toHex(value);
    if (Array.isArray(value)) return value.map((each) => plain(each, family));
    if (isWords(value)) return printAddress(fromWords(family, value));
    if (isPrefix(value)) return `${printAddress(value.address)}/${value.prefixBits}`;
    const own = familyOfStep(value) ?? family;
    return Object.fromEntries(
      Object.entries(value).map(([key, each]) =>
        key === "span" ? ["place", each === undefined ? null : place(each as Span)] : [key, plain(each, own)],
      ),
    );
  };
  return plain(trace, trace.family);
}

const isWords = (value: object): value is AddressWords => "w0" in value && "w3" in value;

const isPrefix = (value: object): value is Prefix =>
  Object.keys(value).length === 2 && "address" in value && "prefixBits" in value;

/** A step with a packet's bytes says the family of the addresses in it. */
function familyOfStep(value: object): Family | undefined {
  const bytes = "bytes" in value ? value.bytes : undefined;
  if (!(bytes instanceof Uint8Array) || bytes.length === 0) return undefined;
  return (bytes[0] as number) >>> 4 === 6 ? "ipv6" : "ipv4";
}
