/**
 * The long comparison of machine and kernel: so many packets a profile, half with each backend.
 *
 *   node test/differential/machine/soak.ts [--packets N] [--seed S] [--keep FOLDER] [PROFILE …]
 *
 * Prints a line a profile and each difference; --keep writes the cases that differed. Exit 1 if anything did, 2 if the call is
 * wrong, 3 where namespaces cannot be made.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { PROFILES, type Profile } from "./generate.ts";
import { rigAbsent, runRig } from "./rig.ts";

const PACKETS_PER_CASE = 100;
const BATCH = 50;

const USAGE = `usage: soak.ts [--packets N] [--seed S] [--keep FOLDER] [PROFILE …]
profiles: ${PROFILES.join(" ")}`;

const { total, firstSeed, keep, profiles } = readCall();
const absent = rigAbsent();
if (absent !== undefined) {
  console.error(absent);
  process.exit(3);
}
if (keep !== undefined) mkdirSync(keep, { recursive: true });
let failed = false;
for (const profile of profiles) {
  const started = performance.now();
  let packets = 0;
  let differing = 0;
  for (let seed = firstSeed; packets < total; seed += BATCH) {
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
      if (keep !== undefined)
        writeFileSync(
          join(keep, `${profile}-${record.seed}-${record.backend}.json`),
          `${JSON.stringify(record.file, undefined, 1)}\n`,
        );
    }
  }
  const rate = Math.round((packets * 1000) / (performance.now() - started));
  console.log(`${profile}: ${packets} packets, ${differing} differ, ${rate} a second`);
}
process.exitCode = failed ? 1 : 0;

/** What was asked for; what cannot be read ends the run with the usage. */
function readCall() {
  try {
    const { values, positionals } = parseArgs({
      options: {
        packets: { type: "string", default: "10000" },
        seed: { type: "string", default: "1" },
        keep: { type: "string" },
      },
      allowPositionals: true,
    });
    const chosen = positionals.length > 0 ? positionals : PROFILES;
    return {
      total: wholeNumber("--packets", values.packets),
      firstSeed: wholeNumber("--seed", values.seed),
      keep: values.keep,
      profiles: chosen.map((name): Profile => {
        const known = PROFILES.find((profile) => profile === name);
        if (known === undefined) throw new Error(`there is no profile "${name}"`);
        return known;
      }),
    };
  } catch (reason) {
    console.error(`${reason instanceof Error ? reason.message : reason}\n${USAGE}`);
    process.exit(2);
  }
}

function wholeNumber(option: string, text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new Error(`${option} takes a whole number, not "${text}"`);
}
