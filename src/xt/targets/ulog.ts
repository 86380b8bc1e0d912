/**
 * The `ULOG` target: handed packets to a logging program.
 *
 *     --ulog-nlgroup n  --ulog-prefix text  --ulog-cprange bytes  --ulog-qthreshold n
 *
 * Linux has been without it since 3.17: iptables still reads it, and every kernel since then refuses it. `NFLOG` took
 * its place. Kernel: net/ipv4/netfilter/ipt_ULOG.c of Linux 3.16, ulog_tg_check(), revision 0.
 */
import { defineTarget, optional } from "../contract.ts";
import { uint, uint32 } from "../numbers.ts";
import { refuse } from "../refusal.ts";
import { printString, string } from "../strings.ts";

export interface UlogInfo {
  /** Empty for none. */
  readonly prefix: string;
  readonly group: number;
  /** 0 copies the whole packet. */
  readonly copyBytes: number;
  readonly threshold: number;
}

export const ulog = defineTarget({
  name: "ULOG",
  revision: 0,
  families: ["ipv4"],
  summary: "hand a copy of the packet to a logging program (not in Linux since 3.17)",
  options: {
    "--ulog-nlgroup": optional(uint(1, 32), { operand: "n" }),
    "--ulog-prefix": optional(string(31, 1), { operand: "text" }),
    "--ulog-cprange": optional(uint32, { operand: "bytes" }),
    "--ulog-qthreshold": optional(uint(1, 50), { operand: "n" }),
  },

  build: (given): UlogInfo => ({
    prefix: given["--ulog-prefix"]?.value ?? "",
    group: given["--ulog-nlgroup"]?.value ?? 1,
    copyBytes: given["--ulog-cprange"]?.value ?? 0,
    threshold: given["--ulog-qthreshold"]?.value ?? 1,
  }),

  print: ({ prefix, group, copyBytes, threshold }) => {
    const parts: string[] = [];
    if (prefix !== "") parts.push(`--ulog-prefix ${printString(prefix)}`);
    if (group !== 1) parts.push(`--ulog-nlgroup ${group}`);
    if (copyBytes !== 0) parts.push(`--ulog-cprange ${copyBytes}`);
    if (threshold !== 1) parts.push(`--ulog-qthreshold ${threshold}`);
    return parts.join(" ");
  },

  check: ({ group }) =>
    refuse(
      "xt/not-in-kernel",
      "Linux has no such target since 3.17",
      `write -j NFLOG --nflog-group ${group}`,
    ),

  evaluate:
    ({ prefix, group }, machine) =>
    (skb) => {
      machine.log(skb, { kind: "NFLOG", prefix, group });
      return "continue";
    },

  symbolic: () => ({ kind: "continue" }),
});
