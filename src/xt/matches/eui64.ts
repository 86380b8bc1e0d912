/**
 * The `eui64` match: the last 64 bits of the IPv6 source address were made from the sender's Ethernet address
 * (RFC 4291, appendix A).
 *
 * It has no options. Only Ethernet frames of IPv6 can match. Unlike RFC 4291, which flips the universal bit of the
 * Ethernet address, the kernel sets it. Kernel: net/ipv6/netfilter/ip6t_eui64.c, eui64_mt6(), revision 0.
 */
import { both, masked, unknown } from "../../pktset/index.ts";
import { defineMatch, NO_OPERANDS } from "../contract.ts";

export const eui64 = defineMatch({
  name: "eui64",
  revision: 0,
  families: ["ipv6"],
  summary: "the source address comes from the sender's Ethernet address",
  hooks: ["PREROUTING", "INPUT", "FORWARD"],
  options: {},
  build: () => NO_OPERANDS,
  print: () => "",

  evaluate: () => (skb) => {
    const { bytes, sourceMac } = skb;
    if (sourceMac === undefined) return "unknown";
    if (sourceMac.length !== 6) return "hotdrop";
    const id = [...sourceMac.subarray(0, 3), 0xff, 0xfe, ...sourceMac.subarray(3)];
    id[0] = (id[0] as number) ^ 2;
    return id.every((byte, index) => bytes[16 + index] === byte);
  },

  // The middle of the interface identifier is always ff:fe.
  symbolic: () =>
    both(
      masked("src", 0xfffe000000n, 0xffff000000n),
      unknown("eui64: which address has which Ethernet address"),
    ),
});
