/** The host that a question is asked of: rules of one family with its listings of addresses, routes and ipsets. */
import { LineIndex } from "../../../base/index.ts";
import type { Family } from "../../../net/index.ts";
import type { ReachOptions } from "../../../query/index.ts";
import { hostContext, type MetRule } from "../../../reach/index.ts";
import { Failure } from "../../failure.ts";
import { readHost, refuseErrors } from "../../host-listings.ts";
import { readSubjects } from "../../subject.ts";

export interface AskedHost {
  readonly options: Pick<ReachOptions, "ruleset" | "context" | "routing">;
  readonly interfaces: readonly string[];
  /** `file:line` of a rule; empty for a policy. */
  placeOf(rule: MetRule): string;
}

export function readAskedHost(subjects: readonly string[], family: Family): AskedHost {
  const host = readHost(readSubjects(subjects).flat(), undefined);
  refuseErrors(host, "asked");
  const { snapshot, listings, backend } = host;
  const ruleset = snapshot.rulesets[family];
  if (ruleset === undefined) throw new Failure(2, `no ${family} ruleset among ${subjects.join(", ")}`);
  if (snapshot.lacksRoutes)
    throw new Failure(
      2,
      "where packets go is not known: add what `ip address` and `ip route show table all` list",
    );
  const { interfaces, routes, sets } = snapshot.listed;
  const hasSets = listings.some(({ kind }) => kind === "ipset");
  const lines = new Map(listings.map(({ source, text }) => [source, new LineIndex(text)]));
  return {
    options: {
      ruleset,
      context: hostContext(family, backend, { interfaces, ...(hasSets && { sets }) }),
      routing: { interfaces, routes, rules: snapshot.routingRules[family] },
    },
    interfaces: interfaces.map(({ name }) => name),
    placeOf: ({ rule }) => {
      const span = rule?.rule.span;
      return span === undefined ? "" : `${span.source}:${lines.get(span.source)?.position(span.start).line}`;
    },
  };
}

export function requireInterface({ interfaces }: AskedHost, name: string): void {
  if (!interfaces.includes(name))
    throw new Failure(2, `the host has no interface "${name}"; it has ${interfaces.join(", ")}`);
}

/** `rules.v4:8,29`: each file once. */
export function placesText(places: readonly string[]): string {
  const files = new Map<string, Set<string>>();
  for (const place of places) {
    const colon = place.lastIndexOf(":");
    if (colon < 0) continue;
    const file = place.slice(0, colon);
    files.set(file, (files.get(file) ?? new Set()).add(place.slice(colon + 1)));
  }
  return [...files].map(([file, lines]) => `${file}:${[...lines].join(",")}`).join(", ");
}

/** Rules for machines. */
export const rulesJson = (rules: readonly MetRule[], host: AskedHost): readonly object[] =>
  rules.map((met) => ({
    table: met.table.name,
    chain: met.chain.name,
    ...(met.rule === undefined
      ? { policy: met.chain.policy }
      : { index: met.rule.index, place: host.placeOf(met) }),
    ...(met.perhaps && { perhaps: true }),
  }));
