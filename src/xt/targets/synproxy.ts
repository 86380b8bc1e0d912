/**
 * The `SYNPROXY` target: answers TCP handshakes in place of the server and passes on only those that complete.
 *
 *     --sack-perm
 *     --timestamp
 *     --wscale value
 *     --mss value
 *     --ecn
 *
 * What is announced to clients must suit the server behind. SYN packets must come here untracked. iptables keeps the
 * low 8 bits of the window scale and 16 of the MSS; we refuse larger numbers. The man page writes `--timestamps`, the
 * tool takes `--timestamp`. Source: extensions/libxt_SYNPROXY.c. Kernel: net/ipv4/netfilter/ipt_SYNPROXY.c and
 * net/ipv6/netfilter/ip6t_SYNPROXY.c, synproxy_tg4_check() and synproxy_tg6_check(), revision 0.
 */
import { PROTOCOL } from "../../net/index.ts";
import { defineTarget, flag, optional } from "../contract.ts";
import { uint8, uint16 } from "../numbers.ts";

export interface SynproxyInfo {
  readonly sackPerm: boolean;
  readonly timestamp: boolean;
  /** A shift count; TCP knows 0 to 14, more is legal here. */
  readonly windowScale: number | undefined;
  readonly mssBytes: number | undefined;
  readonly ecn: boolean;
}

export const synproxy = defineTarget({
  name: "SYNPROXY",
  revision: 0,
  families: ["ipv4", "ipv6"],
  summary: "answer TCP handshakes for the server",
  hooks: ["INPUT", "FORWARD"],
  protocols: [PROTOCOL.tcp],
  options: {
    "--sack-perm": flag(),
    "--timestamp": flag(),
    "--wscale": optional(uint8),
    "--mss": optional(uint16),
    "--ecn": flag(),
  },

  build: (given): SynproxyInfo => ({
    sackPerm: given["--sack-perm"] !== undefined,
    timestamp: given["--timestamp"] !== undefined,
    windowScale: given["--wscale"]?.value,
    mssBytes: given["--mss"]?.value,
    ecn: given["--ecn"] !== undefined,
  }),
  print: ({ sackPerm, timestamp, windowScale, mssBytes, ecn }) => {
    const words: string[] = [];
    if (sackPerm) words.push("--sack-perm");
    if (timestamp) words.push("--timestamp");
    if (windowScale !== undefined) words.push(`--wscale ${windowScale}`);
    if (mssBytes !== undefined) words.push(`--mss ${mssBytes}`);
    if (ecn) words.push("--ecn");
    return words.join(" ");
  },

  evaluate: () => () => "unknown-end",

  symbolic: () => ({ kind: "unknown", reason: "SYNPROXY: it answers for the server" }),
});
