/**
 * The `SECMARK` target: gives the packet a security context, by which SELinux decides who may send or receive it.
 *
 *     --selctx context
 *
 * Only the host's SELinux policy knows which contexts there are: where it is not running, every rule fails to load.
 * Kernel: net/netfilter/xt_SECMARK.c, secmark_tg_check(), revision 1.
 */
import { bareWord } from "../bare-word.ts";
import { defineTarget, required } from "../contract.ts";

export interface SecmarkInfo {
  readonly context: string;
}

export const secmark = defineTarget({
  name: "SECMARK",
  revision: 1,
  families: ["ipv4", "ipv6"],
  summary: "give the packet a security context",
  tables: ["mangle", "security"],
  options: { "--selctx": required(bareWord(255), { operand: "context" }) },

  build: ({ "--selctx": context }): SecmarkInfo => ({ context: context.value }),
  print: ({ context }) => `--selctx ${context}`,

  evaluate: () => () => "continue",

  symbolic: () => ({ kind: "continue" }),
});
