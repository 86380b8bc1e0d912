/**
 * The `time` match: the moment at which the packet passes.
 *
 *     [--datestart date] [--datestop date]           YYYY[-MM[-DD[Thh[:mm[:ss]]]]]
 *     [--timestart time] [--timestop time] [--contiguous]    hh:mm[:ss]
 *     [!] --monthdays day[,day...]                   1 to 31
 *     [!] --weekdays day[,day...]                    Mon to Sun, or 1 to 7
 *     [--utc | --kerneltz | --localtz]
 *
 * Everything is UTC unless `--kerneltz` (formerly `--localtz`) asks for the kernel's zone. A start later than the
 * stop runs over midnight; weekday and month day are then those of each side, or with `--contiguous` of the evening.
 * Under `!` the days are printed that remain. iptables-save prints the default `--datestop`, since it takes another
 * value for the default than the one it sets. Kernel: net/netfilter/xt_time.c, time_mt(), revision 0.
 */
import { unknown } from "../../pktset/index.ts";
import { defineMatch, flag, type Occurrence, optional, type ValueParser } from "../contract.ts";
import { parseDate, parseTimeOfDay, printDate, printTimeOfDay } from "../moments.ts";
import { wholeNumber } from "../numbers.ts";
import { type Refusal, refuse, refuseOption } from "../refusal.ts";

const LAST_SECOND = 24 * 60 * 60 - 1;
const LAST_DATE = 0x7fffffff;
const WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const MONTHDAYS = Array.from({ length: 31 }, (_, index) => index + 1);
const ALL_WEEKDAYS = [1, 2, 3, 4, 5, 6, 7];

export interface TimeInfo {
  /** Seconds since 1970, both inclusive. */
  readonly dateStart: number;
  readonly dateStop: number;
  /** Seconds since midnight, both inclusive. */
  readonly timeStart: number;
  readonly timeStop: number;
  /** A time over midnight belongs to the day on which it began. */
  readonly contiguous: boolean;
  /** In ascending order, from 1. */
  readonly monthdays: readonly number[];
  /** In ascending order, Monday is 1. */
  readonly weekdays: readonly number[];
  /** The kernel's time zone instead of UTC. */
  readonly kernelZone: boolean;
}

/** A list of days; one comma may stand at the end. */
function days(
  all: readonly number[],
  dayOf: (text: string) => number | undefined,
  hint: string,
): ValueParser<readonly number[]> {
  return (text) => {
    const chosen = new Set<number>();
    const items = text.split(",");
    if (items.length > 1 && items.at(-1) === "") items.pop();
    for (const item of items) {
      const day = dayOf(item);
      if (day === undefined) return refuse("xt/bad-day", `"${item}" is not a day`, hint);
      chosen.add(day);
    }
    return all.filter((day) => chosen.has(day));
  };
}

/** iptables reads two characters of a day, and `010` so as 1. */
const monthday = (text: string): number | undefined =>
  text.length > 2 ? undefined : wholeNumber(text, 1, 31);

/** iptables reads three characters and compares two; more must at least be the day's name. */
function weekday(text: string): number | undefined {
  const named = text.length < 2 ? -1 : WEEKDAYS.findIndex((name) => name.startsWith(text));
  return named >= 0 ? named + 1 : text.length > 3 ? undefined : wholeNumber(text, 1, 7);
}

function remaining(
  use: Occurrence<readonly number[]> | undefined,
  all: readonly number[],
): readonly number[] {
  if (use === undefined) return all;
  return use.invert ? all.filter((day) => !use.value.includes(day)) : use.value;
}

const noDay = (option: string): Refusal =>
  refuseOption(
    "xt/out-of-range",
    option,
    "no day remains, and iptables-save could not list that",
    "leave out a day",
  );

