/**
 * Packet rates as `limit` and `hashlimit` keep them: not packets in a time but the time for one packet, a whole
 * number of ticks. Rates that the ticks cannot tell apart become one, so that 5001/sec of `limit` is listed, and
 * meant, as 10000/sec.
 * Source: extensions/libxt_limit.c and extensions/libxt_hashlimit.c, parse_rate() and print_rate().
 */
import { byAbbreviation } from "./abbreviations.ts";
import { decimalNumber } from "./decimal.ts";
import { Refusal, refuse } from "./refusal.ts";

/** The time for one packet. */
export interface PacketRate {
  readonly ticks: number;
  /** Seconds of the unit that the rate was written in. */
  readonly unitSec: number;
}

const UNITS: ReadonlyMap<string, number> = new Map([
  ["second", 1],
  ["minute", 60],
  ["hour", 3600],
  ["day", 86400],
]);

/** As printed, longest first. */
const PRINTED: readonly (readonly [string, number])[] = [
  ["day", 86400],
  ["hour", 3600],
  ["min", 60],
  ["sec", 1],
];

const HINT = "write a whole number with /second, /minute, /hour or /day, such as 10/minute";

/** `number[/unit]`, the unit abbreviated at will and a second if left out; `ticksPerSec` is the extension's scale. */
export function parsePacketRate(text: string, ticksPerSec: number): PacketRate | Refusal {
  const slash = text.indexOf("/");
  const number = decimalNumber(slash < 0 ? text : text.slice(0, slash), 1, Number.MAX_SAFE_INTEGER);
  const unit = slash < 0 ? 1 : byAbbreviation(text.slice(slash + 1), UNITS);
  if (number === undefined || unit === undefined || unit instanceof Refusal)
    return refuse("xt/bad-rate", `"${text}" is not a rate`, HINT);
  const ticks = Math.floor((ticksPerSec * unit) / number);
  if (ticks === 0) {
    return refuse(
      "xt/out-of-range",
      `the rate "${text}" is too fast to be told from no limit`,
      `at most ${ticksPerSec} packets a second can be limited`,
    );
  }
  return { ticks, unitSec: unit };
}

/** The unit that a rate is listed in: the shortest in which it is still a number of packets, roughly. */
function printedUnit(ticks: number, ticksPerSec: number): readonly [string, number] {
  let best = PRINTED[0] as readonly [string, number];
  for (const unit of PRINTED.slice(1)) {
    const whole = ticksPerSec * unit[1];
    if (ticks > whole || Math.floor(whole / ticks) < whole % ticks) break;
    best = unit;
  }
  return best;
}

/** `5/sec`, as iptables-save rounds it, and the seconds of the unit that it chose. */
export function printPacketRate(
  ticks: number,
  ticksPerSec: number,
): { readonly text: string; readonly unitSec: number } {
  const [name, unitSec] = printedUnit(ticks, ticksPerSec);
  return { text: `${Math.floor((ticksPerSec * unitSec) / ticks)}/${name}`, unitSec };
}
