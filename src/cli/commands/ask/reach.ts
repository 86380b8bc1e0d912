/** `postern ask reach` and `ask who-can`: which of a set of packets get through, and from where. */
import type { Family } from "../../../net/index.ts";
import { describePacket } from "../../../pktset/index.ts";
import { type AskedPackets, type Fate, reachable, readPacketWords, whoCan } from "../../../query/index.ts";
import { Failure } from "../../failure.ts";
import { writeOut } from "../../output.ts";
import { wrap } from "../../report.ts";
import { type AskedHost, placesText, readAskedHost, requireInterface, rulesJson } from "./asked-host.ts";

export interface ReachQuestion {
  readonly family: Family;
  readonly json?: boolean;
}

function readPackets(words: string, host: AskedHost, family: Family): AskedPackets {
  const packets = readPacketWords(words, family);
  if ("message" in packets) throw new Failure(2, `${packets.message}\n  hint: ${packets.hint}`);
  if (packets.inInterface !== undefined) requireInterface(host, packets.inInterface);
  return packets;
}

/** @returns the exit code: 0 if all packets surely get through, else 1. */
export async function askReach(
  words: string,
  subjects: readonly string[],
  { family, json }: ReachQuestion,
): Promise<number> {
  const host = readAskedHost(subjects, family);
  const { passing, exact, fates } = reachable({ ...host.options, packets: readPackets(words, host, family) });
  if (json === true) {
    const rows = fates.map(({ space, witness, rules, packets, more, ...rest }) => ({
      ...rest,
      packets: packets.join("; ") + (more ? "; …" : ""),
      witness: describePacket(space, witness),
      rules: rulesJson(rules, host),
    }));
    await writeOut(`${JSON.stringify({ passing, exact, fates: rows }, undefined, 1)}\n`);
  } else {
    const first = {
      all: "All of these packets get through.",
      some: "Some of these packets get through, others do not.",
      none: "None of these packets gets through.",
    }[passing];
    const proved = exact ? [] : wrap(NOT_EXACT, "");
    const lines = [first, ...proved, "", ...fates.flatMap((fate) => fateText(fate, host))];
    await writeOut(`${lines.join("\n").trimEnd()}\n`);
  }
  return passing === "all" && exact ? 0 : 1;
}

/** Of answers that a test or a routing rule leaves open. */
const NOT_EXACT =
  "Not proved: something that no header decides, or a routing rule that is not followed, stands in the way.";

function fateText(
  { passes, end, backend, packets, more, space, witness, rules }: Fate,
  host: AskedHost,
): readonly string[] {
  const verdict = { yes: "pass", perhaps: "pass perhaps", no: "do not pass" }[passes];
  const where = passes === "no" ? `${end}` : `to ${backend === undefined ? end : `${backend} (${end})`}`;
  const places = placesText(rules.map(host.placeOf));
  return [
    `${verdict}: ${where}`,
    ...packets.flatMap((box) => wrap(`  ${box}`, "    ")),
    ...(more ? ["  …"] : []),
    ...wrap(`  such as ${describePacket(space, witness)}`, "    "),
    ...(places === "" ? [] : wrap(`  by ${places}`, "    ")),
    "",
  ];
}

/** @returns the exit code. */
export async function askWhoCan(
  words: string,
  subjects: readonly string[],
  { family, json }: ReachQuestion,
): Promise<number> {
  const host = readAskedHost(subjects, family);
  const { senders, exact } = whoCan({ ...host.options, packets: readPackets(words, host, family) });
  if (json === true) await writeOut(`${JSON.stringify({ senders, exact }, undefined, 1)}\n`);
  else if (senders.length === 0) await writeOut("Nobody can: none of these packets gets through.\n");
  else
    await writeOut(
      `${senders
        .flatMap(({ interface: name, sources, exact: sure }) =>
          wrap(`${name} from ${sources}${sure ? "" : " perhaps"}`, "    "),
        )
        .join("\n")}\n`,
    );
  return 0;
}
