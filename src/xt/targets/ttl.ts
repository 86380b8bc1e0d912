/**
 * The `TTL` target: sets or changes the time to live of an IPv4 packet.
 *
 *     --ttl-set value | --ttl-dec value | --ttl-inc value
 *
 * A change stops at 0 and at 255. Forwarding takes 1 off before FORWARD sees the packet.
 * Kernel: net/netfilter/xt_HL.c, ttl_tg(), revision 0.
 */
import { defineTarget } from "../contract.ts";
import {
  changeHopLimit,
  changeHops,
  hopLimitChange,
  hopLimitWrite,
  printHopLimitChange,
  setHops,
} from "../hop-limit-change.ts";

export const ttl = defineTarget({
  name: "TTL",
  revision: 0,
  families: ["ipv4"],
  summary: "set or change the time to live",
  tables: ["mangle"],
  options: {
    "--ttl-set": setHops(["--ttl-dec", "--ttl-inc"]),
    "--ttl-dec": changeHops(["--ttl-inc"]),
    "--ttl-inc": changeHops([]),
  },

  build: ({ "--ttl-set": set, "--ttl-dec": dec, "--ttl-inc": inc }) =>
    hopLimitChange("ttl", { set, dec, inc }),
  print: (change) => printHopLimitChange("ttl", change),

  evaluate: (change) => changeHopLimit(change),

  symbolic: (change) => hopLimitWrite(change),
});