export const time = defineMatch({
  name: "time",
  revision: 0,
  families: ["ipv4", "ipv6"],
  summary: "date, day and time of day",
  options: {
    "--datestart": optional(parseDate, { operand: "date" }),
    "--datestop": optional(parseDate, { operand: "date" }),
    "--timestart": optional(parseTimeOfDay, { operand: "time" }),
    "--timestop": optional(parseTimeOfDay, { operand: "time" }),
    "--contiguous": flag(),
    "--monthdays": optional(days(MONTHDAYS, monthday, "write days from 1 to 31 with commas between"), {
      invertible: true,
      operand: "day[,day...]",
    }),
    "--weekdays": optional(days(ALL_WEEKDAYS, weekday, "write Mon, Tue, Wed, Thu, Fri, Sat or Sun"), {
      invertible: true,
      operand: "day[,day...]",
    }),
    "--localtz": flag({ excludes: ["--utc"] }),
    "--utc": flag({ excludes: ["--kerneltz"] }),
    "--kerneltz": flag(),
  },

  build: (given) => {
    const info: TimeInfo = {
      dateStart: given["--datestart"]?.value ?? 0,
      dateStop: given["--datestop"]?.value ?? LAST_DATE,
      timeStart: given["--timestart"]?.value ?? 0,
      timeStop: given["--timestop"]?.value ?? LAST_SECOND,
      contiguous: given["--contiguous"] !== undefined,
      monthdays: remaining(given["--monthdays"], MONTHDAYS),
      weekdays: remaining(given["--weekdays"], ALL_WEEKDAYS),
      kernelZone: given["--kerneltz"] !== undefined || given["--localtz"] !== undefined,
    };
    if (info.monthdays.length === 0) return noDay("--monthdays");
    if (info.weekdays.length === 0) return noDay("--weekdays");
    if (info.dateStop === 0) {
      return refuseOption(
        "xt/out-of-range",
        "--datestop",
        "iptables-save drops a stop at the start of 1970",
        "write a later date",
      );
    }
    if (!info.contiguous || info.timeStart >= info.timeStop) return info;
    const message = "--contiguous is about times that run over midnight";
    return refuseOption(
      "xt/conflicting-options",
      "--contiguous",
      message,
      "remove it, or let the time stop before it starts",
    );
  },

  print: (info: TimeInfo) => {
    const parts: string[] = [];
    if (info.timeStart !== 0 || info.timeStop !== LAST_SECOND) {
      parts.push(`--timestart ${printTimeOfDay(info.timeStart)} --timestop ${printTimeOfDay(info.timeStop)}`);
    }
    if (info.monthdays.length < MONTHDAYS.length) parts.push(`--monthdays ${info.monthdays.join(",")}`);
    if (info.weekdays.length < WEEKDAYS.length) {
      parts.push(`--weekdays ${info.weekdays.map((day) => WEEKDAYS[day - 1]?.slice(0, 3)).join(",")}`);
    }
    if (info.dateStart !== 0) parts.push(`--datestart ${printDate(info.dateStart)}`);
    parts.push(`--datestop ${printDate(info.dateStop)}`);
    if (info.kernelZone) parts.push("--kerneltz");
    if (info.contiguous) parts.push("--contiguous");
    return parts.join(" ");
  },

  evaluate: (info, machine) => () => {
    const now = machine.wallClock();
    if (now === undefined || info.kernelZone) return "unknown";
    return timeHolds(info, Math.floor(now / 1000));
  },

  symbolic: () => unknown("time: when the packet comes"),
});

const DAY_SEC = 86_400;

/** Whether a moment, in seconds since 1970, is inside what the options ask. Kernel: net/netfilter/xt_time.c, time_mt(). */
function timeHolds(info: TimeInfo, moment: number): boolean {
  const { dateStart, dateStop, timeStart, timeStop, contiguous, monthdays, weekdays } = info;
  if (moment < dateStart || moment > dateStop) return false;
  const time = moment % DAY_SEC;
  let day = moment;
  if (timeStart < timeStop) {
    if (time < timeStart || time > timeStop) return false;
  } else {
    if (time < timeStart && time > timeStop) return false;
    if (contiguous && time <= timeStop) day -= DAY_SEC;
  }
  const date = new Date(day * 1000);
  const weekday = date.getUTCDay() === 0 ? 7 : date.getUTCDay();
  if (weekdays.length > 0 && !weekdays.includes(weekday)) return false;
  return monthdays.length === 0 || monthdays.includes(date.getUTCDate());
}
