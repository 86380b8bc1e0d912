/** `postern ask exposure`: every service that can be reached from an interface. */
import type { Family } from "../../../net/index.ts";
import { type ExposedService, exposure } from "../../../query/index.ts";
import { writeOut } from "../../output.ts";
import { wrap } from "../../report.ts";
import { type AskedHost, placesText, readAskedHost, requireInterface, rulesJson } from "./asked-host.ts";

export interface ExposureOptions {
  readonly from: string;
  readonly family: Family;
  readonly json?: boolean;
}

/** @returns the exit code. */
export async function askExposure(
  subjects: readonly string[],
  { from, family, json }: ExposureOptions,
): Promise<number> {
  const host = readAskedHost(subjects, family);
  requireInterface(host, from);
  const { services, exact } = exposure({ ...host.options, from });
  if (json === true) {
    const rows = services.map(({ rules, witness: _, ...rest }) => ({
      ...rest,
      rules: rulesJson(rules, host),
    }));
    await writeOut(`${JSON.stringify({ from, exact, services: rows }, undefined, 1)}\n`);
  } else await writeOut(exposureText(from, services, host));
  return 0;
}

function exposureText(from: string, services: readonly ExposedService[], host: AskedHost): string {
  if (services.length === 0) return `Nothing can be reached from ${from}.\n`;
  const lines = [`Reachable from ${from} by a new connection:`, ""];
  for (const { protocol, address, port, backend, to, sources, rules, exact } of services) {
    const where = backend === undefined ? "" : ` -> ${backend}`;
    const sure = exact ? "" : " perhaps";
    lines.push(...wrap(`  ${protocol} ${address} port ${port}${where} (${to})${sure}`, "      "));
    lines.push(...wrap(`      from ${sources}`, "        "));
    const places = placesText(rules.map(host.placeOf));
    if (places !== "") lines.push(...wrap(`      by ${places}`, "        "));
  }
  return `${lines.join("\n")}\n`;
}
