/** Starts workers in namespaces of their own, one a processor, and collects what they found. */
import { spawn, spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import type { CaseFile } from "../../../src/cases/index.ts";
import type { Profile } from "./generate.ts";
import type { Difference } from "./play.ts";

export interface RigRecord {
  readonly profile: Profile;
  readonly seed: number;
  readonly backend: "legacy" | "nft";
  readonly packets: number;
  readonly differences: readonly Difference[];
  readonly error?: string;
  /** The case as it was played, if something differed. */
  readonly file?: CaseFile;
}

const WORKER = fileURLToPath(new URL("worker.ts", import.meta.url));
const NAMESPACE_FLAGS = process.getuid?.() === 0 ? ["-n"] : ["-rn"];

/** Why the rig cannot run here; undefined if it can. */
export function rigAbsent(): string | undefined {
  const { status, stderr, error } = spawnSync("unshare", [...NAMESPACE_FLAGS, "iptables-legacy-save"], {
    encoding: "utf8",
  });
  if (error !== undefined) return `unshare cannot be run: ${error.message}`;
  return status === 0 ? undefined : `iptables in a private namespace fails: ${stderr.trim().split("\n")[0]}`;
}

/** Plays `seeds` random cases of a profile from `firstSeed` on, each with both backends and `packets` packets. */
export async function runRig(
  profile: Profile,
  firstSeed: number,
  seeds: number,
  packets: number,
): Promise<readonly RigRecord[]> {
  const workers = Math.min(seeds, availableParallelism());
  const share = Math.ceil(seeds / workers);
  const runs = Array.from({ length: workers }, (_, cpu) => {
    const from = firstSeed + cpu * share;
    const count = Math.min(share, firstSeed + seeds - from);
    return count > 0 ? runWorker(profile, from, count, packets, cpu) : [];
  });
  return (await Promise.all(runs)).flat();
}

function runWorker(
  profile: Profile,
  firstSeed: number,
  seeds: number,
  packets: number,
  cpu: number,
): Promise<readonly RigRecord[]> {
  const numbers = [firstSeed, seeds, packets, cpu].map(String);
  const child = spawn("unshare", [...NAMESPACE_FLAGS, process.execPath, WORKER, profile, ...numbers], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      if (code !== 0) reject(new Error(`a worker of the rig ended with ${code}`));
      else
        resolve(
          output
            .split("\n")
            .filter((line) => line !== "")
            .map((line) => JSON.parse(line) as RigRecord),
        );
    });
  });
}
