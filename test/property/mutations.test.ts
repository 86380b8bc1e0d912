/** A short run of each fuzzer on each test run; the files in `fuzz/` alone take count and seed. */
import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";

test.each([
  ["rules", "fuzz/restore.ts", "4000"],
  ["packets and cases", "fuzz/machine.ts", "20000"],
])(
  "damaged %s: no exception, no hang, every place inside its input",
  { timeout: 300_000 },
  (_, file, count) => {
    const run = spawnSync(process.execPath, [file, count, "7"], { encoding: "utf8" });
    expect(run.stderr).toBe("");
    expect(run.status).toBe(0);
  },
);
