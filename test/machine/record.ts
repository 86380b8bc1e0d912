/**
 * Runs cases on this machine's kernel and writes down what it did, for comparisons anywhere:
 *
 *   unshare -n node test/machine/record.ts [NAME …]
 *
 * With names, only the cases whose names begin so.
 *
 * What the machine makes of a case plays no part in the record.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { release } from "node:os";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import type { CaseStep } from "../../src/cases/index.ts";
import { type KernelResult, openKernelCase } from "../../src/lab/index.ts";
import { PROFILES, planRandomCase, playPackets } from "../differential/machine/generate.ts";
import {
  allCases,
  type RandomRecording,
  type Recording,
  randomRecordingPath,
  recordingPath,
} from "./cases.ts";

const RANDOM_SEED = 1;
const RANDOM_PACKETS = 60;

for (const folder of ["recorded", "random"])
  mkdirSync(fileURLToPath(new URL(folder, import.meta.url)), { recursive: true });
const kernelVersion = release().replace(/-.*/, "");
const wanted = process.argv.slice(2);
for (const { name, file } of allCases()) {
  if (wanted.length > 0 && !wanted.some((each) => name.startsWith(each))) continue;
  for (const backend of ["legacy", "nft"] as const) {
    using kernel = await openKernelCase(file, backend, 0);
    const results = file.packets.map((step, index) => kernel.step(step, index));
    const recording: Recording = { kernel: kernelVersion, backend, results };
    const lines = JSON.stringify(recording, undefined, 1);
    writeFileSync(recordingPath(name, backend), `${lines}\n`);
  }
}

for (const profile of wanted.length > 0 ? [] : PROFILES) {
  for (const backend of ["legacy", "nft"] as const) {
    const planned = planRandomCase(profile, RANDOM_SEED);
    using kernel = await openKernelCase(planned.file, backend, 0);
    const results: KernelResult[] = [];
    const player = {
      step: (step: CaseStep, index: number): KernelResult => {
        const result = kernel.step(step, index);
        results.push(result);
        return result;
      },
    };
    const packets = playPackets(planned, player, RANDOM_PACKETS);
    // A packet more may have been played than was asked for.
    results.length = packets.length;
    const recording: RandomRecording = {
      kernel: kernelVersion,
      backend,
      file: { ...planned.file, packets },
      results,
    };
    writeFileSync(randomRecordingPath(profile, backend), gzipSync(JSON.stringify(recording), { level: 9 }));
  }
}
