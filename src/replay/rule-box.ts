/**
 * What a rule certainly asks of addresses, protocol and ports, as a box: one interval for each of a packet's dimensions.
 * A packet outside the box surely does not match, and leaves nothing behind in the rule; one inside it may or may not match.
 */
import { type Address, type Family, PROTOCOL, toWords } from "../net/index.ts";
import { type Condition, type FieldName, type FieldValue, unknowns } from "../pktset/index.ts";
import { rulesOnly } from "../reach/index.ts";
import { isOpaque, type MatchUse, type Rule } from "../ruleset/index.ts";
import type { Backend } from "../xt/index.ts";

/** Dimensions: the words of the source, those of the destination, protocol, source and destination port. */
export const dimensionsOf = (family: Family): number => (family === "ipv4" ? 5 : 11);

/**
 * Matches that look at the packet and change nothing, so that it does not matter whether they are asked. Behind any other
 * match (a limit, a counter) nothing may be skipped: it must be asked in its turn.
 */
const PURE: ReadonlySet<string> = new Set([
  "addrtype",
  "comment",
  "connmark",
  "conntrack",
  "dscp",
  "hl",
  "icmp",
  "icmp6",
  "iprange",
  "length",
  "mac",
  "mark",
  "multiport",
  "pkttype",
  "state",
  "tcp",
  "tos",
  "ttl",
  "udp",
]);

/** Those of them whose tests of ports and addresses are used. */
const READ: ReadonlySet<string> = new Set(["iprange", "multiport", "tcp", "udp"]);

export const PORTED: ReadonlySet<number> = new Set([
  PROTOCOL.tcp,
  PROTOCOL.udp,
  PROTOCOL.udplite,
  PROTOCOL.sctp,
  PROTOCOL.dccp,
]);

const WORD_MAX = 0xffffffff;

/**
 * Writes the box of a rule: low and high for each dimension, from `at` on.
 * @returns whether the box is all that the rule asks, of packets that are no later fragments.
 */
export function writeBox(
  rule: Rule,
  family: Family,
  backend: Backend,
  box: Uint32Array,
  at: number,
): boolean {
  const width = family === "ipv4" ? 1 : 4;
  const dimensions = dimensionsOf(family);
  for (let each = 0; each < dimensions; each++) {
    box[at + 2 * each] = 0;
    box[at + 2 * each + 1] = each < 2 * width ? WORD_MAX : each === 2 * width ? 0xff : 0xffff;
  }
  const narrow = (dimension: number, low: number, high: number): void => {
    const from = at + 2 * dimension;
    box[from] = Math.max(box[from] as number, low);
    box[from + 1] = Math.min(box[from + 1] as number, high);
  };
  const narrowAddress = (first: number, low: Address, high: Address): void => {
    const from = wordsOf(low, width);
    const to = wordsOf(high, width);
    // Below the first word in which the ends differ every value is between them.
    for (let each = 0; each < width; each++) {
      narrow(first + each, from[each] as number, to[each] as number);
      if (from[each] !== to[each]) return;
    }
  };
  const { source, destination, protocol, inInterface, outInterface, fragment } = rule.header;
  let exact = inInterface === undefined && outInterface === undefined && fragment === undefined;
  for (const [first, test] of [
    [0, source],
    [width, destination],
  ] as const) {
    if (test === undefined) continue;
    if (test.invert) {
      exact = false;
      continue;
    }
    const address = wordsOf(test.address, width);
    const mask = wordsOf(test.mask, width);
    for (let each = 0; each < width; each++) {
      const word = address[each] as number;
      const free = ~(mask[each] as number) >>> 0;
      narrow(first + each, word, (word | free) >>> 0);
      if ((free & (free + 1)) !== 0 || (word & free) !== 0) exact = false;
    }
  }
  const one =
    protocol !== undefined && !protocol.invert && protocol.number !== 0 ? protocol.number : undefined;
  if (protocol?.invert === true) exact = false;
  if (one !== undefined) narrow(2 * width, one, one);
  const context = rulesOnly(family, backend);
  for (const use of rule.matches) {
    if (isOpaque(use) || !PURE.has(use.extension.name)) return false;
    const { name } = use.extension;
    if (!READ.has(name)) {
      exact &&= name === "comment";
      continue;
    }
    // Without a protocol that has ports the test is made of whatever stands in their place, and may drop what is too short.
    if (name !== "iprange" && (one === undefined || !PORTED.has(one))) return false;
    const condition = (use as MatchUse).extension.symbolic?.(use.info, context);
    if (condition === undefined || unknowns(condition).length > 0) return false;
    exact &&= isPortBox(condition);
    for (const [field, low, high] of intervalsOf(condition)) {
      if (field === "src") narrowAddress(0, low, high);
      else if (field === "dst") narrowAddress(width, low, high);
      else narrow(2 * width + (field === "sport" ? 1 : 2), Number(low), Number(high));
    }
  }
  return exact;
}

/** Whether a condition is one interval of ports each, of packets that are no later fragments. */
function isPortBox(condition: Condition): boolean {
  switch (condition.kind) {
    case "all":
      return true;
    case "ranges":
      return PORT_FIELDS.has(condition.field) && condition.ranges.length === 2;
    case "and":
      return condition.parts.every(isPortBox);
    default:
      return false;
  }
}

const PORT_FIELDS: ReadonlySet<FieldName> = new Set(["fragment", "sport", "dport"]);

const wordsOf = (address: Address, width: number): readonly number[] => {
  const { w0, w1, w2, w3 } = toWords(address);
  return width === 1 ? [w3 >>> 0] : [w0 >>> 0, w1 >>> 0, w2 >>> 0, w3 >>> 0];
};

type Interval = readonly [field: FieldName, low: FieldValue, high: FieldValue];

const INDEXED: ReadonlySet<FieldName> = new Set(["src", "dst", "sport", "dport"]);

/** The smallest intervals around what a condition asks of addresses and ports, of those that are simple to tell. */
function intervalsOf(condition: Condition): readonly Interval[] {
  switch (condition.kind) {
    case "ranges": {
      const { field, ranges } = condition;
      return INDEXED.has(field) ? [[field, ranges[0] as FieldValue, ranges.at(-1) as FieldValue]] : [];
    }
    case "and":
      return condition.parts.flatMap(intervalsOf);
    default:
      return [];
  }
}
