/** The cases that are held against recorded runs: those in `cases/`, and one for each fact. */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { CaseFile } from "../../src/cases/index.ts";
import type { KernelResult } from "../../src/lab/index.ts";
import type { Backend } from "../../src/xt/index.ts";
import type { Profile } from "../differential/machine/generate.ts";
import { FACTS } from "./facts.ts";
import { HEADER_FACTS } from "./facts-headers.ts";
import { SET_FACTS } from "./facts-sets.ts";
import { IPV6_FACTS } from "./ipv6-facts.ts";

/** One run on a real kernel. */
export interface Recording {
  /** Its version. */
  readonly kernel: string;
  readonly backend: Backend;
  readonly results: readonly KernelResult[];
}

const CASES = new URL("cases/", import.meta.url);

export function allCases(): readonly { readonly name: string; readonly file: CaseFile }[] {
  const written = readdirSync(CASES)
    .sort()
    .map((name) => ({
      name: name.replace(".json", ""),
      file: JSON.parse(readFileSync(new URL(name, CASES), "utf8")) as CaseFile,
    }));
  return [
    ...written,
    ...Object.entries({ ...FACTS, ...HEADER_FACTS, ...IPV6_FACTS, ...SET_FACTS }).map(([name, file]) => ({
      name,
      file,
    })),
  ];
}

/** Random cases are kept with their runs, packed: they are made to be replayed, not read. */
export interface RandomRecording extends Recording {
  readonly file: CaseFile;
}

const RANDOM = new URL("random/", import.meta.url);

export const randomRecordingPath = (profile: Profile, backend: Backend): string =>
  fileURLToPath(new URL(`${profile}.${backend}.json.gz`, RANDOM));

export function recordingPath(name: string, backend: Backend): string {
  const slug = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, 60)
    .replace(/-$/, "");
  return fileURLToPath(new URL(`recorded/${slug}.${backend}.json`, import.meta.url));
}
