/** A short run of the fuzzer on each test run; `fuzz/restore.ts` alone takes count and seed. */
import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";

test("4,000 damaged inputs: no exception, no hang, every place inside its input", {
  timeout: 300_000,
}, () => {
  const run = spawnSync(process.execPath, ["fuzz/restore.ts", "4000", "7"], { encoding: "utf8" });
  expect(run.stderr).toBe("");
  expect(run.status).toBe(0);
});
