/**
 * The `connlabel` match: whether a label is set on the packet's connection.
 *
 *     [!] --label number
 *     --set
 *
 * A connection has 128 labels. With --set the label is set as well, and the match fails only if that was impossible.
 * iptables also takes names, from the host's /etc/xtables/connlabel.conf, and then lists the label by its name; Debian
 * has no such file, and Postern takes numbers only. A number past 65535 loses its upper bits in iptables and is
 * refused. A packet without a connection matches only under `!`.
 * Kernel: net/netfilter/xt_connlabel.c, connlabel_mt() and connlabel_mt_check(), revision 0.
 */
import { unknown } from "../../pktset/index.ts";
import { ofConnection } from "../conditions.ts";
import { defineMatch, flag, required, type ValueParser } from "../contract.ts";
import { numberPrefix } from "../numbers.ts";
import { refuse } from "../refusal.ts";
import { CT_INFO } from "../skb.ts";

export interface ConnlabelInfo {
  /** The label's bit, 0 to 127. */
  readonly label: number;
  readonly invert: boolean;
  readonly set: boolean;
}

/** XT_CONNLABEL_MAXBIT. */
const LAST_LABEL = 127;

const parseLabel: ValueParser<number> = (text) => {
  const found = numberPrefix(text);
  const hint = `write the number of the label's bit, from 0 to ${LAST_LABEL}`;
  if (found === undefined || found.end !== text.length) {
    return refuse(
      "xt/bad-number",
      `"${text}" is not a number, and what a label's name stands for is known only to the host`,
      hint,
    );
  }
  return found.value <= LAST_LABEL
    ? Number(found.value)
    : refuse("xt/out-of-range", `there is no label ${text}`, hint);
};

export const connlabel = defineMatch({
  name: "connlabel",
  revision: 0,
  families: ["ipv4", "ipv6"],
  summary: "a label of the packet's connection",
  options: {
    "--label": required(parseLabel, { invertible: true, operand: "number" }),
    "--set": flag(),
  },

  build: ({ "--label": { value, invert }, "--set": set }): ConnlabelInfo => ({
    label: value,
    invert,
    set: set !== undefined,
  }),
  print: ({ label, invert, set }) => `${invert ? "! " : ""}--label "${label}"${set ? " --set" : ""}`,

  evaluate:
    ({ label, invert, set }) =>
    ({ ct, ctInfo }) => {
      if (ct === undefined || ctInfo === CT_INFO.UNTRACKED) return invert;
      const bit = 1n << BigInt(label);
      if (set) ct.labels = (ct.labels ?? 0n) | bit;
      return (((ct.labels ?? 0n) & bit) !== 0n) !== invert;
    },

  symbolic: ({ invert }) => ofConnection(unknown("connlabel: labels are in no field"), invert),
});
