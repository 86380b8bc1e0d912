/**
 * The `rateest` match: compares the rate that an estimator (target RATEEST) measures with a fixed rate, or with the
 * rate of another estimator.
 *
 *     --rateest name  [!] --rateest-lt|gt|eq  --rateest-bps rate | --rateest-pps number
 *     --rateest1 name [!] --rateest-lt|gt|eq  --rateest-bps | --rateest-pps  --rateest2 name
 *     --rateest-delta, and with it --rateest-bps1, --rateest-pps1, --rateest-bps2 and --rateest-pps2
 *
 * With --rateest-delta an estimator's rate is replaced by what it lacks of the first (second) rate given, or 0. A rate
 * has a unit (bit, kbit, Mibit, KBps …); one without is in bits too, though the manual says bytes. The kernel keeps
 * whole bytes, and the listing rounds from 1 Mbit on. With both kinds of rate both must hold; iptables lists the
 * comparison for each and cannot load that again, but Postern can. The estimators must exist when the rule is loaded.
 * Kernel: net/netfilter/xt_rateest.c, xt_rateest_mt() and xt_rateest_mt_checkentry(), revision 0.
 */
import { unknown } from "../../pktset/index.ts";
import { bareWord } from "../bare-word.ts";
import { parseBitRate, printBitRate } from "../bit-rate.ts";
import { defineMatch, flag, type Occurrence, optional, required, type ValueParser } from "../contract.ts";
import { uint32 } from "../numbers.ts";
import { Refusal, refuse, refuseOption } from "../refusal.ts";

/** Rates given to go with the first and the second estimator, in bytes or packets a second; 0 where none was given. */
export interface RatePair {
  readonly first: number;
  readonly second: number;
}

export interface RateestInfo {
  readonly estimator: string;
  /** undefined: the rate `second` is compared with. */
  readonly otherEstimator: string | undefined;
  readonly comparison: "lt" | "gt" | "eq";
  readonly invert: boolean;
  readonly delta: boolean;
  readonly bytesPerSec: RatePair | undefined;
  readonly packetsPerSec: RatePair | undefined;
}

/** A rate, or `true` where the option stands without one. */
type GivenRate = Occurrence<number | true> | undefined;

/** IFNAMSIZ less the zero byte. */
const estimatorName = bareWord(15);

// Either may stand without its rate, and then gives `true`.
const byteRate: ValueParser<number | true> = parseBitRate;
const packetRate: ValueParser<number | true> = uint32;

/** What the two options of one kind of rate say, once the mode is known. */
function pairOf(
  { first, second }: { readonly first: GivenRate; readonly second: GivenRate },
  kind: "bps" | "pps",
  mode: { readonly delta: boolean; readonly relative: boolean },
): RatePair | Refusal | undefined {
  if (first === undefined && second === undefined) return undefined;
  const firstRate = typeof first?.value === "number" ? first.value : undefined;
  const secondRate = typeof second?.value === "number" ? second.value : undefined;
  if (mode.delta) return { first: firstRate ?? 0, second: secondRate ?? 0 };
  const useless = mode.relative ? (firstRate ?? secondRate) : first;
  if (useless !== undefined) {
    const option = `--rateest-${kind}${mode.relative && firstRate === undefined ? 2 : 1}`;
    return refuseOption(
      "xt/conflicting-options",
      option,
      `the rate of ${option} would be ignored: there is no --rateest-delta`,
      mode.relative ? "add --rateest-delta, or remove the rate" : `write --rateest-${kind}`,
    );
  }
  if (!mode.relative && secondRate === undefined)
    return refuseOption(
      "xt/missing-operand",
      `--rateest-${kind}2`,
      `--rateest-${kind} needs a rate where there is no second estimator`,
      "write the rate after it",
    );
  return { first: 0, second: secondRate ?? 0 };
}

