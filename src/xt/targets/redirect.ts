/**
 * The `REDIRECT` target: sends the connection to this host, to another port if one is given.
 *
 *     --to-ports port[-port]
 *     --random
 *
 * The new address is the first of the incoming interface (127.0.0.1 or ::1 in OUTPUT). Source:
 * extensions/libxt_NAT.c. Kernel: net/netfilter/xt_REDIRECT.c, redirect_tg4() and redirect_tg6(), revision 0.
 */

import { toWords } from "../../net/index.ts";
import { defineTarget, flag, optional } from "../contract.ts";
import { type NatRange, natEffect, natPorts, natRequest, printPortsOnly } from "../nat-range.ts";

export const redirect = defineTarget({
  name: "REDIRECT",
  revision: 0,
  families: ["ipv4", "ipv6"],
  summary: "send the connection to this host",
  tables: ["nat"],
  hooks: ["PREROUTING", "OUTPUT"],
  options: {
    "--to-ports": optional(natPorts, { operand: "port[-port]" }),
    "--random": flag(),
  },

  build: ({ "--to-ports": ports, "--random": random }): NatRange => ({
    addresses: undefined,
    ports: ports?.value,
    random: random !== undefined,
    randomFully: false,
    persistent: false,
  }),
  print: printPortsOnly,

  evaluate: (range, machine) => (skb) => {
    const loopback = toWords(machine.family === "ipv4" ? 0x7f000001 : 1n);
    const address = skb.hook === "OUTPUT" ? loopback : machine.deviceAddress(skb.inDevice);
    if (address === undefined) return "drop";
    return machine.nat(skb, { ...natRequest("dst", range), addresses: { min: address, max: address } });
  },

  symbolic: (range) => natEffect("dst", range, { kind: "interface" }),
});
