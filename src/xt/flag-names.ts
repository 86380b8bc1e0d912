/**
 * Lists of names that each stand for bits, `SYN,ACK`, as strtok(3) and strcasecmp(3) read them: either case, and
 * empty items do not count.
 */
import { type Refusal, refuse } from "./refusal.ts";

/** ASCII letters in upper case; other letters stay, for "ı" is no "I". */
export function asciiUpper(text: string): string {
  return text.replace(/[a-z]+/g, (letters) => letters.toUpperCase());
}

/** The bits of all names in `text`; `what` says in a refusal what is named. */
export function parseFlagNames(
  text: string,
  bits: ReadonlyMap<string, number>,
  what: string,
): number | Refusal {
  let value = 0;
  for (const name of text.split(",")) {
    if (name === "") continue;
    const bit = bits.get(name) ?? bits.get(asciiUpper(name));
    if (bit === undefined) {
      return refuse(
        "xt/unknown-keyword",
        `"${name}" is not a ${what}`,
        `write ${[...bits.keys()].join(", ")}, with commas between`,
      );
    }
    value |= bit;
  }
  return value;
}
