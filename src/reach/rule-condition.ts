/** A rule's tests and its target, as data about all packets. */
import type { Family } from "../net/index.ts";
import {
  both,
  type Condition,
  type Effect,
  invertible,
  is,
  masked,
  onInterface,
  unknown,
} from "../pktset/index.ts";
import { type AddressTest, isOpaque, type Rule } from "../ruleset/index.ts";
import type { SymbolicContext } from "../xt/index.ts";
import { type Assumptions, assume } from "./assume.ts";

const WHOLE: Assumptions = new Map([["fragment", 0]]);

/** The packets that pass all tests of a rule. */
export function ruleCondition(rule: Rule, context: SymbolicContext): Condition {
  const { header, matches } = rule;
  const parts: Condition[] = [];
  if (header.source !== undefined) parts.push(addressCondition("src", header.source));
  if (header.destination !== undefined) parts.push(addressCondition("dst", header.destination));
  if (header.inInterface !== undefined) {
    const { name, invert } = header.inInterface;
    parts.push(invertible(onInterface("in", name), invert));
  }
  if (header.outInterface !== undefined) {
    const { name, invert } = header.outInterface;
    parts.push(invertible(onInterface("out", name), invert));
  }
  if (header.protocol !== undefined && header.protocol.number !== 0)
    parts.push(protocolCondition(header.protocol, context.family));
  if (header.fragment !== undefined) parts.push(is("fragment", header.fragment.invert ? 0 : 1));
  // What passes a test of an IPv6 packet's protocol is no later fragment.
  const whole = context.family === "ipv6" && (header.protocol?.number ?? 0) !== 0;
  for (const use of matches) {
    const condition = isOpaque(use)
      ? unknown(`-m ${use.name} is not known`)
      : use.extension.symbolic(use.info, context);
    parts.push(whole ? assume(condition, WHOLE) : condition);
  }
  return both(...parts);
}

function addressCondition(field: "src" | "dst", { address, mask, invert }: AddressTest): Condition {
  return invertible(masked(field, address, mask), invert);
}

/** A later IPv6 fragment has no transport header, and so no protocol. Kernel: ip6_packet_match(). */
function protocolCondition(
  { number, invert }: { readonly number: number; readonly invert: boolean },
  family: Family,
): Condition {
  const test = invertible(is("protocol", number), invert);
  return family === "ipv4" ? test : both(is("fragment", 0), test);
}

/** What a rule's target does; jumps are not targets. */
export function ruleEffect(rule: Rule, context: SymbolicContext): Effect {
  const { jump } = rule;
  if (jump === undefined) return { kind: "continue" };
  if (jump.kind === "opaque") return { kind: "unknown", reason: `-j ${jump.name} is not known` };
  if (jump.kind !== "target") throw new RangeError(`${jump.kind} to ${jump.chain} is not a target`);
  return jump.extension.symbolic(jump.info, context);
}
