/**
 * What the TTL and HL targets do to a packet's remaining hops: one target under two names in the kernel.
 * Kernel: net/netfilter/xt_HL.c, ttl_tg() and hl_tg6().
 */
import type { Effect } from "../pktset/index.ts";
import { type Occurrence, optional } from "./contract.ts";
import type { TargetAction } from "./evaluation.ts";
import { uint, uint8 } from "./numbers.ts";
import { type Refusal, refuse } from "./refusal.ts";
import { hopCount, setHopCount } from "./rewriting.ts";

/** `inc` stops at 255 and `dec` at 0. */
export interface HopLimitChange {
  readonly action: "set" | "dec" | "inc";
  readonly hops: number;
}

/** The options `--ttl-set` and the like; exactly one must be given. */
export const setHops = (excludes: readonly string[]) => optional(uint8, { excludes });
export const changeHops = (excludes: readonly string[]) => optional(uint(1, 255), { excludes });

export interface HopLimitOperands {
  readonly set: Occurrence<number> | undefined;
  readonly dec: Occurrence<number> | undefined;
  readonly inc: Occurrence<number> | undefined;
}

export function hopLimitChange(
  prefix: "ttl" | "hl",
  { set, dec, inc }: HopLimitOperands,
): HopLimitChange | Refusal {
  if (set !== undefined) return { action: "set", hops: set.value };
  if (dec !== undefined) return { action: "dec", hops: dec.value };
  if (inc !== undefined) return { action: "inc", hops: inc.value };
  return refuse(
    "xt/missing-option",
    "no change is given",
    `add --${prefix}-set, --${prefix}-dec or --${prefix}-inc`,
  );
}

export function printHopLimitChange(prefix: "ttl" | "hl", { action, hops }: HopLimitChange): string {
  return `--${prefix}-${action} ${hops}`;
}

/** The change of a packet's TTL or hop limit, which stays between 0 and 255. */
export function changeHopLimit({ action, hops }: HopLimitChange): TargetAction {
  return (skb) => {
    const old = hopCount(skb);
    const changed =
      action === "set" ? hops : action === "inc" ? Math.min(255, old + hops) : Math.max(0, old - hops);
    if (changed !== old) setHopCount(skb, changed);
    return "continue";
  };
}

/** The same for all packets; of a step up or down is only known what it cannot reach. */
export function hopLimitWrite({ action, hops }: HopLimitChange): Effect {
  return {
    kind: "write",
    writes: [
      action === "set"
        ? { kind: "bits", field: "ttl", clear: 0xff, flip: hops }
        : {
            kind: "some",
            field: "ttl",
            ranges: action === "inc" ? [hops, 0xff] : [0, 0xff - hops],
            reason: `TTL: ${action === "inc" ? "raised" : "lowered"} by ${hops}`,
          },
    ],
  };
}
