import { expect, test } from "vitest";
import { parsePacketRate, printPacketRate } from "./rate.ts";
import { Refusal } from "./refusal.ts";

const LIMIT = 10_000;
const HASHLIMIT = 1_000_000;

function listed(text: string, ticksPerSec: number): string | undefined {
  const rate = parsePacketRate(text, ticksPerSec);
  return rate instanceof Refusal ? undefined : printPacketRate(rate.ticks, ticksPerSec).text;
}

test.each([
  ["7", LIMIT, "7/sec"],
  ["3/h", LIMIT, "3/hour"],
  ["60/minute", LIMIT, "1/sec"],
  ["61/minute", LIMIT, "61/min"],
  ["1440/day", LIMIT, "1/min"],
  ["3334/sec", LIMIT, "5000/sec"],
  ["3334/sec", HASHLIMIT, "3344/sec"],
  ["864000000/day", LIMIT, "10000/sec"],
  ["10001/sec", LIMIT, undefined],
  ["10001/sec", HASHLIMIT, "10101/sec"],
  ["0/sec", LIMIT, undefined],
  ["1.5/sec", LIMIT, undefined],
  ["1/fortnight", LIMIT, undefined],
] as const)("%s at %d ticks a second is listed as %s", (text, ticksPerSec, printed) => {
  expect(listed(text, ticksPerSec)).toBe(printed);
});

test.each([LIMIT, HASHLIMIT])(
  "a listed rate is listed the same once loaded again, at %d ticks a second",
  (ticksPerSec) => {
    for (const unit of ["sec", "min", "hour", "day"]) {
      for (let number = 1; number < 1e9; number += 1 + Math.floor(number / 97)) {
        const printed = listed(`${number}/${unit}`, ticksPerSec);
        if (printed !== undefined) expect(listed(printed, ticksPerSec)).toBe(printed);
      }
    }
  },
);
