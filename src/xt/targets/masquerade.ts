/**
 * The `MASQUERADE` target: gives the connection the address of the interface it leaves by.
 *
 *     --to-ports port[-port]
 *     --random
 *     --random-fully
 *
 * The address is taken when the connection begins; when it vanishes, so do the connections. Source:
 * extensions/libxt_NAT.c. Kernel: net/netfilter/xt_MASQUERADE.c, masquerade_tg() and masquerade_tg6(), revision 0.
 */
import { defineTarget, flag, optional } from "../contract.ts";
import { type NatRange, natEffect, natPorts, natRequest, printPortsOnly } from "../nat-range.ts";

export const masquerade = defineTarget({
  name: "MASQUERADE",
  revision: 0,
  families: ["ipv4", "ipv6"],
  summary: "give the connection the address of the outgoing interface as source",
  tables: ["nat"],
  hooks: ["POSTROUTING"],
  options: {
    "--to-ports": optional(natPorts, { operand: "port[-port]" }),
    "--random": flag(),
    "--random-fully": flag(),
  },

  build: ({ "--to-ports": ports, "--random": random, "--random-fully": fully }): NatRange => ({
    addresses: undefined,
    ports: ports?.value,
    random: random !== undefined,
    randomFully: fully !== undefined,
    persistent: false,
  }),
  print: printPortsOnly,

  evaluate: (range, machine) => (skb) => {
    if (skb.ct === undefined) return "accept";
    const { original } = skb.ct;
    // A packet without a source yet, such as DHCP's, is not to be masqueraded.
    if ((original.s0 | original.s1 | original.s2 | original.s3) === 0) return "accept";
    const address = machine.masqueradeAddress(skb);
    if (address === undefined) return "drop";
    return machine.nat(skb, { ...natRequest("src", range), addresses: { min: address, max: address } });
  },

  symbolic: (range) => natEffect("src", range, { kind: "interface" }),
});
