/**
 * The `QUEUE` target: hands the packet to a program that listens on queue 0. Only iptables-legacy has it, as a
 * standard verdict; iptables-nft asks the kernel for an extension of that name, which there is not. `NFQUEUE` does the
 * same in both. Kernel: NF_QUEUE in net/ipv4/netfilter/ip_tables.c, ipt_do_table().
 */
import { defineTarget, NO_OPERANDS } from "../contract.ts";
import { refuse } from "../refusal.ts";

export const queue = defineTarget({
  name: "QUEUE",
  revision: 0,
  families: ["ipv4", "ipv6"],
  summary: "hand the packet to user space (iptables-legacy only)",
  options: {},
  build: () => NO_OPERANDS,
  print: () => "",
  check: () =>
    refuse(
      "xt/legacy-only",
      "iptables-nft has no such target, only iptables-legacy does",
      "write -j NFQUEUE --queue-num 0",
    ),

  /** Without a program that reads the queue the kernel drops the packet. */
  evaluate: () => () => "unknown",

  symbolic: () => ({ kind: "unknown", reason: "QUEUE: a program decides" }),
});
