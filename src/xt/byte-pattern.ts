/**
 * Byte patterns of the `string` match, as text with one character a byte (0 to 255).
 * Source: extensions/libxt_string.c, parse_hex_string() and string_save().
 */
import { encodeText } from "../base/index.ts";
import { type Refusal, refuse } from "./refusal.ts";

/** XT_STRING_MAX_PATTERN_SIZE */
const MAX_BYTES = 128;

const bad = (text: string, reason: string, hint: string): Refusal =>
  refuse("xt/bad-string", `"${text}": ${reason}`, hint);

// biome-ignore lint/suspicious/noControlCharactersInRegex: every byte below 0x80 stands for itself
const ASCII = /^[\u0000-\u007f]*$/;

/** The bytes of a text. */
function toBytes(text: string): string {
  return ASCII.test(text) ? text : String.fromCharCode(...encodeText(text));
}

function checked(bytes: string, text: string): string | Refusal {
  if (bytes === "") return refuse("xt/too-short", "the pattern is empty", "write what to look for");
  if (bytes.length > MAX_BYTES) {
    return refuse(
      "xt/too-long",
      `"${text}" has ${bytes.length} bytes, at most ${MAX_BYTES} fit`,
      "shorten it",
    );
  }
  if (bytes.length === MAX_BYTES && needsHex(bytes)) {
    const hint = `write at most ${MAX_BYTES - 1} bytes where some cannot be printed`;
    return refuse(
      "xt/too-long",
      `iptables-save would list "${text}" in a form too long to be loaded again`,
      hint,
    );
  }
  return bytes;
}

/** A text taken as it stands. */
export function literalPattern(text: string): string | Refusal {
  return checked(toBytes(text), text);
}

/** The digits of one `|…|` block: pairs with at most one blank behind each, any number before the first. */
const BLOCK = /^ *(?:[0-9a-fA-F]{2} ?)+$/;

/**
 * `abc|0d 0a|def`: between bars hexadecimal, outside a backslash takes the next character as it stands. Where
 * iptables reads on without a word, we refuse: a block left open at the end, and a `|` or `\` right behind a block,
 * which it takes for a plain character.
 */
export function hexPattern(text: string): string | Refusal {
  const bytes = toBytes(text);
  let pattern = "";
  for (let at = 0; at < bytes.length; ) {
    const character = bytes[at] as string;
    if (character === "\\") {
      if (at + 1 === bytes.length)
        return bad(text, "nothing follows the last \\", "write \\\\ for a backslash");
      pattern += bytes[at + 1];
      at += 2;
    } else if (character === "|") {
      const end = bytes.indexOf("|", at + 1);
      if (end < 0) return bad(text, "the last | opens a block that nothing closes", "write \\| for a bar");
      const block = bytes.slice(at + 1, end);
      if (!BLOCK.test(block)) {
        return bad(
          text,
          `"${block}" is not made of pairs of hexadecimal digits`,
          "write bytes as in |0d 0a| or |0d0a|",
        );
      }
      for (const [pair] of block.matchAll(/[0-9a-fA-F]{2}/g))
        pattern += String.fromCharCode(Number.parseInt(pair, 16));
      at = end + 1;
      if (bytes[at] === "|")
        return bad(text, "iptables misreads a block right behind another", "join the two blocks");
      if (bytes[at] === "\\")
        return bad(
          text,
          "iptables misreads a \\ right behind a block",
          "write the character as a byte of the block",
        );
    } else {
      pattern += character;
      at++;
    }
  }
  return checked(pattern, text);
}

/** Whether only a hex string can show the pattern: unprintable bytes, or a `\` at the end. */
function needsHex(pattern: string): boolean {
  return pattern.endsWith("\\") || /[^ -~]/.test(pattern);
}

/** `--string "abc"` or `--hex-string "|0d0a|"`. */
export function printPattern(pattern: string): string {
  if (!needsHex(pattern)) return `--string "${pattern.replace(/["\\]/g, "\\$&")}"`;
  let digits = "";
  for (let at = 0; at < pattern.length; at++) digits += pattern.charCodeAt(at).toString(16).padStart(2, "0");
  return `--hex-string "|${digits}|"`;
}
