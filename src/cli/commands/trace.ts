/** `postern trace`: one packet's journey through a host, with the reasons. */
import { hasErrors } from "../../base/index.ts";
import { FAMILIES, servicePort } from "../../net/index.ts";
import type { Socket } from "../../sim/index.ts";
import {
  type NotationError,
  parsePacketNotation,
  printTrace,
  tracePacket,
  traceToJson,
} from "../../trace/index.ts";
import type { Backend } from "../../xt/index.ts";
import { Failure } from "../failure.ts";
import { readHost, refuseErrors } from "../host-listings.ts";
import { toJson } from "../json.ts";
import { writeOut } from "../output.ts";
import { printable, wrap } from "../report.ts";
import { type Listing, readSubjects } from "../subject.ts";

export interface TraceOptions {
  readonly backend?: Backend;
  readonly address?: readonly string[];
  readonly route?: readonly string[];
  readonly rule?: readonly string[];
  readonly sysctl?: readonly string[];
  readonly listen?: readonly string[];
  readonly json?: boolean;
}

/** @returns the exit code: 0 if the packet passes, whatever is unknown, 1 if it does not or may not, 2 if it cannot be traced. */
export async function trace(
  packet: string,
  subjects: readonly string[],
  options: TraceOptions,
): Promise<number> {
  const request = parsePacketNotation(packet);
  if ("message" in request) {
    if (options.json !== true) throw new Failure(2, notationText(packet, request));
    return refuseAsJson([request]);
  }
  const given = givenListings(options).map((listing) => ({ ...listing, said: true, family: request.family }));
  const host = readHost([...readSubjects(subjects).flat(), ...given], options.backend, {
    listen: listenersOf(options.listen),
  });
  const { snapshot, listings: known } = host;
  if (options.json === true && hasErrors(snapshot.diagnostics)) {
    const errors = snapshot.diagnostics.filter(({ severity }) => severity === "error");
    const of = (source: string) => errors.filter(({ span }) => span.source === source);
    // Notes may point into another listing, so that their places are left out.
    return refuseAsJson(
      known.flatMap((each) =>
        toJson(
          each,
          of(each.source).map(({ notes: _, ...rest }) => rest),
        ),
      ),
    );
  }
  refuseErrors(host, "traced");
  const traced = tracePacket(snapshot, request);
  if (typeof traced === "string") {
    if (options.json === true) return refuseAsJson([{ message: traced }]);
    throw new Failure(2, traced);
  }
  const texts = new Map(known.map(({ source, text }) => [source, text]));
  const sources = { text: (source: string) => texts.get(source) };
  await writeOut(
    options.json === true
      ? `${JSON.stringify(traceToJson(traced, sources), undefined, 1)}\n`
      : printTrace(traced, sources),
  );
  // What passes in one world alone is not said to pass.
  const worlds = [traced.outcome, ...traced.otherwise.map(({ outcome }) => outcome)];
  return worlds.every(({ kind }) => kind === "leaves" || kind === "delivered") ? 0 : 1;
}

/** Why nothing was traced, for a program. @returns the exit code. */
async function refuseAsJson(errors: readonly object[]): Promise<2> {
  await writeOut(`${JSON.stringify({ errors }, undefined, 1)}\n`);
  return 2;
}

/** The message, the part of the packet's line that it is about, and the hint, within the terminal. */
function notationText(packet: string, { message, at, length, hint }: NotationError): string {
  const [room, before] = [70, 20];
  const from = at + Math.min(length, before) > room ? at - before : 0;
  const shown = printable(packet).slice(from, from + room);
  const marks = Math.max(1, Math.min(length, shown.length - (at - from)));
  const mark = [`    ${shown}`, `    ${" ".repeat(at - from)}${"^".repeat(marks)}`];
  return [printable(message), ...mark, ...wrap(`  hint: ${printable(hint)}`, "        ")].join("\n");
}

/** `tcp:22`, `udp/domain`, `none`; undefined if nothing was said. */
function listenersOf(given: readonly string[] | undefined): readonly Socket[] | undefined {
  return given?.flatMap((text): readonly Socket[] => {
    if (text === "none") return [];
    const [, protocol, service] = /^(tcp|udp)[:/](.+)$/i.exec(text) ?? [];
    const name = protocol?.toLowerCase() as "tcp" | "udp" | undefined;
    const port = /^\d+$/.test(service ?? "") ? Number(service) : servicePort(service ?? "", name);
    if (name === undefined || port === undefined || port > 65_535)
      throw new Failure(2, `--listen "${text}": write it as --listen tcp:22, or --listen none`);
    return FAMILIES.map((family) => ({ protocol: name, port, family, address: undefined }));
  });
}

/** What was said on the command line, as the listings that would say it. */
function givenListings({ address, route, rule, sysctl }: TraceOptions): readonly Listing[] {
  const listings: Listing[] = [];
  const byDevice = new Map<string, string[]>();
  for (const text of address ?? []) {
    const [device, own] = text.split("=");
    if (device === undefined || own === undefined || device === "" || own === "")
      throw new Failure(2, `--address "${text}": write it as --address eth0=192.0.2.1/24`);
    byDevice.set(device, [...(byDevice.get(device) ?? []), own]);
  }
  if (byDevice.size > 0) {
    const lines = [...byDevice].flatMap(([device, addresses], at) => [
      `${at + 2}: ${device}: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 state UP group default`,
      ...addresses.map((own) => `    inet${own.includes(":") ? "6" : ""} ${own} scope global`),
    ]);
    listings.push({ kind: "addresses", source: "--address", text: `${lines.join("\n")}\n` });
  }
  if (route !== undefined)
    listings.push({ kind: "routes", source: "--route", text: `${route.join("\n")}\n` });
  if (rule !== undefined)
    listings.push({ kind: "routing rules", source: "--rule", text: `${rule.join("\n")}\n` });
  if (sysctl !== undefined)
    listings.push({
      kind: "sysctl",
      source: "--sysctl",
      text: `${sysctl.map((each) => each.replace("=", " = ")).join("\n")}\n`,
    });
  return listings;
}
