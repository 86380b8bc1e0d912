/** What --ctexpire shows of a connection that is not yet confirmed: its timeout, counted from where the ticks stand at 0. */
import { expect, test } from "vitest";
import { type CaseResult, runCase } from "../../src/cases/index.ts";
import { filter, gateway, lan, udp } from "./facts.ts";

const DAY_SEC = 86_400;
/** 2^32 ticks of 4 ms are 198.8 days. */
const cases: readonly (readonly [uptimeSec: number | undefined, shown: number])[] = [
  [0, 330],
  [100, 230],
  [329, 1],
  [331, 0],
  [undefined, 0],
  [99 * DAY_SEC, 0],
  [198 * DAY_SEC, 70_000],
];

for (const [uptime_sec, shown] of cases) {
  test(`after ${uptime_sec ?? "a usual number of"} seconds`, () => {
    const range = shown > 1000 ? `${shown}:90000` : `${Math.max(0, shown - 1)}:${shown}`;
    const rules = filter(`-A FORWARD -m conntrack --ctexpire ${range}`);
    const file = gateway(rules, [lan(udp())], uptime_sec === undefined ? {} : { uptime_sec });
    const [first] = (runCase("case", file) as CaseResult).packets;
    expect(first).toMatchObject({ rules: [{ chain: "FORWARD", index: 1 }] });
  });
}
