/** `postern replay`: recorded traffic through one ruleset, or two to compare. */
import { closeSync, openSync } from "node:fs";
import { seededRng } from "../../base/index.ts";
import { type CaptureSummary, readCapture } from "../../net/index.ts";
import { type LaneOptions, Replay } from "../../replay/index.ts";
import { World } from "../../sim/index.ts";
import type { Backend } from "../../xt/index.ts";
import { Failure, systemReason } from "../failure.ts";
import { type ListedHost, readHost, refuseErrors } from "../host-listings.ts";
import { readChunk } from "../input.ts";
import { writeOut } from "../output.ts";
import { readSubjects } from "../subject.ts";
import { type Replayed, RulePlaces, replayJson } from "./replay-json.ts";
import { replayText } from "./replay-text.ts";

export interface ReplayOptions {
  readonly hook?: "INPUT" | "FORWARD" | "OUTPUT";
  readonly in?: string;
  readonly out?: string;
  readonly stateless?: boolean;
  readonly backend?: Backend;
  readonly top: number;
  readonly packets?: number;
  readonly connections?: boolean;
  readonly json?: boolean;
}

/** Draws of the simulated kernel; the same in every run. */
const SEED = 1;

/** @returns the exit code: 1 if two rulesets differ on this traffic, or if the capture breaks off. */
export async function replay(
  capture: string,
  files: readonly string[],
  options: ReplayOptions,
): Promise<number> {
  const hosts = files.map((file) => readHost(readSubjects([file]).flat(), options.backend));
  for (const host of hosts) refuseErrors(host, "replayed");
  const lanes = hosts.map(({ snapshot }) => snapshot.makeHost(new World([], seededRng(SEED))));
  const hook = options.hook ?? (hosts.some(({ snapshot }) => snapshot.lacksRoutes) ? "FORWARD" : undefined);
  if (hook === undefined && options.stateless === true)
    throw new Failure(2, "--stateless goes with --hook: a host that routes also follows connections");
  if (hook === undefined && options.out !== undefined)
    throw new Failure(2, "--out goes with --hook: by its listings the host routes by itself");
  const run = new Replay(
    lanes as [never, ...never[]],
    {
      hook,
      inDevice: options.in ?? "",
      outDevice: options.out ?? "",
      stateless: options.stateless === true,
    },
    options.packets,
  );
  const start = performance.now();
  const summary = readCapture(chunksOf(capture), (packet) => run.take(packet));
  const seconds = (performance.now() - start) / 1000;
  if (summary.fault !== undefined) refuseOrWarn(capture, summary);
  const result = run.result();
  const replayed: Replayed = {
    capture,
    files,
    summary,
    result,
    packetsPerSecond: Math.round((result.packets.ipv4 + result.packets.ipv6) / Math.max(seconds, 1e-6)),
    places: hosts.map(({ listings }: ListedHost) => new RulePlaces(listings)),
    notes: notesOf(hosts, hook, options),
    hook,
    top: options.top,
    connections: options.connections === true ? run.connections() : undefined,
  };
  await writeOut(
    options.json === true ? `${JSON.stringify(replayJson(replayed), undefined, 1)}\n` : replayText(replayed),
  );
  return result.differingPackets > 0 || summary.fault !== undefined ? 1 : 0;
}

/** A file that breaks off is worth what stands before; one that holds nothing is not. */
function refuseOrWarn(capture: string, { fault, frames }: CaptureSummary): void {
  const message = `${capture}: byte ${fault?.offset}: ${fault?.message}`;
  if (frames === 0) throw new Failure(2, message);
  process.stderr.write(`postern: ${message}; what stands before is replayed\n`);
}

const CHUNK = 1 << 20;

/** Each chunk in memory of its own: packets may be held on to. */
function* chunksOf(path: string): Generator<Uint8Array> {
  const refuse = (reason: unknown): Failure =>
    new Failure(2, `cannot read "${path}": ${systemReason(reason)}`);
  let file: number;
  try {
    file = path === "-" ? 0 : openSync(path, "r");
  } catch (reason) {
    throw refuse(reason);
  }
  try {
    for (;;) {
      const chunk = new Uint8Array(CHUNK);
      let count: number;
      try {
        count = readChunk(file, chunk);
      } catch (reason) {
        throw refuse(reason);
      }
      if (count === 0) return;
      yield count === CHUNK ? chunk : chunk.subarray(0, count);
    }
  } finally {
    if (file !== 0) closeSync(file);
  }
}

/** What was taken for granted, a sentence each. */
function notesOf(
  hosts: readonly ListedHost[],
  hook: LaneOptions["hook"],
  options: ReplayOptions,
): readonly string[] {
  if (hook === undefined) return [...new Set(hosts.flatMap(({ snapshot }) => snapshot.assumptions))];
  const notes = new Set<string>();
  for (const { snapshot } of hosts) {
    for (const { tables } of Object.values(snapshot.rulesets)) {
      for (const [table, { chains }] of tables) {
        for (const { rules } of chains.values()) {
          if (table === "nat" && rules.length > 0)
            notes.add("rules of nat are not applied: packets are as the capture shows them");
          for (const { header } of rules) {
            if (header.inInterface !== undefined && options.in === undefined && hook !== "OUTPUT")
              notes.add("rules test -i, but no --in is given: such a test fails (and holds with !)");
            if (header.outInterface !== undefined && options.out === undefined && hook !== "INPUT")
              notes.add("rules test -o, but no --out is given: such a test fails (and holds with !)");
          }
        }
      }
    }
  }
  return [...notes];
}
