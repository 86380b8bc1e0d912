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
import type { Machine } from "../evaluation.ts";
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

  // As nf_conncount counts: every connection seen under the key that is still alive, this one included. A packet without
  // a connection counts by its own tuple, which nothing keeps alive.
  evaluate: ({ limit, above, prefixBits, by }, machine) => {
    const mask = toWords(prefixMask(machine.family, prefixBits));
    const seen = new Map<string, Counted[]>();
    return (skb) => {
      const own = skb.ct?.original ?? machine.tupleOf(skb);
      if (own === undefined) return "hotdrop";
      const ownZone = skb.ct?.zone ?? 0;
      const key = `${ownZone} ${addressKey(maskedWords(by === "source" ? sourceOf(skb) : destinationOf(skb), mask))}`;
      const list = seen.get(key) ?? [];
      seen.set(key, list);
      if (!sweep(list, own, machine)) list.push({ tuple: own, zone: ownZone });
      return list.length > limit === above;
    };
  },

  symbolic: () => unknown("connlimit: how many connections there are"),
});

interface Counted {
  readonly tuple: TupleView;
  readonly zone: number;
}

/** So many are swept out at a time, and one more. */
const MAX_SWEPT = 8;

/**
 * Takes out of the list what is gone or closed, up to the connection itself: what stands behind that is not looked at.
 * @returns whether the connection is in the list. Kernel: __nf_conncount_add().
 */
function sweep(list: Counted[], own: TupleView, machine: Machine): boolean {
  let swept = 0;
  for (let at = 0; at < list.length && swept <= MAX_SWEPT; ) {
    const { tuple, zone } = list[at] as Counted;
    const state = machine.connectionState(tuple, zone);
    if (state !== "none" && sameTuple(tuple, own)) return true;
    if (state === "open") at++;
    else {
      list.splice(at, 1);
      swept++;
    }
  }
  return false;
}

/** What differs most often comes first. */
const sameTuple = (a: TupleView, b: TupleView): boolean =>
  a === b ||
  (a.sport === b.sport &&
    a.s3 === b.s3 &&
    a.d3 === b.d3 &&
    a.dport === b.dport &&
    a.protocol === b.protocol &&
    a.s0 === b.s0 &&
    a.s1 === b.s1 &&
    a.s2 === b.s2 &&
    a.d0 === b.d0 &&
    a.d1 === b.d1 &&
    a.d2 === b.d2);
