/**
 * The `limit` match: a token bucket, one for the rule, that every packet reaching the match draws from.
 *
 *     --limit rate[/second|/minute|/hour|/day]
 *     --limit-burst number
 *
 * The bucket holds `burst` tokens and starts full. Without `--limit` the rate is 3/hour, without `--limit-burst` the
 * burst is 5, which is not printed. There is no `!`: put the rule the other way round. The kernel's own `limit`
 * refuses slow rates with a burst that overflows its 32 bits of credit (1/day with a burst of 5); iptables-nft loads
 * nftables' expression instead, which does not.
 * Kernel: net/netfilter/xt_limit.c, limit_mt(), revision 0; net/netfilter/nft_limit.c.
 */
import { defineMatch, optional } from "../contract.ts";
import { uint } from "../numbers.ts";
import { type PacketRate, parsePacketRate, printPacketRate } from "../rate.ts";
import { refuseOption } from "../refusal.ts";

/** XT_LIMIT_SCALE: ticks a second. */
const SCALE = 10_000;
const DEFAULT_RATE: PacketRate = { ticks: SCALE * 1200, unitSec: 3600 };
const DEFAULT_BURST = 5;

export interface LimitInfo {
  readonly rate: PacketRate;
  readonly burst: number;
}

export const limit = defineMatch({
  name: "limit",
  revision: 0,
  families: ["ipv4", "ipv6"],
  summary: "at most so many packets in a time",
  options: {
    "--limit": optional((text) => parsePacketRate(text, SCALE), { operand: "rate[/unit]" }),
    "--limit-burst": optional(uint(0, 10_000), { operand: "number" }),
  },

  build: ({ "--limit": rate, "--limit-burst": burst }) => {
    if (burst?.value === 0) {
      return refuseOption(
        "xt/out-of-range",
        "--limit-burst",
        "a burst of 0 lets nothing through, and nftables takes it for 5",
        "write 1 or more",
      );
    }
    return { rate: rate?.value ?? DEFAULT_RATE, burst: burst?.value ?? DEFAULT_BURST } satisfies LimitInfo;
  },
  print: ({ rate, burst }: LimitInfo) => {
    const printed = `--limit ${printPacketRate(rate.ticks, SCALE).text}`;
    return burst === DEFAULT_BURST ? printed : `${printed} --limit-burst ${burst}`;
  },
});
