/**
 * The `SNPT` target: gives the packet's source another network prefix, without connection tracking (RFC 6296).
 *
 *     --src-pfx prefix/length
 *     --dst-pfx prefix/length
 *
 * `DNPT` undoes it for the other direction; flows should be NOTRACK. IPv6 only, and in table mangle, not nat. Kernel:
 * net/ipv6/netfilter/ip6t_NPT.c, ip6t_snpt_tg(), revision 0.
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

export const snpt = defineTarget({
  name: "SNPT",
  revision: 0,
  families: ["ipv6"],
  summary: "translate the prefix of the source, statelessly",
  tables: ["mangle"],
  hooks: ["INPUT", "POSTROUTING"],
  options: translationOptions,
  build: buildTranslation,
  print: printTranslation,
  check: checkTranslation,

  evaluate: (info) => translatePrefix("source", info),

  // One word of the new address takes up the checksum's difference: it is in the prefix, and not known further.
  symbolic: ({ destination: { address, mask } }) => ({
    kind: "write",
    writes: [
      {
        kind: "some",
        field: "src",
        ranges: [address, BigInt(address) | (IPV6_ALL_ONES & ~BigInt(mask))],
        reason: "SNPT: an address in the new prefix",
      },
    ],
  }),
});
