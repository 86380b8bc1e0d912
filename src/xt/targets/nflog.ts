/**
 * The `NFLOG` target: hands a copy of the packet to programs that listen on a netlink group, such as ulogd2.
 *
 *     --nflog-group n  --nflog-prefix text  --nflog-size bytes  --nflog-threshold n
 *     --nflog-range bytes
 *
 * iptables-nft makes it a `log` statement of its own, whose prefix holds 127 bytes; iptables-legacy cuts it at 63.
 * `--nflog-range` never had any effect: iptables-legacy keeps it, and iptables-nft and Postern drop it. Kernel: net/netfilter/xt_NFLOG.c, nflog_tg_check(), revision 0; net/netfilter/nft_log.c, nft_log_init().
 */
import { defineTarget, optional } from "../contract.ts";
import { uint16, uint32 } from "../numbers.ts";
import { printString, string } from "../strings.ts";

export interface NflogInfo {
  /** Empty for none. */
  readonly prefix: string;
  readonly group: number;
  /** Bytes of the packet to copy; undefined leaves it to the listener. */
  readonly sizeBytes: number | undefined;
  /** Packets that the kernel collects before it sends; 0 is the listener's own value. */
  readonly threshold: number;
}

export const nflog = defineTarget({
  name: "NFLOG",
  revision: 0,
  families: ["ipv4", "ipv6"],
  summary: "hand a copy of the packet to a logging program",
  options: {
    "--nflog-group": optional(uint16, { operand: "n" }),
    "--nflog-prefix": optional(string(127, 1), { operand: "text" }),
    "--nflog-range": optional(uint32, { excludes: ["--nflog-size"], operand: "bytes" }),
    "--nflog-size": optional(uint32, { operand: "bytes" }),
    "--nflog-threshold": optional(uint16, { operand: "n" }),
  },

  build: (given): NflogInfo => ({
    prefix: given["--nflog-prefix"]?.value ?? "",
    group: given["--nflog-group"]?.value ?? 0,
    sizeBytes: given["--nflog-size"]?.value,
    threshold: given["--nflog-threshold"]?.value ?? 0,
  }),

  print: ({ prefix, group, sizeBytes, threshold }) => {
    const parts: string[] = [];
    if (prefix !== "") parts.push(`--nflog-prefix ${printString(prefix)}`);
    if (group !== 0) parts.push(`--nflog-group ${group}`);
    if (sizeBytes !== undefined) parts.push(`--nflog-size ${sizeBytes}`);
    if (threshold !== 0) parts.push(`--nflog-threshold ${threshold}`);
    return parts.join(" ");
  },

  evaluate:
    ({ prefix, group }, machine) =>
    (skb) => {
      machine.log(skb, { kind: "NFLOG", prefix, group });
      return "continue";
    },

  symbolic: () => ({ kind: "continue" }),
});
