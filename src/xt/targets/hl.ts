/**
 * The `HL` target: sets or changes the hop limit of an IPv6 packet.
 *
 *     --hl-set value | --hl-dec value | --hl-inc value
 *
 * A change stops at 0 and at 255. Neighbour discovery works only with 255. Kernel: net/netfilter/xt_HL.c, hl_tg6(),
 * revision 0.
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

export const hl = defineTarget({
  name: "HL",
  revision: 0,
  families: ["ipv6"],
  summary: "set or change the hop limit",
  tables: ["mangle"],
  options: {
    "--hl-set": setHops(["--hl-dec", "--hl-inc"]),
    "--hl-dec": changeHops(["--hl-inc"]),
    "--hl-inc": changeHops([]),
  },

  build: ({ "--hl-set": set, "--hl-dec": dec, "--hl-inc": inc }) => hopLimitChange("hl", { set, dec, inc }),
  print: (change) => printHopLimitChange("hl", change),

  evaluate: (change) => changeHopLimit(change),

  symbolic: (change) => hopLimitWrite(change),
});
