/**
 * The long comparison of machine and kernel: so many packets a profile, half with each backend.
 *
 *   node test/differential/machine/soak.ts [--packets N] [--seed S] [--keep FOLDER] [PROFILE …]
 *
 * Prints a line a profile and each difference; --keep writes the cases that differed. Exit 1 if anything did.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { PROFILES, type Profile } from "./generate.ts";
import { rigAbsent, runRig } from "./rig.ts";

const PACKETS_PER_CASE = 100;
const BATCH = 50;

const { values, positionals } = parseArgs({
  options: {
    packets: { type: "string", default: "10000" },
    seed: { type: "string", default: "1" },
    keep: { type: "string" },
  },
  allowPositionals: true,
});
const absent = rigAbsent();
if (absent !== undefined) {
  console.error(absent);
  process.exit(3);
}
if (values.keep !== undefined) mkdirSync(values.keep, { recursive: true });
let failed = false;
for (const profile of (positionals.length > 0 ? positionals : PROFILES) as Profile[]) {
  const started = performance.now();
  const total = Number(values.packets);
  let packets = 0;
  let differing = 0;
  for (let seed = Number(values.seed); packets < total; seed += BATCH) {
    const seeds = Math.min(BATCH, Math.ceil((total - packets) / (2 * PACKETS_PER_CASE)));
    for (const record of await runRig(profile, seed, seeds, PACKETS_PER_CASE)) {
      packets += record.packets;
      differing += record.differences.length;
      if (record.error !== undefined) {
        failed = true;
        console.log(`${profile} ${record.seed} ${record.backend}: ${record.error}`);
        packets += PACKETS_PER_CASE;
      }
      const first = record.differences[0];
      if (first === undefined) continue;
      failed = true;
      console.log(
        `${profile} ${record.seed} ${record.backend}: ${record.differences.length} packets, first ${first.index}`,
      );
      for (const line of first.lines) console.log(`  ${line}`);
      if (values.keep !== undefined)
        writeFileSync(
          join(values.keep, `${profile}-${record.seed}-${record.backend}.json`),
          `${JSON.stringify(record.file, undefined, 1)}\n`,
        );
    }
  }
  const rate = Math.round((packets * 1000) / (performance.now() - started));
  console.log(`${profile}: ${packets} packets, ${differing} differ, ${rate} a second`);
}
process.exitCode = failed ? 1 : 0;
