/** One packet of a set, chosen as a person would choose an example: documentation addresses, well-known ports. */
import { parseAddress } from "../net/index.ts";
import { type Box, boxesOf } from "./boxes.ts";
import { isTerminal, NONE, type Ref } from "./diagram.ts";
import type { FieldName, FieldValue } from "./fields.ts";
import type { PacketSpace } from "./packet-space.ts";
import type { PacketValues } from "./packet-values.ts";
import { intersection, type Ranges } from "./ranges.ts";

/** Taken in this order where the set has them: RFC 5737 and RFC 3849 addresses. */
const NICE: Readonly<Partial<Record<FieldName, readonly (string | number)[]>>> = {
  src: ["203.0.113.7", "198.51.100.7", "192.0.2.7", "2001:db8::7"],
  dst: ["192.0.2.10", "198.51.100.10", "203.0.113.10", "2001:db8::10"],
  protocol: [6, 17, 1, 58],
  dport: [443, 80, 22, 25, 53, 8080],
  sport: [40000, 50000],
  icmp: [8 * 256, 128 * 256],
  ctstate: [1, 2],
  ttl: [64],
  length: [100],
  tcpflags: [2, 16],
};

/** A packet that ends in a terminal of this value; undefined if none does. Fields that do not matter are absent. */
export function witnessOf(space: PacketSpace, diagram: Ref, value = 1): PacketValues | undefined {
  let best: PacketValues | undefined;
  let bestScore = -1;
  // The first boxes are not always the nicest; a few are enough.
  for (const box of boxesOf(space, diagram, value, 16)) {
    const [packet, score] = fromBox(space, box);
    if (score > bestScore) [best, bestScore] = [packet, score];
  }
  return best;
}

function fromBox(space: PacketSpace, box: Box): readonly [PacketValues, number] {
  const packet = new Map<FieldName, FieldValue>();
  let score = 0;
  for (const { field, shift, ranges } of box) {
    const nice = niceValue(space, field, ranges);
    if (nice !== undefined) score++;
    const chosen = nice ?? plainValue(ranges);
    packet.set(
      field,
      typeof chosen === "bigint" ? chosen : Number(packet.get(field) ?? 0) + chosen * 2 ** shift,
    );
  }
  return [packet, score];
}

function niceValue(space: PacketSpace, field: FieldName, ranges: Ranges): FieldValue | undefined {
  for (const each of NICE[field] ?? []) {
    const value = typeof each === "string" ? parseAddress(each, space.family) : each;
    if (value !== undefined && intersection(ranges, [value, value]).length > 0) return value;
  }
  return undefined;
}

/** Not the first of a range of many where that is a network's own address. */
function plainValue(ranges: Ranges): FieldValue {
  const [low, high] = ranges as readonly [FieldValue, FieldValue];
  if (typeof low === "bigint") return low < high ? low + 1n : low;
  return high > low && low % 256 === 0 ? low + 1 : low;
}

/** Fields whose lowest value is no good example where a second will do: network addresses, port 0. */
const NOT_ZERO: ReadonlySet<FieldName> = new Set(["src", "dst", "sport", "dport"]);

/**
 * As `witnessOf`, for a set: one walk down its diagram, field by field, that takes nice values where they lead anywhere.
 * Costs nothing however many boxes the set has.
 */
export function memberOf(space: PacketSpace, set: Ref): PacketValues | undefined {
  if (set === NONE) return undefined;
  const { diagrams } = space;
  const packet = new Map<FieldName, FieldValue>();
  let at = set;
  for (const { field } of space.order) {
    const levels = space.levelsOf(field);
    if (isTerminal(at) || diagrams.levelOf(at) > (levels.at(-1) as number)) continue;
    const found = niceMember(space, field, at) ?? plainMember(space, field, at);
    packet.set(field, space.join(field, found.pieces));
    at = found.target;
  }
  return packet;
}

interface Member {
  readonly pieces: readonly number[];
  readonly target: Ref;
}

function niceMember(space: PacketSpace, field: FieldName, ref: Ref): Member | undefined {
  const { diagrams } = space;
  const levels = space.levelsOf(field);
  for (const each of NICE[field] ?? []) {
    const value = typeof each === "string" ? parseAddress(each, space.family) : each;
    if (value === undefined) continue;
    const pieces = space.split(field, value);
    let target = ref;
    levels.forEach((level, index) => {
      if (diagrams.levelOf(target) === level) target = diagrams.follow(target, pieces[index] as number);
    });
    if (target !== NONE) return { pieces, target };
  }
  return undefined;
}

function plainMember(space: PacketSpace, field: FieldName, ref: Ref): Member {
  const { diagrams } = space;
  const levels = space.levelsOf(field);
  let target = ref;
  const pieces = levels.map((level, index) => {
    let low = 0;
    let high = diagrams.maxima[level] as number;
    if (diagrams.levelOf(target) === level) {
      let edge = 0;
      while (diagrams.target(target, edge) === NONE) edge++;
      if (edge > 0) low = diagrams.bound(target, edge - 1) + 1;
      high = diagrams.bound(target, edge);
      target = diagrams.target(target, edge);
    }
    return index === levels.length - 1 && NOT_ZERO.has(field) && low === 0 && high > 0 ? 1 : low;
  });
  return { pieces, target };
}
