/** Listings of a host other than rulesets: what was read of each, and what is wrong with it. */
import { type Diagnostic, hasErrors } from "../base/index.ts";
import {
  parseConntrack,
  parseIpAddress,
  parseIpRoute,
  parseIpRule,
  parseIpSets,
  parseSysctl,
} from "../hoststate/index.ts";
import type { HostFacts } from "../review/index.ts";
import type { Listing } from "./subject.ts";

export interface ListingContent {
  /** What was read, in a few words. */
  readonly content: string;
  readonly findings: readonly Diagnostic[];
  /** For a look at the rules beside it; absent where an error has left something out. */
  readonly facts?: HostFacts;
}

const ELEMENT_CODES: ReadonlySet<string> = new Set([
  "hoststate/bad-ipset-element",
  "hoststate/unknown-element",
  "hoststate/unknown-set",
]);

export function readListing({ kind, text, source, aside }: Listing): ListingContent {
  switch (kind) {
    case undefined:
    case "ruleset":
      return { content: `${aside ?? "not a listing that Postern reads"}; left aside`, findings: [] };
    case "ipset": {
      const { sets, diagnostics } = parseIpSets(text, source);
      // A wrong element leaves its set in the listing; a wrong command may have been the one that makes a set.
      const commands = diagnostics.filter(({ code }) => !ELEMENT_CODES.has(code));
      return { content: `${sets.length} ipsets`, findings: diagnostics, ...sound(commands, { sets }) };
    }
    case "addresses": {
      const { interfaces, diagnostics } = parseIpAddress(text, source);
      return {
        content: `${interfaces.length} interfaces with addresses`,
        findings: diagnostics,
        ...sound(diagnostics, { interfaces }),
      };
    }
    case "routes": {
      const { routes, diagnostics } = parseIpRoute(text, source);
      return { content: `${routes.length} routes`, findings: diagnostics, ...sound(diagnostics, { routes }) };
    }
    case "routing rules": {
      const { rules, diagnostics } = parseIpRule(text, source);
      return { content: `${rules.length} routing rules`, findings: diagnostics };
    }
    case "conntrack": {
      const { entries, diagnostics } = parseConntrack(text, source);
      return { content: `${entries.length} conntrack entries`, findings: diagnostics };
    }
    case "sysctl": {
      const { settings, diagnostics } = parseSysctl(text, source);
      return { content: `${settings.length} sysctls`, findings: diagnostics };
    }
  }
}

function sound(diagnostics: readonly Diagnostic[], facts: HostFacts): Pick<ListingContent, "facts"> {
  return hasErrors(diagnostics) ? {} : { facts };
}

/** What several listings say together. */
export function mergeFacts(all: readonly HostFacts[]): HostFacts {
  const merged: { -readonly [Kind in keyof HostFacts]: HostFacts[Kind] } = {};
  for (const { sets, interfaces, routes } of all) {
    if (sets !== undefined) merged.sets = [...(merged.sets ?? []), ...sets];
    if (interfaces !== undefined) merged.interfaces = [...(merged.interfaces ?? []), ...interfaces];
    if (routes !== undefined) merged.routes = [...(merged.routes ?? []), ...routes];
  }
  return merged;
}
