/** What becomes of a packet, in words. */
import { describeRanges, type FieldWrite, type PacketSpace, type Translation } from "../pktset/index.ts";
import type { Change, Outcome, Path } from "../reach/index.ts";

/** `accept`, `drop, mark set to 0x1`; of several possibilities `accept or drop (unknown)`. */
export function describeOutcomes(space: PacketSpace, outcomes: readonly Outcome[]): string {
  const texts = outcomes.map((outcome) => describeOutcome(space, outcome));
  return texts.length === 1 ? (texts[0] as string) : `${texts.sort().join(" or ")} (unknown)`;
}

export function describeOutcome(space: PacketSpace, { end, changes }: Outcome): string {
  return [end, ...changes.map((change) => describeChange(space, change))].join(", ");
}

const hex = (value: number): string => `0x${value.toString(16)}`;

function describeChange(space: PacketSpace, change: Change): string {
  return change.kind === "translate"
    ? describeTranslation(space, change.translation)
    : describeWrite(space, change);
}

function describeWrite(space: PacketSpace, write: FieldWrite): string {
  switch (write.kind) {
    case "bits":
      return write.clear === 0xffffffff
        ? `${write.field} set to ${hex(write.flip)}`
        : `${write.field} changed by ${hex(write.flip)}/${hex(write.clear)}`;
    case "copy":
      return `${write.field} copied from ${write.from}`;
    case "some":
      return write.ranges === undefined
        ? `${write.field} changed`
        : `${write.field} set to ${describeRanges(space, write.field, write.ranges)}`;
  }
}

/** `dst to 192.168.10.20:8443`. */
export function describeTranslation(space: PacketSpace, { manip, addresses, ports }: Translation): string {
  const range =
    ports === undefined ? "" : ports.low === ports.high ? `:${ports.low}` : `:${ports.low}-${ports.high}`;
  switch (addresses?.kind) {
    case "range":
      return `${manip} to ${describeRanges(space, manip, [addresses.low, addresses.high])}${range}`;
    case "prefix":
      return `${manip} to the same host in ${describeRanges(space, manip, [addresses.value, addresses.value])}${range}`;
    case "interface":
      return `${manip} to the interface's address${range}`;
    default:
      return `${manip} port to ${range.slice(1)}`;
  }
}

/** Where a destination translation sends the packet; undefined if there is none. */
export function backendOf(space: PacketSpace, { changes }: Outcome): string | undefined {
  for (const change of changes)
    if (change.kind === "translate" && change.translation.manip === "dst")
      return describeTranslation(space, change.translation).replace(/^dst to /, "");
  return undefined;
}

/** `this host`, or the interfaces that the packet leaves by. */
export function arrivalText(path: Path, outcome: Outcome): string {
  const arrival = path.arrival(outcome);
  return arrival?.kind === "forwarded" ? arrival.devices.join(" or ") : "this host";
}
