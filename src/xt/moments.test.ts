import { expect, test } from "vitest";
import { parseDate, parseTimeOfDay, printDate, printTimeOfDay } from "./moments.ts";
import { Refusal } from "./refusal.ts";

test.each([
  ["1970", "1970-01-01T00:00:00"],
  ["2000-2-29", "2000-02-29T00:00:00"],
  ["2024-12-31T23:59:59", "2024-12-31T23:59:59"],
  ["2038-12", "2038-12-01T00:00:00"],
  ["2024-06-01T7:8", "2024-06-01T07:08:00"],
])("%s is %s", (text, printed) => {
  expect(printDate(parseDate(text) as number)).toBe(printed);
});

test.each([
  "1969-12-31",
  "2039",
  "2023-02-29",
  "2024-04-31",
  "2024-0-1",
  "2024-1-0",
  "2024-",
  "2024-01T00",
  "2024-01-01T24",
  "24-01-01x",
])("%s is no date", (text) => {
  expect(parseDate(text)).toBeInstanceOf(Refusal);
});

test.each([
  ["0:0", "00:00:00"],
  ["23:59:59", "23:59:59"],
  ["7:05", "07:05:00"],
])("%s is the time %s", (text, printed) => {
  expect(printTimeOfDay(parseTimeOfDay(text) as number)).toBe(printed);
});

test.each(["24:00", "12:60", "12:00:60", "12", "12:", "-1:00", "1:2:3:4"])("%s is no time of day", (text) => {
  expect(parseTimeOfDay(text)).toBeInstanceOf(Refusal);
});
