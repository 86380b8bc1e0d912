/**
 * Names that iptables-save prints without quotes. One with a blank or a quote in it would come back as several words,
 * and an empty one as none, so that the saved rules could not be loaded again; Postern refuses to write such a name.
 */
import type { ValueParser } from "./contract.ts";
import { refuse } from "./refusal.ts";
import { string } from "./strings.ts";

const BREAKS = /[\s"]/;

/** A name of 1 to `maxBytes` bytes that is one word without quotes; iptables would cut off a longer one. */
export function bareWord(maxBytes: number): ValueParser<string> {
  const parse = string(maxBytes, 1);
  return (text, context) => {
    if (BREAKS.test(text)) {
      return refuse(
        "xt/bad-string",
        `"${text}" has a blank or a quote, and iptables-save would print it as several words`,
        "write it without",
      );
    }
    return parse(text, context);
  };
}
