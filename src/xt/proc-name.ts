/**
 * Names of tables that a match keeps in the kernel and shows as files below /proc/net: `recent` lists and
 * `hashlimit` tables. Kernel: net/netfilter/x_tables.c, xt_check_proc_name().
 */
import { bareWord } from "./bare-word.ts";
import type { ValueParser } from "./contract.ts";
import { refuse } from "./refusal.ts";

/** A name of 1 to `maxBytes` bytes; iptables would cut off a longer one. */
export function procName(maxBytes: number): ValueParser<string> {
  const parse = bareWord(maxBytes);
  return (text, context) => {
    if (text !== "." && text !== ".." && !text.includes("/")) return parse(text, context);
    return refuse(
      "xt/bad-string",
      `"${text}" cannot name a file below /proc/net`,
      "use letters, digits, - and _",
    );
  };
}
