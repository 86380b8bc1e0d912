/**
 * The `set` match: whether the packet's addresses, ports or interfaces are in an ipset.
 *
 *     [!] --match-set, --set name direction[,direction…] [--return-nomatch]
 *     [! --update-counters] [! --update-subcounters]
 *     [[!] --packets-eq n | --packets-lt n | --packets-gt n]
 *     [[!] --bytes-eq n | --bytes-lt n | --bytes-gt n]
 *
 * A direction is src or dst, one for each dimension of the set; with fewer than the set has, nothing matches. The
 * counters are those of the entry, and matching updates them unless a `!` says not to; without their `!` the two
 * update options say nothing, and are not printed. Whether the set exists, only the host knows.
 * Kernel: net/netfilter/xt_set.c, set_match_v4() and set_match_v4_checkentry(), revision 4.
 */
import { both, everything, invertible, unknown } from "../../pktset/index.ts";
import { defineMatch, flag, type Occurrence, optional, required } from "../contract.ts";
import { type IpsetReference, ipsetReference, printIpsetReference } from "../ipset-reference.ts";
import { uint64 } from "../numbers.ts";

/** A test of an entry's counter, as the option is called; "!eq" is its negation. */
export interface CounterTest {
  readonly test: "eq" | "!eq" | "lt" | "gt";
  readonly value: bigint;
}

export interface SetMatchInfo extends IpsetReference {
  readonly invert: boolean;
  /** Entries flagged `nomatch` count as found. */
  readonly returnNomatch: boolean;
  readonly updateCounters: boolean;
  /** Also the counters of the sets in a list:set. */
  readonly updateSubcounters: boolean;
  readonly packets: CounterTest | undefined;
  readonly bytes: CounterTest | undefined;
}

type Use = Occurrence<bigint> | undefined;

function counterTest(equal: Use, less: Use, greater: Use): CounterTest | undefined {
  if (equal !== undefined) return { test: equal.invert ? "!eq" : "eq", value: equal.value };
  if (less !== undefined) return { test: "lt", value: less.value };
  return greater === undefined ? undefined : { test: "gt", value: greater.value };
}

function printTest(name: string, counter: CounterTest | undefined): string {
  if (counter === undefined) return "";
  const { test, value } = counter;
  return test === "!eq" ? ` ! --${name}-eq ${value}` : ` --${name}-${test} ${value}`;
}

export const set = defineMatch({
  name: "set",
  revision: 4,
  families: ["ipv4", "ipv6"],
  summary: "whether the packet is in an ipset",
  options: {
    "--match-set": required(ipsetReference, {
      words: 2,
      invertible: true,
      aliases: ["--set"],
      operand: "name direction[,direction…]",
    }),
    "--return-nomatch": flag({ repetition: "last-wins" }),
    "--update-counters": flag({ invertible: true }),
    "--update-subcounters": flag({ invertible: true }),
    "--packets-eq": optional(uint64, { invertible: true, excludes: ["--packets-lt", "--packets-gt"] }),
    "--packets-lt": optional(uint64, { excludes: ["--packets-gt"] }),
    "--packets-gt": optional(uint64),
    "--bytes-eq": optional(uint64, { invertible: true, excludes: ["--bytes-lt", "--bytes-gt"] }),
    "--bytes-lt": optional(uint64, { excludes: ["--bytes-gt"] }),
    "--bytes-gt": optional(uint64),
  },

  build: (given): SetMatchInfo => ({
    ...given["--match-set"].value,
    invert: given["--match-set"].invert,
    returnNomatch: given["--return-nomatch"] !== undefined,
    updateCounters: given["--update-counters"]?.invert !== true,
    updateSubcounters: given["--update-subcounters"]?.invert !== true,
    packets: counterTest(given["--packets-eq"], given["--packets-lt"], given["--packets-gt"]),
    bytes: counterTest(given["--bytes-eq"], given["--bytes-lt"], given["--bytes-gt"]),
  }),
  print: (info) => {
    let text = `${info.invert ? "! " : ""}--match-set ${printIpsetReference(info)}`;
    if (info.returnNomatch) text += " --return-nomatch";
    if (!info.updateCounters) text += " ! --update-counters";
    if (!info.updateSubcounters) text += " ! --update-subcounters";
    return text + printTest("packets", info.packets) + printTest("bytes", info.bytes);
  },

  evaluate: (info, machine) => (skb) => {
    const view = machine.set(info.set);
    if (view === undefined) return "unknown";
    const { returnNomatch, updateCounters, updateSubcounters } = info;
    const counter = (test: CounterTest | undefined, value: number): boolean => {
      if (test === undefined) return true;
      const actual = BigInt(value);
      switch (test.test) {
        case "eq":
          return actual === test.value;
        case "!eq":
          return actual !== test.value;
        case "lt":
          return actual < test.value;
        case "gt":
          return actual > test.value;
      }
    };
    const accepts = (packets: number, bytes: number): boolean =>
      counter(info.packets, packets) && counter(info.bytes, bytes);
    const lookup = { returnNomatch, updateCounters, updateSubcounters, accepts };
    return (view.test(skb, info.directions, lookup) !== undefined) !== info.invert;
  },

  symbolic: ({ set, directions, returnNomatch, packets, bytes, invert }, context) =>
    invertible(
      both(
        context.setHolds(set, directions, { returnNomatch }),
        packets === undefined && bytes === undefined ? everything : unknown(`set: the counters of ${set}`),
      ),
      invert,
    ),
});
