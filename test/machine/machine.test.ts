/** The machine against recorded runs of the real kernel: every case that we were given, and every fact that was measured. */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { type CaseFile, type CaseSession, openCase } from "../../src/cases/index.ts";
import type { KernelResult } from "../../src/lab/index.ts";
import { KernelChoices } from "../differential/machine/adopt.ts";
import { differences } from "../differential/machine/compare.ts";
import { PROFILES } from "../differential/machine/generate.ts";
import {
  allCases,
  type RandomRecording,
  type Recording,
  randomRecordingPath,
  recordingPath,
} from "./cases.ts";

/** Half a tick of the kernel's clock, so that the machine's is never just short of one. */
const HALF_TICK_MS = 2;

/** Takes the steps of a recorded run in the machine, at the recorded times and with the numbers that the kernel drew. */
function replay(name: string, file: CaseFile, { backend, results }: Recording): readonly string[] {
  const choices = new KernelChoices();
  const session = openCase(name, file, { backend, choices: () => choices }) as CaseSession;
  expect(session).toHaveProperty("step");
  expect(results.length).toBe(file.packets.length);
  const found: string[] = [];
  let last = -HALF_TICK_MS;
  file.packets.forEach((step, at) => {
    const recorded = results[at] as KernelResult;
    choices.observe(recorded, step);
    const outcome = session.step({ ...step, id: at, delay_ms: recorded.at - last });
    last = recorded.at;
    if (outcome === undefined) found.push(`step ${at} is refused`);
    else found.push(...differences(recorded, outcome).map((line) => `step ${at}: ${line}`));
  });
  return found;
}

for (const backend of ["legacy", "nft"] as const) {
  for (const { name, file } of allCases()) {
    test(`${name} (${backend})`, () => {
      const recording = JSON.parse(readFileSync(recordingPath(name, backend), "utf8")) as Recording;
      expect(replay(name, file, recording)).toEqual([]);
    });
  }
  for (const profile of PROFILES) {
    test(`a random case of the profile ${profile} (${backend})`, () => {
      const packed = readFileSync(randomRecordingPath(profile, backend));
      const recording = JSON.parse(gunzipSync(packed).toString()) as RandomRecording;
      expect(recording.results.length).toBeGreaterThan(50);
      expect(replay(profile, recording.file, recording)).toEqual([]);
    });
  }
}
