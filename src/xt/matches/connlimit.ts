/**
 * The `connlimit` match: how many connections one host or network has at the same time.
 *
 *     [!] --connlimit-upto number          holds for 0 to number connections
 *     [!] --connlimit-above number         holds for more
 *     --connlimit-mask length              groups addresses into networks; a mask that is a prefix will do
 *     --connlimit-saddr | --connlimit-daddr
 *
 * One of the first two must be given; `! --connlimit-upto` is listed as --connlimit-above, and the other way round.
 * Without a mask each address counts for itself, by its source unless --connlimit-daddr is given. A packet whose tuple
 * cannot be had is dropped by the match itself. Kernel: net/netfilter/xt_connlimit.c, connlimit_mt(), revision 1.
 */

import { addressBits, prefixMask, toWords } from "../../net/index.ts";
import { unknown } from "../../pktset/index.ts";
import { defineMatch, flag, optional } from "../contract.ts";
import { uint32 } from "../numbers.ts";
import { addressKey, destinationOf, maskedWords, sourceOf } from "../packet-tests.ts";
import { refuse } from "../refusal.ts";
import { prefixLength } from "../resolved-hosts.ts";
import type { TupleView } from "../skb.ts";

export interface ConnlimitInfo {
  readonly limit: number;
  /** Holds above the limit, else up to it. */
  readonly above: boolean;
  readonly prefixBits: number;
  readonly by: "source" | "destination";
}

export const connlimit = defineMatch({
  name: "connlimit",
  revision: 1,
  families: ["ipv4", "ipv6"],
  summary: "number of connections that a host or network has at the same time",
  options: {
    "--connlimit-upto": optional(uint32, {
      invertible: true,
      excludes: ["--connlimit-above"],
      operand: "number",
    }),
    "--connlimit-above": optional(uint32, {
      invertible: true,
      excludes: ["--connlimit-upto"],
      operand: "number",
    }),
    "--connlimit-mask": optional(prefixLength, { operand: "length" }),
    "--connlimit-saddr": flag({ excludes: ["--connlimit-daddr"] }),
    "--connlimit-daddr": flag({ excludes: ["--connlimit-saddr"] }),
  },

  build: (
    {
      "--connlimit-upto": upto,
      "--connlimit-above": above,
      "--connlimit-mask": mask,
      "--connlimit-daddr": destination,
    },
    { family },
  ) => {
    const limit = above ?? upto;
    if (limit === undefined)
      return refuse(
        "xt/missing-option",
        "it tests nothing without a limit",
        "add --connlimit-above number or --connlimit-upto number",
      );
    const info: ConnlimitInfo = {
      limit: limit.value,
      above: (above !== undefined) !== limit.invert,
      prefixBits: mask?.value ?? addressBits(family),
      by: destination === undefined ? "source" : "destination",
    };
    return info;
  },

  print: ({ limit, above, prefixBits, by }) =>
    `--connlimit-${above ? "above" : "upto"} ${limit} --connlimit-mask ${prefixBits} --connlimit-${by === "source" ? "saddr" : "daddr"}`,

  // As nf_conncount counts: every connection seen under the key that is still alive, this one included.
  evaluate: ({ limit, above, prefixBits, by }, machine) => {
    const mask = toWords(prefixMask(machine.family, prefixBits));
    const seen = new Map<string, { readonly tuple: TupleView; readonly zone: number }[]>();
    return (skb) => {
      const { ct } = skb;
      if (ct === undefined) return "unknown";
      const key = `${ct.zone} ${addressKey(maskedWords(by === "source" ? sourceOf(skb) : destinationOf(skb), mask))}`;
      const own = ct.original;
      const alive = (seen.get(key) ?? []).filter(
        ({ tuple, zone }) => tuple === own || machine.isConnected(tuple, zone),
      );
      if (!alive.some(({ tuple }) => tuple === own)) alive.push({ tuple: own, zone: ct.zone });
      seen.set(key, alive);
      return alive.length > limit === above;
    };
  },

  symbolic: () => unknown("connlimit: how many connections there are"),
});
