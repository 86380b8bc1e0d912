/**
 * The `quota` match: holds until a number of bytes has passed.
 *
 *     [!] --quota bytes
 *
 * Each packet that fits is counted, by its length from the network header on; the first that does not fit empties the
 * quota for good, until the rule is loaded anew. What is left is never listed, so that iptables-save and a restore
 * fill it up again. Kernel: net/netfilter/xt_quota.c, quota_mt(), revision 0.
 */
import { unknown } from "../../pktset/index.ts";
import { defineMatch, required } from "../contract.ts";
import { uint64 } from "../numbers.ts";

export interface QuotaInfo {
  readonly bytes: bigint;
  readonly invert: boolean;
}

export const quota = defineMatch({
  name: "quota",
  revision: 0,
  families: ["ipv4", "ipv6"],
  summary: "until a number of bytes has passed",
  options: { "--quota": required(uint64, { invertible: true, operand: "bytes" }) },

  build: ({ "--quota": { value, invert } }): QuotaInfo => ({ bytes: value, invert }),
  print: ({ bytes, invert }) => `${invert ? "! " : ""}--quota ${bytes}`,

  evaluate: ({ bytes, invert }) => {
    let left = bytes;
    return (skb) => {
      const length = BigInt(skb.bytes.length);
      if (left >= length) {
        left -= length;
        return !invert;
      }
      left = 0n;
      return invert;
    };
  },

  symbolic: () => unknown("quota: how many bytes have passed"),
});