function printPair(
  pair: RatePair | undefined,
  kind: "bps" | "pps",
  { delta, otherEstimator, comparison, invert }: RateestInfo,
): string {
  if (pair === undefined) return "";
  const text = kind === "bps" ? printBitRate : String;
  const compare = `${invert ? " !" : ""} --rateest-${comparison}`;
  if (delta)
    return ` --rateest-${kind}1 ${text(pair.first)}${compare} --rateest-${kind}2 ${text(pair.second)}`;
  return `${compare} --rateest-${kind}${otherEstimator === undefined ? ` ${text(pair.second)}` : ""}`;
}

export const rateest = defineMatch({
  name: "rateest",
  revision: 0,
  families: ["ipv4", "ipv6"],
  summary: "the rate that an estimator measures",
  options: {
    "--rateest1": required(estimatorName, { aliases: ["--rateest"], operand: "name" }),
    "--rateest2": optional(estimatorName, { operand: "name" }),
    "--rateest-bps1": optional(byteRate, { words: "optional", operand: "[rate]" }),
    "--rateest-pps1": optional(packetRate, { words: "optional", operand: "[number]" }),
    "--rateest-bps2": optional(byteRate, {
      aliases: ["--rateest-bps"],
      words: "optional",
      operand: "[rate]",
    }),
    "--rateest-pps2": optional(packetRate, {
      aliases: ["--rateest-pps"],
      words: "optional",
      operand: "[number]",
    }),
    "--rateest-delta": flag(),
    "--rateest-lt": flag({
      invertible: true,
      repetition: "last-wins",
      excludes: ["--rateest-gt", "--rateest-eq"],
    }),
    "--rateest-gt": flag({
      invertible: true,
      repetition: "last-wins",
      excludes: ["--rateest-lt", "--rateest-eq"],
    }),
    "--rateest-eq": flag({
      invertible: true,
      repetition: "last-wins",
      excludes: ["--rateest-lt", "--rateest-gt"],
    }),
  },

  build: (given) => {
    const {
      "--rateest-lt": less,
      "--rateest-gt": greater,
      "--rateest-eq": equal,
      "--rateest2": other,
    } = given;
    const compare = less ?? greater ?? equal;
    if (compare === undefined)
      return refuse(
        "xt/missing-option",
        "it does not say how to compare",
        "add --rateest-lt, --rateest-gt or --rateest-eq",
      );
    const delta = given["--rateest-delta"] !== undefined;
    const mode = { delta, relative: other !== undefined };
    const bytesPerSec = pairOf(
      { first: given["--rateest-bps1"], second: given["--rateest-bps2"] },
      "bps",
      mode,
    );
    const packetsPerSec = pairOf(
      { first: given["--rateest-pps1"], second: given["--rateest-pps2"] },
      "pps",
      mode,
    );
    if (bytesPerSec instanceof Refusal) return bytesPerSec;
    if (packetsPerSec instanceof Refusal) return packetsPerSec;
    if (bytesPerSec === undefined && packetsPerSec === undefined)
      return refuse(
        "xt/missing-option",
        "it does not say what to compare",
        "add --rateest-bps or --rateest-pps",
      );
    const comparison = less !== undefined ? "lt" : greater !== undefined ? "gt" : "eq";
    const info: RateestInfo = {
      estimator: given["--rateest1"].value,
      otherEstimator: other?.value,
      comparison,
      invert: compare.invert,
      delta,
      bytesPerSec,
      packetsPerSec,
    };
    return info;
  },

  print: (info) => {
    const { delta, estimator, otherEstimator, bytesPerSec, packetsPerSec } = info;
    const name = otherEstimator === undefined ? "--rateest" : "--rateest1";
    const rates = printPair(bytesPerSec, "bps", info) + printPair(packetsPerSec, "pps", info);
    return `${delta ? "--rateest-delta " : ""}${name} ${estimator}${rates}${otherEstimator === undefined ? "" : ` --rateest2 ${otherEstimator}`}`;
  },

  evaluate: () => () => "unknown",

  symbolic: () => unknown("rateest: what an estimator measures"),
});
