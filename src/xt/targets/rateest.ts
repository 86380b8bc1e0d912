/**
 * The `RATEEST` target: counts packets and bytes into a rate estimator, which the `rateest` match reads by name.
 *
 *     --rateest-name name  --rateest-interval time  --rateest-ewmalog time
 *
 * A time is a number, in microseconds unless s, ms or us (or sec, secs, msec, ...) follows. The kernel knows only
 * intervals of 0.25 s to 8 s in powers of two, so the interval is rounded up; the averaging constant becomes the
 * interval times a power of two, which is what iptables-save prints. Two rules of one name must agree in both.
 * Source: extensions/libxt_RATEEST.c, RATEEST_final_check(). Kernel: net/netfilter/xt_RATEEST.c,
 * xt_rateest_tg_checkentry(), revision 0.
 */
import { bareWord } from "../bare-word.ts";
import { defineTarget, required } from "../contract.ts";
import { type Refusal, refuse, refuseOption } from "../refusal.ts";

export interface RateestInfo {
  readonly name: string;
  /** The interval is 0.25 s shifted left by so much: 0 to 5. */
  readonly intervalShift: number;
  /** The averaging constant is the interval shifted left by so much: 1 to 30. */
  readonly ewmaLog: number;
}

const TIME = /^\s*\+?(0x[0-9a-f]+|(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)(?:(s|secs?)|(ms|msecs?)|(us|usecs?)|)$/i;
const MAX_MICROSECONDS = 0xffffffff;
const SHORTEST = 250_000;
const LONGEST_SHIFT = 5;

function parseTime(text: string): number | Refusal {
  const found = TIME.exec(text);
  if (found === null)
    return refuse("xt/bad-time", `"${text}" is not a time`, "write a number with s, ms or us, such as 250ms");
  const [, number, seconds, milliseconds] = found;
  const microseconds = Math.floor(
    Number(number) * (seconds !== undefined ? 1_000_000 : milliseconds !== undefined ? 1_000 : 1),
  );
  if (microseconds > MAX_MICROSECONDS)
    return refuse(
      "xt/out-of-range",
      `"${text}" is more than iptables can hold, 4294 s`,
      "write a shorter time",
    );
  return microseconds;
}

/** The power of two by which the average forgets: the last whose weight is still reached within `ewma`. */
function ewmaLogOf(interval: number, ewma: number): number {
  let shift = 1;
  while (shift < 32 && !(interval / -Math.log(1 - 1 / 2 ** shift) > ewma)) shift++;
  return shift - 1;
}

const microseconds = (shift: number): number => SHORTEST * 2 ** shift;

/** One decimal, always exact here: both times are 0.25 s times a power of two. */
const printTime = (time: number): string =>
  time >= 1_000_000 ? `${(time / 1_000_000).toFixed(1)}s` : `${(time / 1_000).toFixed(1)}ms`;

export const rateest = defineTarget({
  name: "RATEEST",
  revision: 0,
  families: ["ipv4", "ipv6"],
  summary: "feed a rate estimator",
  options: {
    "--rateest-name": required(bareWord(15), { operand: "name" }),
    "--rateest-interval": required(parseTime, { operand: "time" }),
    "--rateest-ewmalog": required(parseTime, { operand: "time" }),
  },

  build: ({
    "--rateest-name": name,
    "--rateest-interval": interval,
    "--rateest-ewmalog": ewma,
  }): RateestInfo | Refusal => {
    let intervalShift = 0;
    while (interval.value > microseconds(intervalShift)) intervalShift++;
    if (intervalShift > LONGEST_SHIFT)
      return refuseOption(
        "xt/out-of-range",
        "--rateest-interval",
        "the interval is longer than 8 s",
        "write 8s or less",
      );
    const ewmaLog = ewmaLogOf(interval.value, ewma.value);
    if (ewmaLog === 0 || ewmaLog >= 31) {
      return refuseOption(
        "xt/out-of-range",
        "--rateest-ewmalog",
        "the averaging constant does not fit the interval",
        "write at least twice the interval",
      );
    }
    // Beyond, iptables-save prints what is left of it in 32 bits.
    if (microseconds(intervalShift + ewmaLog) > MAX_MICROSECONDS) {
      return refuseOption(
        "xt/out-of-range",
        "--rateest-ewmalog",
        "the averaging constant is more than iptables can print, 4294 s",
        "write a shorter time, or a longer interval",
      );
    }
    return { name: name.value, intervalShift, ewmaLog };
  },

  print: ({ name, intervalShift, ewmaLog }) =>
    `--rateest-name ${name} --rateest-interval ${printTime(microseconds(intervalShift))} --rateest-ewmalog ${printTime(microseconds(intervalShift + ewmaLog))}`,

  shared: ({ name, intervalShift, ewmaLog }) => {
    const interval = microseconds(intervalShift);
    return {
      name,
      options: `--rateest-interval ${printTime(interval)} --rateest-ewmalog ${printTime(interval * 2 ** ewmaLog)}`,
    };
  },

  evaluate: () => () => "continue",

  symbolic: () => ({ kind: "continue" }),
});
