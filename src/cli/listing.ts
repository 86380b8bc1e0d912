/** Listings of a host other than rulesets: what was read of each, and what is wrong with it. */
import type { Diagnostic } from "../base/index.ts";
import {
  parseConntrack,
  parseIpAddress,
  parseIpRoute,
  parseIpRule,
  parseIpSets,
  parseSysctl,
} from "../hoststate/index.ts";
import type { Listing } from "./subject.ts";

export function readListing({ kind, text, source }: Listing): {
  readonly content: string;
  readonly findings: readonly Diagnostic[];
} {
  switch (kind) {
    case undefined:
    case "ruleset":
      return { content: "not a listing that Postern reads, left aside", findings: [] };
    case "ipset": {
      const { sets, diagnostics } = parseIpSets(text, source);
      return { content: `${sets.length} ipsets`, findings: diagnostics };
    }
    case "addresses": {
      const { interfaces, diagnostics } = parseIpAddress(text, source);
      return { content: `${interfaces.length} interfaces with addresses`, findings: diagnostics };
    }
    case "routes": {
      const { routes, diagnostics } = parseIpRoute(text, source);
      return { content: `${routes.length} routes`, findings: diagnostics };
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
