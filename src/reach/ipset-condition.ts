/**
 * The packets that are in an ipset as it was listed. Kernel: net/netfilter/ipset/ip_set_hash_gen.h; the most specific
 * element that a packet fits decides, and `nomatch` makes it decide against.
 */
import { type ElementPart, IP_SET_TYPES, type IpSet, type IpSetElement } from "../hoststate/index.ts";
import { type Family, familyOf } from "../net/index.ts";
import {
  among,
  both,
  type Condition,
  either,
  type FieldValue,
  is,
  masked,
  normalised,
  not,
  nothing,
  onInterface,
  unknown,
  within,
} from "../pktset/index.ts";

type Direction = "src" | "dst";

/** @param sets all sets of the host: a list:set names others. */
export function ipsetCondition(
  name: string,
  directions: readonly Direction[],
  sets: ReadonlyMap<string, IpSet>,
  family: Family,
): Condition {
  const set = sets.get(name);
  if (set === undefined) return unknown(`set: ${name} is not listed`);
  const kinds = IP_SET_TYPES[set.type];
  if (set.type === "list:set")
    return either(
      ...set.elements.map(({ parts: [part] }) =>
        part?.kind === "set" ? ipsetCondition(part.name, directions, sets, family) : nothing,
      ),
    );
  if (directions.length < kinds.length) return nothing;
  const [kind] = kinds;
  const carved = set.elements.some(({ nomatch }) => nomatch);
  if (kinds.length === 1 && kind !== "port" && kind !== "mac" && !carved && plain(set))
    return among(directions[0] as Direction, addressRanges(set, family));
  const fits = (element: IpSetElement): Condition => elementCondition(element, directions, set, family);
  if (!carved) return either(...set.elements.map(fits));
  let result: Condition = nothing;
  // The most specific last, since it has the last word.
  for (const element of [...set.elements].sort((a, b) => size(b) - size(a)))
    result = element.nomatch ? both(result, not(fits(element))) : either(result, fits(element));
  return result;
}

const plain = ({ options }: IpSet): boolean => options.netmask === undefined && options.bitmask === undefined;

function addressRanges({ elements }: IpSet, family: Family): readonly FieldValue[] {
  const ranges: [FieldValue, FieldValue][] = [];
  for (const { parts } of elements)
    for (const part of parts)
      if (part.kind === "ip" && familyOf(part.first) === family) ranges.push([part.first, part.last]);
  return normalised(ranges);
}

/** How many addresses an element covers, as a measure of how specific it is. */
function size({ parts }: IpSetElement): number {
  return parts.reduce(
    (product, part) =>
      part.kind === "ip" ? product * (Number(BigInt(part.last) - BigInt(part.first)) + 1) : product,
    1,
  );
}

function elementCondition(
  { parts, wildcard }: IpSetElement,
  directions: readonly Direction[],
  { options, name }: IpSet,
  family: Family,
): Condition {
  if (options.netmask !== undefined || options.bitmask !== undefined)
    return unknown(`set: ${name} compares addresses under a mask`);
  return both(...parts.map((part, at) => partCondition(part, directions[at] as Direction, wildcard, family)));
}

function partCondition(
  part: ElementPart,
  direction: Direction,
  wildcard: boolean,
  family: Family,
): Condition {
  switch (part.kind) {
    case "ip":
      return familyOf(part.first) === family ? within(direction, part.first, part.last) : nothing;
    case "port": {
      const port = within(direction === "src" ? "sport" : "dport", part.first, part.last);
      const protocols = part.protocol === undefined ? [6, 17, 132, 136] : [part.protocol];
      const sorted = normalised(protocols.map((each): [number, number] => [each, each]));
      return both(is("fragment", 0), among("protocol", sorted), port);
    }
    case "icmp":
      return both(is("fragment", 0), is("protocol", part.protocol), is("icmp", part.type * 256 + part.code));
    case "mac":
      return direction === "src"
        ? is("mac", Number.parseInt(part.mac.replaceAll(":", ""), 16))
        : unknown("set: the destination's MAC address");
    case "mark":
      return masked("mark", part.mark, 0xffffffff);
    case "iface":
      if (part.physdev) return unknown("set: the port of a bridge");
      return onInterface(direction === "src" ? "in" : "out", wildcard ? `${part.name}+` : part.name);
    case "set":
      return nothing;
  }
}
