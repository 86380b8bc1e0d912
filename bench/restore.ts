/**
 * Reading and printing rules, against `iptables-legacy-restore --test` on the same file in the same run, whole
 * processes in turn; then the cost of a rule from 1,000 to 300,000 rules. `node bench/restore.ts [FILE]`.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseRestore, savedPieces } from "../src/syntax/index.ts";
import { largeRuleset } from "./large-ruleset.ts";
import { type Measured, measure, median } from "./measure.ts";

const RUNS = 7;
const folder = mkdtempSync(join(tmpdir(), "postern-bench-"));
try {
  const file = process.argv[2] ?? join(folder, "large.rules");
  if (process.argv[2] === undefined) writeFileSync(file, largeRuleset(100_000, 42));
  const rules = readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line.startsWith("-A")).length;

  const unshare = process.getuid?.() === 0 ? "-n" : "-rn";
  const postern = ["bin/postern", "fmt", "--as-saved", file] as const;
  const peer = ["unshare", unshare, "iptables-legacy-restore", "--test"] as const;
  await measure(postern, file);
  await measure(peer, file);
  const pairs: (readonly [Measured, Measured])[] = [];
  for (let run = 0; run < RUNS; run++) pairs.push([await measure(postern, file), await measure(peer, file)]);
  const own = median(pairs.map(([a]) => a.seconds));
  const other = median(pairs.map(([, b]) => b.seconds));
  const ratio = median(pairs.map(([a, b]) => a.seconds / b.seconds));
  const memory = Math.max(...pairs.map(([a]) => a.megabytes));
  console.log(`${rules} rules, median of ${RUNS} pairs of whole processes`);
  console.log(`  postern fmt --as-saved          ${own.toFixed(2)} s, ${memory.toFixed(0)} MB`);
  console.log(`  iptables-legacy-restore --test  ${other.toFixed(2)} s`);
  console.log(`  ratio, pair by pair             ${ratio.toFixed(2)}`);

  const version: number[] = [];
  for (let run = 0; run < RUNS; run++)
    version.push((await measure(["bin/postern", "--version"], "/dev/null")).seconds);
  console.log(`postern --version                 ${(median(version) * 1000).toFixed(0)} ms`);

  console.log("growth, whole processes, less the time for an empty ruleset:");
  const empty = join(folder, "empty.rules");
  writeFileSync(empty, "*filter\nCOMMIT\n");
  const starts: number[] = [];
  for (let run = 0; run < RUNS; run++)
    starts.push((await measure(["bin/postern", "fmt", "--as-saved", empty], empty)).seconds);
  const start = median(starts);
  console.log(`    empty  ${(start * 1000).toFixed(0)} ms`);
  for (const count of [1_000, 3_000, 10_000, 30_000, 100_000, 300_000]) {
    const grown = join(folder, `${count}.rules`);
    writeFileSync(grown, largeRuleset(count, 42));
    const runs: Measured[] = [];
    for (let run = 0; run < 3; run++)
      runs.push(await measure(["bin/postern", "fmt", "--as-saved", grown], grown));
    const seconds = median(runs.map((each) => each.seconds));
    const peak = Math.max(...runs.map((each) => each.megabytes));
    console.log(
      `  ${String(count).padStart(7)} rules  ${(((seconds - start) / count) * 1e6).toFixed(1).padStart(6)} µs a rule  ${peak.toFixed(0).padStart(5)} MB`,
    );
  }

  const sample = largeRuleset(100_000, 42);
  const text = [...savedPieces(parseRestore({ text: sample, source: "bench", family: "ipv4" }).ruleset)].join(
    "",
  );
  if (text !== sample) throw new Error("the printed ruleset is not the one that was read");
} finally {
  rmSync(folder, { recursive: true });
}
