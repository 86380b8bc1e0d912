/**
 * The machine against this computer's kernel: random cases of every profile, packet by packet, on both backends. A failure
 * names its seed, and `machine/soak.ts --seed` plays it again; `machine/soak.ts` also is the long run over other seeds.
 */
import { expect, test } from "vitest";
import { PROFILES } from "./machine/generate.ts";
import { rigAbsent, runRig } from "./machine/rig.ts";

const SEEDS = 4;
const PACKETS = 60;
const FIRST_SEED = 10_000;

const absent = rigAbsent();
if (absent !== undefined) console.warn(`The machine is not compared with a live kernel: ${absent}`);

for (const profile of PROFILES) {
  test.skipIf(absent !== undefined)(
    `${profile}: the machine does what the kernel does`,
    async () => {
      const records = await runRig(profile, FIRST_SEED, SEEDS, PACKETS);
      expect(records.length).toBe(2 * SEEDS);
      const wrong = records
        .filter(({ differences, error }) => differences.length > 0 || error !== undefined)
        .map(({ seed, backend, differences, error }) => ({ seed, backend, error, first: differences[0] }));
      expect(wrong).toEqual([]);
      expect(records.reduce((sum, { packets }) => sum + packets, 0)).toBeGreaterThan(SEEDS * PACKETS);
    },
    120_000,
  );
}
