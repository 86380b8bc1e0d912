/** Rules that contradict themselves, so that no packet passes all of their tests. */
import type { Diagnostic } from "../../base/index.ts";
import { maskBits } from "../../net/index.ts";
import { type AddressTest, isOpaque, type MatchUse, type Rule } from "../../ruleset/index.ts";
import { CT_STATE_AND_NAT } from "../../xt/ct-states.ts";
import type { Masked } from "../../xt/masked.ts";
import type { ConntrackInfo } from "../../xt/matches/conntrack.ts";
import type { IprangeInfo } from "../../xt/matches/iprange.ts";
import type { MarkInfo } from "../../xt/matches/mark.ts";
import type { MultiportInfo } from "../../xt/matches/multiport.ts";
import type { StatisticInfo } from "../../xt/matches/statistic.ts";
import type { TcpInfo } from "../../xt/matches/tcp.ts";
import type { PortRange } from "../../xt/ports.ts";
import { type Check, chainName, finding, liveChains, type ReviewContext } from "../check.ts";
import { addressSpan } from "../headers.ts";
import { portTests, statesOf } from "../matches.ts";
import { addressText, interfaceText, matchText, quoteRule } from "../rule-text.ts";

export const ruleNeverMatches: Check = {
  codes: ["rule/never-matches"],
  title: "rules that contradict themselves",
  run: (_ruleset, context) => {
    const diagnostics: Diagnostic[] = [];
    for (const { view, chain, rules } of liveChains(context)) {
      for (const [index, rule] of rules.entries()) {
        const why = contradiction(rule, context);
        if (why === undefined) continue;
        diagnostics.push(
          finding({
            code: "rule/never-matches",
            severity: "warning",
            message: `rule ${index + 1} of ${chainName(view, chain)}, ${quoteRule(rule, context.print)}, matches no packet: ${why}`,
            span: rule.span,
            hint: "correct the test, or remove the rule",
          }),
        );
      }
    }
    return diagnostics;
  },
};

function contradiction(rule: Rule, context: ReviewContext): string | undefined {
  const { source, destination, inInterface, outInterface } = rule.header;
  for (const [option, test] of [
    ["-s", source],
    ["-d", destination],
  ] as const) {
    if (test?.invert && (test.mask === 0 || test.mask === 0n))
      return `"${addressText(option, test)}" excludes every address`;
  }
  for (const [option, test] of [
    ["-i", inInterface],
    ["-o", outInterface],
  ] as const) {
    if (test?.invert && test.name === "+") return `"${interfaceText(option, test)}" excludes every interface`;
  }
  if (rule.matches.length === 0) return undefined;
  const known = rule.matches.filter((use): use is MatchUse => !isOpaque(use));
  for (const use of known) {
    const why = impossible(use, rule);
    if (why !== undefined) return `"${matchText(use, context.print)}": ${why}`;
  }
  return known.length < 2 ? undefined : conflict(known, context);
}

/** One test that nothing passes. */
function impossible(use: MatchUse, { header }: Rule): string | undefined {
  switch (use.extension.name) {
    case "mark":
    case "connmark": {
      const { value, mask, invert } = use.info as MarkInfo;
      const outside = (value & ~mask) >>> 0;
      return invert || outside === 0
        ? undefined
        : `the bits 0x${outside.toString(16)} of the value lie outside the mask, where the comparison sees only zeros`;
    }
    case "tcp": {
      const { flags } = use.info as TcpInfo;
      return flags === undefined || flags.invert || (flags.value.compare & ~flags.value.mask) === 0
        ? undefined
        : "it wants flags set that it does not look at; name them in the first list too";
    }
    case "statistic": {
      const info = use.info as StatisticInfo;
      return info.mode === "random" && !info.invert && info.probability === 0
        ? "the probability is 0"
        : undefined;
    }
    case "iprange": {
      const { source, destination } = use.info as IprangeInfo;
      return (
        rangeFault(source, header.source, "source") ??
        rangeFault(destination, header.destination, "destination")
      );
    }
    case "conntrack":
      return conntrackFault(use.info as ConntrackInfo);
    default:
      return undefined;
  }
}

