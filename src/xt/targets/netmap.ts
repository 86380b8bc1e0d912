/**
 * The `NETMAP` target: maps one network onto another, host part by host part.
 *
 *     --to address[/mask]
 *
 * The destination is rewritten in PREROUTING and OUTPUT, the source in POSTROUTING and INPUT. Bits of the address
 * outside the mask are cleared, and a lone address is a network of one. Source: extensions/libipt_NETMAP.c and
 * libip6t_NETMAP.c. Kernel: net/netfilter/xt_NETMAP.c, netmap_tg4() and netmap_tg6(), revision 0.
 */
import { type MaskedAddress, maskBits, printAddress, toWords, withMask } from "../../net/index.ts";
import { defineTarget, required } from "../contract.ts";
import { destinationOf, sourceOf } from "../packet-tests.ts";
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

  evaluate: (network, machine) => {
    const prefix = toWords(network.address);
    const mask = toWords(network.mask);
    return (skb) => {
      const destination = skb.hook === "PREROUTING" || skb.hook === "OUTPUT";
      const old = destination ? destinationOf(skb) : sourceOf(skb);
      const address = {
        w0: (old.w0 & ~mask.w0) | prefix.w0,
        w1: (old.w1 & ~mask.w1) | prefix.w1,
        w2: (old.w2 & ~mask.w2) | prefix.w2,
        w3: (old.w3 & ~mask.w3) | prefix.w3,
      };
      return machine.nat(skb, {
        manip: destination ? "dst" : "src",
        addresses: { min: address, max: address },
        ports: undefined,
        random: false,
        randomFully: false,
        persistent: false,
      });
    };
  },

  symbolic: ({ address, mask }, { hook }) => {
    if (hook === undefined)
      return { kind: "unknown", reason: "NETMAP: source or destination, as the hook has it" };
    const manip = hook === "PREROUTING" || hook === "OUTPUT" ? "dst" : "src";
    return {
      kind: "translate",
      translation: { manip, addresses: { kind: "prefix", value: address, mask }, ports: undefined },
    };
  },
});
