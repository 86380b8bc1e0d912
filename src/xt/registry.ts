/** Extensions by name and family, each with its option spellings prepared for reading. */
import type { Family } from "../net/index.ts";
import type { AnyMatch, AnyTarget, OptionSpec } from "./contract.ts";
import { MATCHES } from "./matches/index.ts";
import { TARGETS } from "./targets/index.ts";

/** One spelling of an option: the name it is filed under, and what it takes. */
export interface OptionEntry {
  readonly name: string;
  readonly spec: OptionSpec;
}

/** An extension as the reader uses it: every spelling of every option. */
export interface Loaded<Extension extends AnyMatch | AnyTarget> {
  readonly extension: Extension;
  readonly spellings: ReadonlyMap<string, OptionEntry>;
  /** Options that checks after reading must visit: required ones and ones with partners. */
  readonly constrained: readonly OptionEntry[];
}

function load<Extension extends AnyMatch | AnyTarget>(extension: Extension): Loaded<Extension> {
  const spellings = new Map<string, OptionEntry>();
  const constrained: OptionEntry[] = [];
  for (const [name, spec] of Object.entries(extension.options) as [string, OptionSpec][]) {
    const entry = { name, spec };
    for (const spelling of [name, ...spec.aliases]) spellings.set(spelling, entry);
    if (spec.required || spec.excludes.length > 0 || spec.requires.length > 0) constrained.push(entry);
  }
  return { extension, spellings, constrained };
}

function index<Extension extends AnyMatch | AnyTarget>(
  extensions: readonly Extension[],
): Readonly<Record<Family, ReadonlyMap<string, Loaded<Extension>>>> {
  const byFamily = { ipv4: new Map<string, Loaded<Extension>>(), ipv6: new Map<string, Loaded<Extension>>() };
  for (const extension of extensions) {
    const loaded = load(extension);
    for (const family of extension.families) {
      for (const name of [extension.name, ...(extension.aliases ?? [])]) byFamily[family].set(name, loaded);
    }
  }
  return byFamily;
}

const MATCH_INDEX = index(MATCHES);
const TARGET_INDEX = index(TARGETS);

export function findMatch(name: string, family: Family): Loaded<AnyMatch> | undefined {
  return MATCH_INDEX[family].get(name);
}

export function findTarget(name: string, family: Family): Loaded<AnyTarget> | undefined {
  return TARGET_INDEX[family].get(name);
}
