/**
 * The `comment` match: a remark that travels with the rule, and always holds.
 *
 *     --comment text
 *
 * Up to 255 bytes; iptables cuts a longer text off, here it is refused. The listing quotes all but plain words.
 * Kernel: net/netfilter/xt_comment.c, comment_mt(), revision 0.
 */
import { everything } from "../../pktset/index.ts";
import { defineMatch, required } from "../contract.ts";
import { printString, string } from "../strings.ts";

/** XT_MAX_COMMENT_LEN less its zero byte. */
const MAX_BYTES = 255;

export interface CommentInfo {
  readonly text: string;
}

export const comment = defineMatch({
  name: "comment",
  revision: 0,
  families: ["ipv4", "ipv6"],
  summary: "a remark; always holds",
  options: { "--comment": required(string(MAX_BYTES), { operand: "text" }) },

  build: ({ "--comment": { value } }): CommentInfo => ({ text: value }),
  print: ({ text }) => `--comment ${printString(text)}`,

  evaluate: () => () => true,

  symbolic: () => everything,
});
