/**
 * Plays random cases and prints one JSON line for each. Runs in a namespace of its own, which its caller makes:
 *
 *   unshare -n node worker.ts PROFILE FIRST_SEED SEEDS PACKETS CPU
 */
import type { Backend } from "../../../src/xt/index.ts";
import { type Profile, planRandomCase } from "./generate.ts";
import { type Played, playRandom } from "./play.ts";

const [profile, first, seeds, packets, cpu] = process.argv.slice(2);
for (let seed = Number(first); seed < Number(first) + Number(seeds); seed++) {
  for (const backend of ["legacy", "nft"] satisfies Backend[]) {
    let played: Played | undefined;
    let error: string | undefined;
    try {
      const planned = planRandomCase(profile as Profile, seed);
      played = await playRandom(planned, backend, Number(packets), Number(cpu));
    } catch (reason) {
      error = reason instanceof Error ? (reason.stack ?? reason.message) : String(reason);
    }
    const differences = played?.differences ?? [];
    const record = {
      profile,
      seed,
      backend,
      packets: played?.file.packets.length ?? 0,
      differences,
      error,
      ...(differences.length > 0 && { file: played?.file }),
    };
    process.stdout.write(`${JSON.stringify(record)}\n`);
  }
}
