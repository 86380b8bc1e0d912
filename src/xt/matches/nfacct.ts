/**
 * The `nfacct` match: counts the packet in a named accounting object, and always holds, except where the object has a
 * quota: then it holds once that is used up.
 *
 *     --nfacct-name name
 *
 * The object is made with nfacct(8) before the rule is loaded; the kernel refuses a rule whose object is missing, which
 * a ruleset by itself cannot tell. It is listed with two spaces before the name.
 * Kernel: net/netfilter/xt_nfacct.c, nfacct_mt() and nfacct_mt_checkentry(), revision 1.
 */
import { unknown } from "../../pktset/index.ts";
import { defineMatch, required } from "../contract.ts";
import { printString, string } from "../strings.ts";

export interface NfacctInfo {
  readonly object: string;
}

/** NFACCT_NAME_MAX less its zero byte. */
const NAME_BYTES = 31;

export const nfacct = defineMatch({
  name: "nfacct",
  revision: 1,
  families: ["ipv4", "ipv6"],
  summary: "count the packet in a named accounting object",
  options: { "--nfacct-name": required(string(NAME_BYTES, 1), { operand: "name" }) },

  build: ({ "--nfacct-name": { value } }): NfacctInfo => ({ object: value }),
  print: ({ object }) => `--nfacct-name  ${printString(object)}`,

  evaluate: () => () => true,

  symbolic: () => unknown("nfacct: whether the object has a quota, and it is used up"),
});
