/**
 * The `SNAT` target: gives the connection a new source.
 *
 *     --to-source [address[-address]][:port[-port]]
 *     --random
 *     --random-fully
 *     --persistent
 *
 * iptables takes a shift (`1000-2000/500`) here as it does for DNAT and then loses it; we refuse it. Source:
 * extensions/libxt_NAT.c. Kernel: net/netfilter/xt_nat.c, xt_snat_target_v0() for IPv4 and xt_snat_target_v1() for
 * IPv6, so revision 0 and 1; the kernel's revision 2 is not used by iptables 1.8.9.
 */
import { defineTarget, flag, required } from "../contract.ts";
import { type NatRange, natEffect, natEndpoints, natRequest, printNatRange } from "../nat-range.ts";

export const snat = defineTarget({
  name: "SNAT",
  revision: 1,
  families: ["ipv4", "ipv6"],
  summary: "give the connection a new source",
  tables: ["nat"],
  hooks: ["POSTROUTING", "INPUT"],
  options: {
    "--to-source": required(natEndpoints, { operand: "[address[-address]][:port[-port]]" }),
    "--random": flag(),
    "--random-fully": flag(),
    "--persistent": flag(),
  },

  build: ({
    "--to-source": { value },
    "--random": random,
    "--random-fully": fully,
    "--persistent": persistent,
  }): NatRange => ({
    addresses: value.addresses,
    ports: value.ports,
    random: random !== undefined,
    randomFully: fully !== undefined,
    persistent: persistent !== undefined,
  }),
  print: (range) => printNatRange("--to-source", range),

  evaluate: (range, machine) => {
    const request = natRequest("src", range);
    return (skb) => machine.nat(skb, request);
  },

  symbolic: (range) => natEffect("src", range),
});
