/**
 * Text of files that need not be UTF-8. The kernel keeps comments, prefixes and names as bytes, and so does the text
 * here: a byte that is not part of UTF-8 becomes a lone surrogate, U+DC80 to U+DCFF for 0x80 to 0xFF, and goes out as
 * that byte again.
 */
const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const ENCODER = new TextEncoder();

const ESCAPE = 0xdc00;
/** A byte that was not UTF-8; a surrogate pair does not match. */
const ESCAPED = /[\udc80-\udcff]/u;
const AROUND_ESCAPED = /([\udc80-\udcff])/u;

/** The text of `bytes`; `encodeText` gives back the same bytes, whatever they are. */
export function decodeText(bytes: Uint8Array): string {
  try {
    return UTF8.decode(bytes);
  } catch {
    return decodeAround(bytes);
  }
}

function decodeAround(bytes: Uint8Array): string {
  const parts: string[] = [];
  let from = 0;
  for (let at = 0; at < bytes.length; ) {
    const size = sequenceLength(bytes, at);
    if (size > 0) {
      at += size;
      continue;
    }
    parts.push(UTF8.decode(bytes.subarray(from, at)), String.fromCharCode(ESCAPE + (bytes[at] as number)));
    at++;
    from = at;
  }
  parts.push(UTF8.decode(bytes.subarray(from)));
  return parts.join("");
}

/** Bytes of the UTF-8 sequence that begins here, 0 if none does. Source: Unicode 16, table 3-7. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const lead = bytes[at] as number;
  if (lead < 0x80) return 1;
  if (lead < 0xc2 || lead > 0xf4) return 0;
  const size = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  const lowest = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  const highest = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  for (let next = 1; next < size; next++) {
    const byte = bytes[at + next] ?? 0;
    if (byte < (next === 1 ? lowest : 0x80) || byte > (next === 1 ? highest : 0xbf)) return 0;
  }
  return size;
}

/** The bytes of a text that `decodeText` may have read. */
export function encodeText(text: string): Uint8Array {
  if (!ESCAPED.test(text)) return ENCODER.encode(text);
  const parts = text
    .split(AROUND_ESCAPED)
    .map((part) => (ESCAPED.test(part) ? Uint8Array.of(part.charCodeAt(0) - ESCAPE) : ENCODER.encode(part)));
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** Length in bytes. */
export function byteLength(text: string): number {
  for (let at = 0; at < text.length; at++) {
    if (text.charCodeAt(at) > 0x7f) return encodeText(text).length;
  }
  return text.length;
}

/** For people to read: bytes that are not UTF-8 as Latin-1 has them. */
export function readableText(text: string): string {
  return text.isWellFormed()
    ? text
    : text.replace(/[\udc80-\udcff]/gu, (escaped) => String.fromCharCode(escaped.charCodeAt(0) - ESCAPE));
}
