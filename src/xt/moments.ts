/**
 * Dates and times of day as the `time` match reads and prints them. All are without time zone: the kernel applies
 * its own where it is told to. Source: extensions/libxt_time.c, time_parse_date() and time_parse_minutes().
 */
import { type Refusal, refuse } from "./refusal.ts";

const DATE = /^(\d+)(?:-(\d+)(?:-(\d+)(?:T(\d+)(?::(\d+)(?::(\d+))?)?)?)?)?$/;
const TIME = /^(\d+):(\d+)(?::(\d+))?$/;

const two = (number: number): string => `${number}`.padStart(2, "0");

const number = (digits: string | undefined, otherwise: number): number =>
  digits === undefined ? otherwise : Number(digits);

/**
 * `YYYY[-MM[-DD[Thh[:mm[:ss]]]]]` from 1970 to 2038, as seconds since 1970. iptables also takes parts left empty and
 * days that do not exist, 2024-02-30 being 2024-03-01 to it; both are refused.
 */
export function parseDate(text: string): number | Refusal {
  const found = DATE.exec(text);
  const bad = (): Refusal =>
    refuse(
      "xt/bad-date",
      `"${text}" is not a date`,
      "write YYYY-MM-DD or YYYY-MM-DDThh:mm:ss, from 1970 to 2038",
    );
  if (found === null) return bad();
  const year = Number(found[1]);
  const month = number(found[2], 1);
  const day = number(found[3], 1);
  const hour = number(found[4], 0);
  const minute = number(found[5], 0);
  const second = number(found[6], 0);
  if (year < 1970 || year > 2038 || hour > 23 || minute > 59 || second > 59) return bad();
  const date = new Date(Date.UTC(year, month - 1, day, hour, minute, second));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? date.getTime() / 1000 : bad();
}

/** `2024-02-29T08:00:00` */
export function printDate(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 19);
}

/** `hh:mm[:ss]`, as seconds since midnight. */
export function parseTimeOfDay(text: string): number | Refusal {
  const found = TIME.exec(text);
  const hour = number(found?.[1], 24);
  const minute = number(found?.[2], 60);
  const second = number(found?.[3], 0);
  if (hour <= 23 && minute <= 59 && second <= 59) return hour * 3600 + minute * 60 + second;
  return refuse(
    "xt/bad-time",
    `"${text}" is not a time of day`,
    "write hh:mm or hh:mm:ss, from 00:00 to 23:59:59",
  );
}

/** `08:00:00` */
export function printTimeOfDay(seconds: number): string {
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}
