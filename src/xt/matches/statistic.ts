/**
 * The `statistic` match: some packets of many, by chance or by count.
 *
 *     --mode random
 *     [!] --probability p                  0 to 1
 *     --mode nth
 *     [!] --every n                        n from 1
 *     --packet p                           0 to n - 1: which of each n packets
 *
 * The kernel keeps a probability as a multiple of 2^-31, so that 0.33 is listed as 0.33000000007. The count of `nth`
 * belongs to the rule, starts afresh whenever the rule is loaded, and is that of the packets that reach the match.
 * Kernel: net/netfilter/xt_statistic.c, statistic_mt(), revision 0.
 */
import { everything, invertible, nothing, unknown } from "../../pktset/index.ts";
import { defineMatch, optional, required, type ValueParser } from "../contract.ts";
import { wholeFloat } from "../floats.ts";
import { keyword } from "../keywords.ts";
import { uint, uint32 } from "../numbers.ts";
import { refuse, refuseOption } from "../refusal.ts";

export type StatisticInfo =
  /** `probability` in units of 2^-31. */
  | { readonly mode: "random"; readonly probability: number; readonly invert: boolean }
  | { readonly mode: "nth"; readonly every: number; readonly packet: number; readonly invert: boolean };

const CERTAIN = 2 ** 31;

const parseProbability: ValueParser<number> = (text) => {
  const value = wholeFloat(text);
  if (value === undefined || value < 0 || value > 1)
    return refuse("xt/bad-number", `"${text}" is not a number from 0 to 1`, "write a fraction such as 0.25");
  const probability = Math.round(CERTAIN * value);
  if (probability > 0 || value === 0) return probability;
  return refuse(
    "xt/out-of-range",
    `the probability ${text} is too small to be told from 0`,
    "write at least 0.0000000003",
  );
};

/** As printf("%.11f"), which rounds a tie to the even digit; Number.toFixed() rounds it up. */
function printProbability(probability: number): string {
  const scaled = BigInt(probability) * 10n ** 11n;
  const unit = BigInt(CERTAIN);
  const rest = scaled % unit;
  let digits = scaled / unit;
  if (rest * 2n > unit || (rest * 2n === unit && digits % 2n === 1n)) digits++;
  const text = `${digits}`.padStart(12, "0");
  return `${text.slice(0, -11)}.${text.slice(-11)}`;
}

export const statistic = defineMatch({
  name: "statistic",
  revision: 0,
  families: ["ipv4", "ipv6"],
  summary: "some packets of many, by chance or by count",
  options: {
    "--mode": required(keyword(["random", "nth"]), { operand: "random|nth" }),
    "--probability": optional(parseProbability, {
      invertible: true,
      excludes: ["--every", "--packet"],
      operand: "p",
    }),
    "--every": optional(uint(1, 0xffffffff), {
      invertible: true,
      excludes: ["--probability"],
      requires: ["--packet"],
      operand: "n",
    }),
    "--packet": optional(uint32, { excludes: ["--probability"], requires: ["--every"], operand: "p" }),
  },

  build: ({
    "--mode": { value: mode },
    "--probability": probability,
    "--every": every,
    "--packet": packet,
  }) => {
    if (mode === "random") {
      if (probability === undefined)
        return refuse("xt/missing-option", "--mode random needs --probability", "add --probability p");
      const random: StatisticInfo = { mode, probability: probability.value, invert: probability.invert };
      return random;
    }
    if (every === undefined || packet === undefined)
      return refuse("xt/missing-option", "--mode nth needs --every and --packet", "add --every n --packet 0");
    if (packet.value >= every.value) {
      return refuseOption(
        "xt/out-of-range",
        "--packet",
        `packet ${packet.value} is none of every ${every.value}, which are counted from 0`,
        `write 0 to ${every.value - 1}`,
      );
    }
    const nth: StatisticInfo = { mode, every: every.value, packet: packet.value, invert: every.invert };
    return nth;
  },

  print: (info) => {
    const test =
      info.mode === "random"
        ? `--probability ${printProbability(info.probability)}`
        : `--every ${info.every} --packet ${info.packet}`;
    return `--mode ${info.mode}${info.invert ? " !" : ""} ${test}`;
  },

  evaluate: (info) => {
    if (info.mode === "random") {
      const { probability, invert } = info;
      // Which packets are drawn nobody knows beforehand, unless none or all are.
      if (probability > 0 && probability < CERTAIN) return () => "unknown";
      return () => probability > 0 !== invert;
    }
    const { every, packet, invert } = info;
    let seen = 0;
    return () => {
      const fires = seen === packet;
      seen = (seen + 1) % every;
      return fires !== invert;
    };
  },

  symbolic: (info) => {
    const always = info.mode === "random" ? info.probability >= CERTAIN : info.every === 1;
    if (always) return invertible(everything, info.invert);
    if (info.mode === "random" && info.probability === 0) return invertible(nothing, info.invert);
    return unknown(info.mode === "random" ? "statistic: chance" : "statistic: how many packets came before");
  },
});
