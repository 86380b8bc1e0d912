/** Text operands: length limits in bytes, and quoting as iptables-save writes it. */
import type { ValueParser } from "./contract.ts";
import { refuse } from "./refusal.ts";

/** A string of at most `maxBytes` bytes of UTF-8, at least `minBytes`. */
export function string(maxBytes: number, minBytes = 0): ValueParser<string> {
  return (text) => {
    const bytes = byteLength(text);
    if (bytes < minBytes)
      return refuse("xt/too-short", `"${text}" has ${bytes} bytes, at least ${minBytes} are needed`);
    if (bytes > maxBytes)
      return refuse("xt/too-long", `"${text}" has ${bytes} bytes, at most ${maxBytes} fit`, "shorten it");
    return text;
  };
}

/** Length in bytes of UTF-8. */
export function byteLength(text: string): number {
  for (let at = 0; at < text.length; at++) {
    if (text.charCodeAt(at) > 0x7f) return new TextEncoder().encode(text).length;
  }
  return text.length;
}

/** The first `maxBytes` bytes of UTF-8, without a character that would be cut in two. */
export function cutBytes(text: string, maxBytes: number): string {
  if (byteLength(text) <= maxBytes) return text;
  return new TextDecoder()
    .decode(new TextEncoder().encode(text).subarray(0, maxBytes))
    .replace(/\ufffd$/, "");
}

const PLAIN = /^[A-Za-z0-9_-]+$/;
const ESCAPED = /["\\']/;

/** Quoted where a character demands it, `"`, `\` and `'` escaped. Source: libxtables/xtables.c, xtables_save_string(). */
export function printString(text: string): string {
  if (PLAIN.test(text)) return text;
  return ESCAPED.test(text) ? `"${text.replace(/["\\']/g, "\\$&")}"` : `"${text}"`;
}
