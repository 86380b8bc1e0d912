/**
 * The `NETMAP` target: maps one network onto another, host part by host part.
 *
 *     --to address[/mask]
 *
 * The destination is rewritten in PREROUTING and OUTPUT, the source in POSTROUTING and INPUT. Bits of the address
 * outside the mask are cleared, and a lone address is a network of one. Source: extensions/libipt_NETMAP.c and
 * libip6t_NETMAP.c. Kernel: net/netfilter/xt_NETMAP.c, netmap_tg4() and netmap_tg6(), revision 0.
 */
import { type MaskedAddress, maskBits, printAddress, withMask } from "../../net/index.ts";
import { defineTarget, required } from "../contract.ts";
import { resolvedHostWithMask } from "../resolved-hosts.ts";

export const netmap = defineTarget({
  name: "NETMAP",
  revision: 0,
  families: ["ipv4", "ipv6"],
  summary: "map a whole network onto another",
  tables: ["nat"],
  hooks: ["PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"],
  options: { "--to": required(resolvedHostWithMask, { operand: "address[/mask]" }) },

  build: ({ "--to": { value } }): MaskedAddress => ({
    address: withMask(value.address, value.mask),
    mask: value.mask,
  }),
  print: ({ address, mask }) => `--to ${printAddress(address)}/${maskBits(mask)}`,
});
