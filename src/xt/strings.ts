/** Text operands: length limits in bytes, and quoting as iptables-save writes it. */
import { byteLength, decodeText, encodeText } from "../base/index.ts";
import type { ValueParser } from "./contract.ts";
import { refuse } from "./refusal.ts";

/** A string of at most `maxBytes` bytes, at least `minBytes`. */
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

/** The first `maxBytes` bytes. */
export function cutBytes(text: string, maxBytes: number): string {
  return byteLength(text) <= maxBytes ? text : decodeText(encodeText(text).subarray(0, maxBytes));
}

const PLAIN = /^[A-Za-z0-9_-]+$/;
const ESCAPED = /["\\']/;

/** Quoted where a character demands it, `"`, `\` and `'` escaped. Source: libxtables/xtables.c, xtables_save_string(). */
export function printString(text: string): string {
  if (PLAIN.test(text)) return text;
  return ESCAPED.test(text) ? `"${text.replace(/["\\']/g, "\\$&")}"` : `"${text}"`;
}
