/**
 * The `DNAT` target: gives the connection a new destination.
 *
 *     --to-destination [address[-address]][:port[-port[/base]]]
 *     --random
 *     --persistent
 *
 * Of several addresses a hash of source and destination chooses one, not a turn; `--persistent` leaves the destination
 * out of the hash. Old iptables took several `--to-destination`, this one takes one. There is no `--random-fully`.
 * Source: extensions/libxt_NAT.c. Kernel: net/netfilter/xt_nat.c, xt_dnat_target_v2(), revision 2.
 */
import { defineTarget, flag, required } from "../contract.ts";
import { type NatRange, natEffect, natRequest, printNatRange, shiftableEndpoints } from "../nat-range.ts";

export const dnat = defineTarget({
  name: "DNAT",
  revision: 2,
  families: ["ipv4", "ipv6"],
  summary: "give the connection a new destination",
  tables: ["nat"],
  hooks: ["PREROUTING", "OUTPUT"],
  options: {
    "--to-destination": required(shiftableEndpoints, { operand: "[address[-address]][:port[-port[/base]]]" }),
    "--random": flag(),
    "--persistent": flag(),
  },

  build: ({ "--to-destination": { value }, "--random": random, "--persistent": persistent }): NatRange => ({
    addresses: value.addresses,
    ports: value.ports,
    random: random !== undefined,
    randomFully: false,
    persistent: persistent !== undefined,
  }),
  print: (range) => printNatRange("--to-destination", range),

  evaluate: (range, machine) => {
    const request = natRequest("dst", range);
    return (skb) => machine.nat(skb, request);
  },

  symbolic: (range) => natEffect("dst", range),
});
