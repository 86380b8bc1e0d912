/**
 * The comparison of the `ttl` and `hl` matches: time to live of IPv4, hop limit of IPv6, one byte each.
 * Kernel: net/netfilter/xt_hl.c.
 */
import { type Condition, is, not, within } from "../pktset/index.ts";
import { type Occurrence, type OptionSpec, optional } from "./contract.ts";
import type { MatchTest } from "./evaluation.ts";
import { uint8 } from "./numbers.ts";
import { type Refusal, refuse } from "./refusal.ts";
import { hopCount } from "./rewriting.ts";

export interface HopLimitInfo {
  readonly comparison: "eq" | "ne" | "lt" | "gt";
  readonly value: number;
}

type ComparisonOptions<Name extends "ttl" | "hl"> = {
  readonly [Option in `--${Name}-${"eq" | "lt" | "gt"}`]: OptionSpec<number, false, false>;
};

export function hopLimitOptions<Name extends "ttl" | "hl">(name: Name): ComparisonOptions<Name> {
  const options = {
    [`--${name}-eq`]: optional(uint8, {
      invertible: true,
      aliases: [`--${name}`],
      excludes: [`--${name}-lt`, `--${name}-gt`],
    }),
    [`--${name}-lt`]: optional(uint8, { excludes: [`--${name}-gt`] }),
    [`--${name}-gt`]: optional(uint8),
  };
  return options as unknown as ComparisonOptions<Name>;
}

export interface Comparisons {
  readonly eq: Occurrence<number> | undefined;
  readonly lt: Occurrence<number> | undefined;
  readonly gt: Occurrence<number> | undefined;
}

export function hopLimitInfo(name: "ttl" | "hl", { eq, lt, gt }: Comparisons): HopLimitInfo | Refusal {
  if (eq !== undefined) return { comparison: eq.invert ? "ne" : "eq", value: eq.value };
  if (lt !== undefined) return { comparison: "lt", value: lt.value };
  if (gt !== undefined) return { comparison: "gt", value: gt.value };
  return refuse(
    "xt/missing-option",
    "nothing says what to compare with",
    `add --${name}-eq, --${name}-lt or --${name}-gt`,
  );
}

export function printHopLimit(name: "ttl" | "hl", { comparison, value }: HopLimitInfo): string {
  return comparison === "ne" ? `! --${name}-eq ${value}` : `--${name}-${comparison} ${value}`;
}

/** The test of a packet's TTL or hop limit. */
export function hopLimitTest({ comparison, value }: HopLimitInfo): MatchTest {
  return (skb) => {
    const hops = hopCount(skb);
    switch (comparison) {
      case "eq":
        return hops === value;
      case "ne":
        return hops !== value;
      case "lt":
        return hops < value;
      case "gt":
        return hops > value;
    }
  };
}

/** The same for all packets. */
export function hopLimitCondition({ comparison, value }: HopLimitInfo): Condition {
  switch (comparison) {
    case "eq":
      return is("ttl", value);
    case "ne":
      return not(is("ttl", value));
    case "lt":
      return within("ttl", 0, value - 1);
    case "gt":
      return within("ttl", value + 1, 0xff);
  }
}
