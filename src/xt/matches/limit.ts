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
import { unknown } from "../../pktset/index.ts";
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

  evaluate: ({ rate, burst }, machine) => {
    if (machine.backend === "nft") {
      const { packets, unitSec } = nftRate(rate.ticks);
      const cost = Math.floor((unitSec * NS_PER_SEC) / packets);
      const full = cost * burst;
      let tokens = full;
      let last = machine.now();
      return () => {
        const now = machine.now();
        tokens = Math.min(full, tokens + (now - last) * NS_PER_MS);
        last = now;
        if (tokens < cost) return false;
        tokens -= cost;
        return true;
      };
    }
    // Credits as xt_limit counts them, by jiffies.
    const cost = rate.ticks;
    const cap = bucketSize(cost, burst);
    let credit = cap;
    let jiffy = Math.floor(machine.now() / MS_PER_JIFFY);
    return () => {
      const now = Math.floor(machine.now() / MS_PER_JIFFY);
      credit = Math.min(cap, credit + ((now - jiffy) * SCALE * MS_PER_JIFFY) / 1000);
      jiffy = now;
      if (credit < cost) return false;
      credit -= cost;
      return true;
    };
  },

  symbolic: () => unknown("limit: how fast packets come"),
});

/** CREDITS_PER_JIFFY times HZ. */
const CREDITS_PER_SEC = 128 * 250;

/** How much the bucket holds, in ticks: the burst, or what is left of it in 32 bits. Kernel: xt_limit.c, user2credits(). */
function bucketSize(cost: number, burst: number): number {
  const ticks = (cost * burst) % 2 ** 32;
  if (ticks <= Math.floor(0xffffffff / CREDITS_PER_SEC)) return ticks;
  return ((Math.floor(ticks / SCALE) * CREDITS_PER_SEC) % 2 ** 32) / (CREDITS_PER_SEC / SCALE);
}

/** The kernel counts in jiffies of HZ=250. */
const MS_PER_JIFFY = 4;
const NS_PER_MS = 1_000_000;
const NS_PER_SEC = 1_000_000_000;

/** The rate as iptables-nft hands it to nftables: a whole number of packets in a unit. iptables/nft.c, add_nft_limit(). */
function nftRate(ticks: number): { packets: number; unitSec: number } {
  const scales = [86_400, 3600, 60, 1].map((unit) => unit * SCALE);
  let at = 1;
  while (at < scales.length) {
    const scale = scales[at] as number;
    if (ticks > scale || Math.floor(scale / ticks) < scale % ticks) break;
    at++;
  }
  const scale = scales[at - 1] as number;
  return { packets: Math.floor(scale / ticks), unitSec: scale / SCALE };
}
