import { expect, test } from "vitest";
import type { BuildContext } from "../contract.ts";
import { Refusal } from "../refusal.ts";
import { type RateestInfo, rateest } from "./rateest.ts";

const context: BuildContext = { family: "ipv4", protocol: undefined, table: "filter", chain: "INPUT" };

function build(interval: string, ewma: string): RateestInfo | Refusal {
  const operands = {
    "--rateest-name": "r",
    "--rateest-interval": interval,
    "--rateest-ewmalog": ewma,
  } as const;
  const read = (option: keyof typeof operands) => ({
    value: rateest.options[option].parse?.(operands[option], context),
    invert: false,
  });
  const given = {
    "--rateest-name": read("--rateest-name"),
    "--rateest-interval": read("--rateest-interval"),
    "--rateest-ewmalog": read("--rateest-ewmalog"),
  };
  return rateest.build(given as Parameters<typeof rateest.build>[0], context) as RateestInfo | Refusal;
}

test("every pair of times that can be printed is read back as itself", () => {
  for (let intervalShift = 0; intervalShift <= 5; intervalShift++) {
    for (let ewmaLog = 1; 0.25 * 2 ** (intervalShift + ewmaLog) <= 4294; ewmaLog++) {
      const [, , interval, , ewma] = rateest
        .print({ name: "r", intervalShift, ewmaLog }, context)
        .split(" ")
        .slice(1) as [string, string, string, string, string];
      expect(build(interval, ewma), `${interval} ${ewma}`).toEqual({ name: "r", intervalShift, ewmaLog });
    }
  }
});

test.each([
  ["200ms", 0],
  ["250ms", 0],
  ["250001us", 1],
  ["0.5s", 1],
  ["4.000001s", 5],
  ["8s", 5],
])("an interval of %s is rounded up to 0.25 s << %i", (interval, intervalShift) => {
  expect(build(interval, "100s")).toMatchObject({ intervalShift });
});

test("an averaging constant that would be printed cut to 32 bits is refused", () => {
  // Within the interval as written, but not within the quarter of a second that the kernel makes of it.
  const refusal = build("500us", "4000s");
  expect(refusal).toBeInstanceOf(Refusal);
  expect(refusal).toMatchObject({ code: "xt/out-of-range", option: "--rateest-ewmalog" });
});
