/**
 * Rate and burst of `hashlimit`: of packets or of bytes, which the rate decides for both.
 * Source: extensions/libxt_hashlimit.c, hashlimit_mt_check(). Kernel: net/netfilter/xt_hashlimit.c,
 * hashlimit_mt_check_common().
 */
import {
  type BurstOperand,
  bytesPerSec,
  isByteRate,
  parseByteRate,
  printByteBurst,
  printByteRate,
} from "./byte-rate.ts";
import type { ValueParser } from "./contract.ts";
import { parsePacketRate, printPacketRate } from "./rate.ts";
import { Refusal, refuse, refuseOption } from "./refusal.ts";

/** XT_HASHLIMIT_SCALE_v2: ticks a second. */
const SCALE = 1_000_000;
const MAX_BURST = 1_000_000;
/** Seconds after which an idle entry expires under a rate of bytes. */
const BYTE_EXPIRE_SEC = 15;
const BYTE_BURST_EXPIRE_SEC = 60;
/** HZ × CREDITS_PER_JIFFY ÷ SCALE, the same for 250 and 1000 jiffies a second. */
const CREDITS_PER_TICK = 137_438_953n;
const UINT64_MAX = (1n << 64n) - 1n;

export interface HashRate {
  /** Ticks for one packet, or the cost of 16 bytes. */
  readonly cost: number;
  readonly bytes: boolean;
}

/** A rate as written. */
export interface HashRateOperand extends HashRate {
  /** Seconds of the unit of a packet rate. */
  readonly unitSec: number;
}

/** A rate with its burst, as the kernel keeps them. */
export interface HashBucket extends HashRate {
  /** Packets, or multiples of the bytes of one second; 0 only for bytes: none. */
  readonly burst: number;
}

export const parseHashRate: ValueParser<HashRateOperand> = (text) => {
  if (isByteRate(text)) {
    const cost = parseByteRate(text);
    return cost instanceof Refusal ? cost : { cost, bytes: true, unitSec: BYTE_EXPIRE_SEC };
  }
  const rate = parsePacketRate(text, SCALE);
  return rate instanceof Refusal ? rate : { cost: rate.ticks, bytes: false, unitSec: rate.unitSec };
};

const badBurst = (message: string, hint: string): Refusal =>
  refuseOption("xt/out-of-range", "--hashlimit-burst", message, hint);

/** The burst as the kernel keeps it. */
export function keptBurst(rate: HashRate, burst: BurstOperand | undefined): number | Refusal {
  if (burst === undefined) return rate.bytes ? 0 : 5;
  if (!rate.bytes) {
    if (burst.amount <= MAX_BURST && !burst.bytes) return burst.amount;
    return badBurst(`the burst is not from 1 to ${MAX_BURST} packets`, "write a number without b");
  }
  if (burst.plain ? burst.amount > MAX_BURST : burst.amount > 0xffffffff) {
    return badBurst("the burst is too large", `write at most ${MAX_BURST}, or up to 4095mb with k or m`);
  }
  const unit = bytesPerSec(rate.cost);
  if (burst.amount >= unit) return Math.ceil(burst.amount / unit);
  return badBurst("the burst is smaller than the bytes of one second", `write at least ${unit}b`);
}

/** Seconds after which an idle entry of the table expires, if nothing else was said. */
export function expirySec(rate: HashRateOperand, burst: number): number {
  return rate.bytes && burst > 0 ? BYTE_BURST_EXPIRE_SEC : rate.unitSec;
}

/** `5/sec --hashlimit-burst 5` or `512kb/s`, and the expiry that reading it would give. */
export function printBucket({ cost, bytes, burst }: HashBucket): { text: string; expirySec: number } {
  if (!bytes) {
    const { text, unitSec } = printPacketRate(cost, SCALE);
    return { text: `${text} --hashlimit-burst ${burst}`, expirySec: unitSec };
  }
  const rate = printByteRate(cost);
  if (burst === 0) return { text: rate, expirySec: BYTE_EXPIRE_SEC };
  const text = `${rate} --hashlimit-burst ${printByteBurst(burst * bytesPerSec(cost))}`;
  return { text, expirySec: BYTE_BURST_EXPIRE_SEC };
}

/** Credit as the kernel counts it, in 64 bits; of what overflows it notices only some, and so do we. */
function credits(ticks: bigint): bigint {
  return (ticks * CREDITS_PER_TICK) & UINT64_MAX;
}

/** How much a bucket holds, in ticks: the burst, or what its credit's overflow leaves of it. Kernel: user2credits(). */
export const bucketSize = (cost: number, burst: number): number =>
  Number(credits(BigInt(cost) * BigInt(burst))) / Number(CREDITS_PER_TICK);

/** What the kernel refuses of a bucket that limits. */
export function bucketRefusal({ cost, bytes, burst }: HashBucket): Refusal | undefined {
  if (bytes) {
    if (cost >= 2) return undefined;
    return refuse("xt/out-of-range", "the byte rate is too high for the kernel", "write less than 32768mb/s");
  }
  if (credits(BigInt(cost) * BigInt(burst)) >= credits(BigInt(cost))) return undefined;
  return refuse(
    "xt/out-of-range",
    `a burst of ${burst} at this rate overflows the kernel's 64 bits of credit`,
    "lower the burst: it must refill within 134217 seconds",
  );
}

/** What the kernel refuses of a rate under `--hashlimit-rate-match`. */
export function rateMatchRefusal({ cost }: HashRate): Refusal | undefined {
  if (cost > 0) return undefined;
  return refuse(
    "xt/out-of-range",
    "the rate is too fast for --hashlimit-rate-match",
    `at most ${SCALE} a second`,
  );
}
