/** `postern ask exposure`: every service that can be reached from an interface. */
import { hasErrors, LineIndex } from "../../../base/index.ts";
import type { Family } from "../../../net/index.ts";
import { type ExposedService, exposure } from "../../../query/index.ts";
import { hostContext, type MetRule } from "../../../reach/index.ts";
import { type HostListing, readSnapshot } from "../../../snapshot/index.ts";
import { Failure } from "../../failure.ts";
import { guessFamily } from "../../family.ts";
import { writeOut } from "../../output.ts";
import { isColoured, Reporter, wrap } from "../../report.ts";
import { type Listing, readSubjects } from "../../subject.ts";

export interface ExposureOptions {
  readonly from: string;
  readonly family: Family;
  readonly json?: boolean;
}

/** @returns the exit code. */
export async function askExposure(subjects: readonly string[], options: ExposureOptions): Promise<number> {
  const listings = readSubjects(subjects)
    .flat()
    .filter((listing): listing is Listing & HostListing => listing.kind !== undefined)
    .map((listing) => (listing.kind === "ruleset" ? { ...listing, family: guessFamily(listing) } : listing));
  const snapshot = readSnapshot(listings, "nft");
  if (hasErrors(snapshot.diagnostics)) {
    for (const listing of listings) {
      const reporter = new Reporter(listing, isColoured(process.stderr));
      for (const diagnostic of snapshot.diagnostics)
        if (diagnostic.span.source === listing.source && diagnostic.severity === "error")
          process.stderr.write(reporter.report(diagnostic));
    }
    throw new Failure(2, "nothing was asked: the listings have errors");
  }
  const { family, from } = options;
  const ruleset = snapshot.rulesets[family];
  if (ruleset === undefined) throw new Failure(2, `no ${family} ruleset among ${subjects.join(", ")}`);
  if (snapshot.lacksRoutes)
    throw new Failure(
      2,
      "where packets go is not known: add what `ip address` and `ip route show table all` list",
    );
  const { interfaces, routes, sets } = snapshot.listed;
  const rules = snapshot.routingRules[family];
  if (!interfaces.some(({ name }) => name === from))
    throw new Failure(
      2,
      `the host has no interface "${from}"; it has ${interfaces.map(({ name }) => name).join(", ")}`,
    );
  const answer = exposure({
    ruleset,
    context: hostContext(family, "nft", {
      interfaces,
      ...(listings.some(({ kind }) => kind === "ipset") && { sets }),
    }),
    routing: { interfaces, routes, rules },
    from,
  });
  const texts = new Map(listings.map(({ source, text }) => [source, new LineIndex(text)]));
  const place = ({ rule }: MetRule): string => {
    const span = rule?.rule.span;
    return span === undefined ? "" : `${span.source}:${texts.get(span.source)?.position(span.start).line}`;
  };
  await writeOut(
    options.json === true
      ? `${JSON.stringify(
          {
            from,
            exact: answer.exact,
            services: answer.services.map(({ rules: met, witness: _, ...rest }) => ({
              ...rest,
              rules: met.map((each) => ({
                table: each.table.name,
                chain: each.chain.name,
                index: each.rule?.index,
                place: place(each),
              })),
            })),
          },
          undefined,
          1,
        )}\n`
      : exposureText(from, answer.services, place),
  );
  return 0;
}

function exposureText(
  from: string,
  services: readonly ExposedService[],
  place: (rule: MetRule) => string,
): string {
  if (services.length === 0) return `Nothing can be reached from ${from}.\n`;
  const lines = [`Reachable from ${from} by a new connection:`, ""];
  for (const { protocol, address, port, backend, to, sources, rules, exact } of services) {
    const where = backend === undefined ? "" : ` -> ${backend}`;
    lines.push(
      ...wrap(`  ${protocol} ${address} port ${port}${where} (${to})${exact ? "" : " perhaps"}`, "      "),
    );
    lines.push(...wrap(`      from ${sources}`, "        "));
    const places = placesText(rules.map(place));
    if (places !== "") lines.push(...wrap(`      by ${places}`, "        "));
  }
  return `${lines.join("\n")}\n`;
}

/** `rules.v4:8,29`: each file once. */
function placesText(places: readonly string[]): string {
  const files = new Map<string, Set<string>>();
  for (const place of places) {
    const colon = place.lastIndexOf(":");
    if (colon < 0) continue;
    const file = place.slice(0, colon);
    files.set(file, (files.get(file) ?? new Set()).add(place.slice(colon + 1)));
  }
  return [...files].map(([file, lines]) => `${file}:${[...lines].join(",")}`).join(", ");
}
