/**
 * The `DNPT` target: gives the packet's destination another network prefix, without connection tracking (RFC 6296).
 *
 *     --src-pfx prefix/length
 *     --dst-pfx prefix/length
 *
 * `SNPT` undoes it for the other direction; flows should be NOTRACK. IPv6 only, and in table mangle, not nat. Kernel:
 * net/ipv6/netfilter/ip6t_NPT.c, ip6t_dnpt_tg(), revision 0.
 */
import { IPV6_ALL_ONES } from "../../net/index.ts";
import { defineTarget } from "../contract.ts";
import {
  buildTranslation,
  checkTranslation,
  printTranslation,
  translatePrefix,
  translationOptions,
} from "../prefix-translation.ts";

export const dnpt = defineTarget({
  name: "DNPT",
  revision: 0,
  families: ["ipv6"],
  summary: "translate the prefix of the destination, statelessly",
  tables: ["mangle"],
  hooks: ["PREROUTING", "OUTPUT"],
  options: translationOptions,
  build: buildTranslation,
  print: printTranslation,
  check: checkTranslation,

  evaluate: (info) => translatePrefix("destination", info),

  // One word of the new address takes up the checksum's difference: it is in the prefix, and not known further.
  symbolic: ({ destination: { address, mask } }) => ({
    kind: "write",
    writes: [
      {
        kind: "some",
        field: "dst",
        ranges: [address, BigInt(address) | (IPV6_ALL_ONES & ~BigInt(mask))],
        reason: "DNPT: an address in the new prefix",
      },
    ],
  }),
});
