/** `postern trace`: one packet's journey through a host, with the reasons. */
import { parsePacketNotation, printTrace, tracePacket } from "../../trace/index.ts";
import type { Backend } from "../../xt/index.ts";
import { Failure } from "../failure.ts";
import { readHost } from "../host-listings.ts";
import { writeOut } from "../output.ts";
import { type Listing, readSubject } from "../subject.ts";

export interface TraceOptions {
  readonly backend?: Backend;
  readonly address?: readonly string[];
  readonly route?: readonly string[];
  readonly rule?: readonly string[];
  readonly sysctl?: readonly string[];
  readonly json?: boolean;
}

/** @returns the exit code: 0 if the packet passes, 1 if it does not, 2 if it cannot be traced. */
export async function trace(
  packet: string,
  subjects: readonly string[],
  options: TraceOptions,
): Promise<number> {
  const request = parsePacketNotation(packet);
  if ("message" in request) {
    const mark = `    ${packet}\n    ${" ".repeat(request.at)}${"^".repeat(request.length)}`;
    throw new Failure(2, `${request.message}\n${mark}\n  hint: ${request.hint}`);
  }
  const listings = [...subjects.flatMap(readSubject), ...givenListings(options)];
  const { snapshot, listings: known } = readHost(listings, options.backend, "traced");
  const traced = tracePacket(snapshot, request);
  if (typeof traced === "string") throw new Failure(2, traced);
  const texts = new Map(known.map(({ source, text }) => [source, text]));
  await writeOut(
    options.json === true
      ? `${JSON.stringify(traced, jsonValue, 1)}\n`
      : printTrace(traced, { text: (source) => texts.get(source) }),
  );
  return traced.outcome.kind === "leaves" || traced.outcome.kind === "delivered" ? 0 : 1;
}

/** Bytes as hexadecimal digits, big numbers as text. */
function jsonValue(_key: string, value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("hex");
  return typeof value === "bigint" ? value.toString() : value;
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
