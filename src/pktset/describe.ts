/** Sets in words: few boxes, prefixes where a range is one. */

import { printAddress, protocolName } from "../net/index.ts";
import { type Box, boxesOf, type Side } from "./boxes.ts";
import type { Ref } from "./diagram.ts";
import { FIELDS, type FieldName, type FieldValue, fieldBits, TCP_FLAGS } from "./fields.ts";
import type { PacketSpace } from "./packet-space.ts";
import type { PacketValues } from "./packet-values.ts";
import { complement, type Ranges } from "./ranges.ts";

/** Ranges of one field that are written out; more are counted. */
const MAX_RANGES = 6;

/** The boxes of a set as text, at most `limit`, and whether there are more. */
export function describeSet(
  space: PacketSpace,
  diagram: Ref,
  value = 1,
  limit = 4,
): { readonly boxes: readonly string[]; readonly more: boolean } {
  const boxes: string[] = [];
  for (const box of boxesOf(space, diagram, value, limit + 1)) boxes.push(describeBox(space, box));
  return { boxes: boxes.slice(0, limit), more: boxes.length > limit };
}

/** `any packet`, or sides as `tcp dst 192.0.2.0/24 dport 22,80-90`. */
export function describeBox(space: PacketSpace, box: Box): string {
  if (box.length === 0) return "any packet";
  const protocol = box.filter(({ field }) => field === "protocol");
  // A packet is whole, or a first fragment, unless it is said to be a later one.
  const rest = box.filter(
    ({ field, ranges }) => field !== "protocol" && !(field === "fragment" && ranges[0] === 0),
  );
  return [...protocol, ...rest].map((side) => describeSide(space, side)).join(" ");
}

function describeSide(space: PacketSpace, { field, shift, bits, ranges }: Side): string {
  const whole = shift === 0 && bits >= fieldBits(field, space.family);
  if ((field === "mark" || field === "connmark") && !whole) {
    const mask = (2 ** bits - 1) * 2 ** shift;
    const values = pairs(ranges).flatMap(([low, high]) =>
      low === high ? [`0x${(Number(low) * 2 ** shift).toString(16)}`] : [`${low}-${high}<<${shift}`],
    );
    return `${field} ${values.join(",")}/0x${mask.toString(16)}`;
  }
  return `${LABELS[field] ?? field}${LABELS[field] === "" ? "" : " "}${describeRanges(space, field, ranges)}`;
}

const LABELS: Readonly<Partial<Record<FieldName, string>>> = {
  protocol: "",
  ctstate: "state",
  ctdir: "direction",
  tcpflags: "flags",
};

/** The ranges of one field, or what they leave out where that is shorter: `22,80-90`, `any but 10.0.0.0/8`. */
export function describeRanges(space: PacketSpace, field: FieldName, ranges: Ranges): string {
  const rest = complement(ranges, space.maxOf(field));
  if (rest.length === 0) return "any";
  return rest.length < ranges.length
    ? `any but ${listRanges(space, field, rest)}`
    : listRanges(space, field, ranges);
}

function listRanges(space: PacketSpace, field: FieldName, ranges: Ranges): string {
  const written = pairs(ranges)
    .slice(0, MAX_RANGES)
    .map(([low, high]) => describeRange(space, field, low, high));
  const rest = ranges.length / 2 - written.length;
  return written.join(",") + (rest > 0 ? `,… (${rest} more)` : "");
}

const pairs = (ranges: Ranges): readonly (readonly [FieldValue, FieldValue])[] =>
  Array.from({ length: ranges.length / 2 }, (_, at) => [
    ranges[2 * at] as FieldValue,
    ranges[2 * at + 1] as FieldValue,
  ]);

function describeRange(space: PacketSpace, field: FieldName, low: FieldValue, high: FieldValue): string {
  if (field === "src" || field === "dst") return describeAddresses(low, high, fieldBits(field, space.family));
  if (low === high) return describeValue(space, field, low);
  if (FIELDS[field].values !== undefined || field === "in" || field === "out")
    return Array.from({ length: Number(high) - Number(low) + 1 }, (_, at) =>
      describeValue(space, field, Number(low) + at),
    ).join(",");
  // A range of protocols has no use for names.
  if (field === "protocol") return `${low}-${high}`;
  return `${describeValue(space, field, low)}-${describeValue(space, field, high)}`;
}

/** `10.0.0.0/8`, or `10.0.0.1-10.0.0.9` where it is no prefix. */
export function describeAddresses(low: FieldValue, high: FieldValue, width: number): string {
  if (low === high) return printAddress(low);
  const size = BigInt(high) - BigInt(low) + 1n;
  const aligned = (size & (size - 1n)) === 0n && BigInt(low) % size === 0n;
  if (!aligned) return `${printAddress(low)}-${printAddress(high)}`;
  return `${printAddress(low)}/${width - (size.toString(2).length - 1)}`;
}

/** One value of a field as a person writes it. */
export function describeValue(space: PacketSpace, field: FieldName, value: FieldValue): string {
  if (typeof value === "bigint" || field === "src" || field === "dst") return printAddress(value);
  const named = FIELDS[field].values?.[value];
  if (named !== undefined) return named;
  switch (field) {
    case "protocol":
      return protocolName(value) ?? `protocol ${value}`;
    case "in":
    case "out": {
      const name = space.interfaces.names[value] as string;
      return name === "+" ? "any other" : name;
    }
    case "icmp":
      return `${value >>> 8}/${value & 255}`;
    case "tcpflags":
      return TCP_FLAGS.filter((_, bit) => ((value >>> bit) & 1) === 1).join("+") || "none";
    case "mark":
    case "connmark":
    case "tos":
      return `0x${value.toString(16)}`;
    case "mac":
      return (value.toString(16).padStart(12, "0").match(/../g) as string[]).join(":");
    default:
      return String(value);
  }
}

/** A packet as text, fields that do not matter left out. */
export function describePacket(space: PacketSpace, packet: PacketValues): string {
  const sides: Box = [...packet].map(([field, value]) => ({
    field,
    shift: 0,
    bits: fieldBits(field, space.family),
    ranges: [value, value],
  }));
  return describeBox(space, sides);
}

/** A packet for machines: each field's value as a person writes it. */
export function packetJson(space: PacketSpace, packet: PacketValues): Readonly<Record<string, string>> {
  return Object.fromEntries([...packet].map(([field, value]) => [field, describeValue(space, field, value)]));
}
