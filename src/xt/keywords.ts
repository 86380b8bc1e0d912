/** Operands that are one word of a few. */
import type { ValueParser } from "./contract.ts";
import { asciiUpper } from "./flag-names.ts";
import { type Refusal, refuse } from "./refusal.ts";

function refuseWord(text: string, words: readonly string[]): Refusal {
  const last = words.at(-1);
  return refuse(
    "xt/unknown-keyword",
    `"${text}" is none of ${words.join(", ")}`,
    `write ${words.slice(0, -1).join(", ")} or ${last}`,
  );
}

/** One of `words` in its exact spelling, as strcmp(3) compares. */
export function keyword<const Word extends string>(words: readonly Word[]): ValueParser<Word> {
  return (text) => words.find((word) => word === text) ?? refuseWord(text, words);
}

/** One of `words`, which are in upper case, in either case, as strcasecmp(3) compares. */
export function keywordAnyCase<const Word extends string>(words: readonly Word[]): ValueParser<Word> {
  return (text) => {
    const upper = asciiUpper(text);
    return words.find((word) => word === upper) ?? refuseWord(text, words);
  };
}
