/**
 * `ask shadow`, whole processes: hard sets of 10,000 rules and flat lists of addresses, then growth from 1,000 to 100,000
 * rules. `node bench/shadow.ts [FILE…]` measures those files first.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HARD_KINDS, hardRuleset } from "./hard-rulesets.ts";
import { largeRuleset } from "./large-ruleset.ts";
import { measure, median } from "./measure.ts";

const RUNS = 5;
const folder = mkdtempSync(join(tmpdir(), "postern-bench-"));

/** Exit code 1 says that there are findings. */
async function row(name: string, file: string): Promise<void> {
  const runs = [];
  for (let run = 0; run < RUNS; run++)
    runs.push(await measure(["bin/postern", "ask", "shadow", file, "--json"], "/dev/null", [0, 1]));
  const seconds = median(runs.map((each) => each.seconds));
  const peak = Math.max(...runs.map(({ megabytes }) => megabytes));
  console.log(`${name.padEnd(28)} ${seconds.toFixed(2).padStart(6)} s ${peak.toFixed(0).padStart(5)} MB`);
}

try {
  for (const file of process.argv.slice(2)) await row(file, file);
  const written = (text: string): string => {
    const file = join(folder, "rules");
    writeFileSync(file, text);
    return file;
  };
  for (const kind of HARD_KINDS) await row(`10,000 of ${kind}`, written(hardRuleset(kind, 10_000, 42)));
  await row("61,000 of addresses", written(hardRuleset("addresses", 61_000, 42)));
  for (const count of [1_000, 3_000, 10_000, 30_000, 100_000])
    await row(`${count} rules`, written(largeRuleset(count, 42)));
} finally {
  rmSync(folder, { recursive: true });
}