function rangeFault(
  range: IprangeInfo["source"],
  test: AddressTest | undefined,
  side: string,
): string | undefined {
  if (range === undefined || range.invert) return undefined;
  if (range.value.low > range.value.high) return `the ${side} range ends before it starts`;
  const network =
    test === undefined || test.invert || maskBits(test.mask) === undefined ? undefined : addressSpan(test);
  if (network === undefined || (network.low <= range.value.high && range.value.low <= network.high))
    return undefined;
  return `the range lies outside of "${addressText(side === "source" ? "-s" : "-d", test as AddressTest)}"`;
}

/** Kernel: net/netfilter/xt_conntrack.c, conntrack_mt(). A packet without an entry is judged by its state alone. */
function conntrackFault({ statuses, original, reply, states }: ConntrackInfo): string | undefined {
  if (states !== undefined) return undefined;
  if (statuses !== undefined && !statuses.invert && statuses.value === 0)
    return "NONE is no status that an entry can have; write ! --ctstatus with the ones that must be absent";
  const ports = [original.sourcePort, original.destinationPort, reply.sourcePort, reply.destinationPort];
  return ports.some((test) => test !== undefined && !test.invert && test.value.low > test.value.high)
    ? "the port range ends before it starts"
    : undefined;
}

/** Two tests of which each is fine alone. */
function conflict(uses: readonly MatchUse[], context: ReviewContext): string | undefined {
  const quoted = (one: MatchUse, other: MatchUse, why: string): string =>
    `"${matchText(one, context.print)}" and "${matchText(other, context.print)}" ${why}`;
  for (const [at, one] of uses.entries()) {
    for (const other of uses.slice(at + 1)) {
      if (statesClash(one, other)) return quoted(one, other, "have no connection state in common");
      if (marksClash(one, other)) return quoted(one, other, "want different bits of the same mark");
      for (const side of ["source", "destination"] as const) {
        const ports = sidePorts(one, side);
        const others = sidePorts(other, side);
        if (ports !== undefined && others !== undefined && !rangesMeet(ports, others))
          return quoted(one, other, `have no ${side} port in common`);
      }
    }
  }
  return undefined;
}

function statesClash(one: MatchUse, other: MatchUse): boolean {
  const states = statesOf(one);
  const others = statesOf(other);
  const virtual = CT_STATE_AND_NAT.SNAT | CT_STATE_AND_NAT.DNAT;
  return (
    states !== undefined &&
    others !== undefined &&
    ((states | others) & virtual) === 0 &&
    (states & others) === 0
  );
}

function marksClash(one: MatchUse, other: MatchUse): boolean {
  const { name } = one.extension;
  if (name !== other.extension.name || (name !== "mark" && name !== "connmark")) return false;
  const first = one.info as Masked & { readonly invert: boolean };
  const second = other.info as Masked & { readonly invert: boolean };
  return !first.invert && !second.invert && ((first.value ^ second.value) & first.mask & second.mask) !== 0;
}

/** The ports that a match lets through on one side; undefined if it says nothing plain about them. */
function sidePorts(use: MatchUse, side: "source" | "destination"): readonly PortRange[] | undefined {
  const test = portTests(use)?.[side];
  if (test !== undefined && !test.invert) return [test.value];
  if (use.extension.name !== "multiport") return undefined;
  const info = use.info as MultiportInfo;
  return info.invert || info.side !== (side === "source" ? "--sports" : "--dports") ? undefined : info.ports;
}

function rangesMeet(one: readonly PortRange[], other: readonly PortRange[]): boolean {
  return one.some(({ low, high }) => other.some((range) => range.low <= high && low <= range.high));
}
