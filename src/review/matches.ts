/** What single `-m` tests let through, as far as the checks reason about it. */
import { isOpaque, type MatchUse, type OpaqueUse, type Rule } from "../ruleset/index.ts";
import { CT_STATE, CT_STATE_AND_NAT } from "../xt/ct-states.ts";
import type { Occurrence } from "../xt/index.ts";
import type { ConntrackInfo } from "../xt/matches/conntrack.ts";
import type { MarkInfo } from "../xt/matches/mark.ts";
import type { StateInfo } from "../xt/matches/state.ts";
import type { TcpInfo } from "../xt/matches/tcp.ts";
import type { PortRange, PortTests } from "../xt/ports.ts";
import { isAnyHeader } from "./headers.ts";

const TRACKED = CT_STATE.INVALID | CT_STATE.NEW | CT_STATE.ESTABLISHED | CT_STATE.RELATED;
/** One of these holds for every packet; SNAT and DNAT come on top. */
const EVERY_STATE = TRACKED | CT_STATE.UNTRACKED;

/** Matches whose Info is two port tests; tcp may have more. */
const PORTED: ReadonlySet<string> = new Set(["dccp", "sctp", "tcp", "udp", "udplite"]);

/** Neither header nor matches keep a packet out. */
export function isUnconditional(rule: Rule): boolean {
  return isAnyHeader(rule.header) && rule.matches.every(isAlwaysTrue);
}

/** The test passes every packet: a comment, `--mark 0/0`, all connection states. */
export function isAlwaysTrue(use: MatchUse | OpaqueUse): boolean {
  if (isOpaque(use)) return false;
  switch (use.extension.name) {
    case "comment":
      return true;
    case "mark": {
      const { value, mask, invert } = use.info as MarkInfo;
      return invert ? (value & ~mask) !== 0 : mask === 0 && value === 0;
    }
    case "conntrack":
    case "state": {
      const states = onlyStates(use);
      return states !== undefined && (states & EVERY_STATE) === EVERY_STATE;
    }
    default:
      return false;
  }
}

/** The connection states that a test lets through, as bits of CT_STATE; undefined if it tests none. */
export function statesOf(use: MatchUse | OpaqueUse): number | undefined {
  if (isOpaque(use)) return undefined;
  const { name } = use.extension;
  if (name !== "state" && name !== "conntrack") return undefined;
  const states = (use.info as StateInfo | ConntrackInfo).states;
  if (states === undefined) return undefined;
  if (!states.invert) return states.value;
  // `! --ctstate DNAT` says nothing of NEW or ESTABLISHED.
  return (states.value & EVERY_STATE) === states.value ? EVERY_STATE & ~states.value : EVERY_STATE;
}

/** As `statesOf`, if the match tests nothing else and none of the virtual states SNAT and DNAT. */
function onlyStates(use: MatchUse): number | undefined {
  const written = (use.info as StateInfo | ConntrackInfo).states;
  if (written === undefined || (written.value & ~EVERY_STATE) !== 0) return undefined;
  if (use.extension.name === "conntrack") {
    const { protocol, original, reply, statuses, expiresSec, direction } = use.info as ConntrackInfo;
    const tuples = [
      original.source,
      original.destination,
      original.sourcePort,
      original.destinationPort,
      reply.source,
      reply.destination,
      reply.sourcePort,
      reply.destinationPort,
    ];
    if (protocol ?? statuses ?? expiresSec ?? direction ?? tuples.find((test) => test !== undefined))
      return undefined;
  }
  return statesOf(use);
}

/** A packet that begins a connection cannot pass the rule: it wants ESTABLISHED, RELATED or the like. */
export function excludesNew(rule: Rule): boolean {
  return rule.matches.some((use) => {
    const states = statesOf(use);
    return (
      states !== undefined && (states & (CT_STATE.NEW | CT_STATE_AND_NAT.SNAT | CT_STATE_AND_NAT.DNAT)) === 0
    );
  });
}

/**
 * The rule asks for a connection state, not negated, that nat never sees: it is asked for the first packet of a
 * connection only, which is NEW or RELATED. Kernel: net/netfilter/nf_nat_core.c, nf_nat_inet_fn().
 */
export function isBlindInNat(rule: Rule): boolean {
  const seen = CT_STATE.NEW | CT_STATE.RELATED | CT_STATE_AND_NAT.SNAT | CT_STATE_AND_NAT.DNAT;
  return asksStates(rule, (states) => (states & seen) === 0);
}

/** A state test without `!` of which `wanted` holds; negated ones hold for what is not tracked, and are not judged. */
export function asksStates(rule: Rule, wanted: (states: number) => boolean): boolean {
  return rule.matches.some((use) => {
    if (isOpaque(use) || use.info.states?.invert !== false) return false;
    const states = statesOf(use);
    return states !== undefined && states !== 0 && wanted(states);
  });
}

/** All that the rule tests is that the packet begins or belongs to a connection; NEW among the states. */
export function acceptsAnyNew(rule: Rule): boolean {
  return (
    isAnyHeader(rule.header) &&
    rule.matches.every((use) => {
      if (isAlwaysTrue(use)) return true;
      const states = isOpaque(use) || !isStateMatch(use) ? undefined : onlyStates(use);
      return states !== undefined && (states & CT_STATE.NEW) !== 0;
    })
  );
}

export function isStateMatch(use: MatchUse): boolean {
  return use.extension.name === "conntrack" || use.extension.name === "state";
}

/** The port tests of a transport's own match; undefined for other matches. */
export function portTests(use: MatchUse | OpaqueUse): PortTests | undefined {
  return isOpaque(use) || !PORTED.has(use.extension.name) ? undefined : (use.info as PortTests);
}

/** `--dport` of the rule's transport match, if it is there and not negated. */
export function destinationPorts(rule: Rule): PortRange | undefined {
  for (const use of rule.matches) {
    const test = portTests(use)?.destination;
    if (test !== undefined && !test.invert) return test.value;
  }
  return undefined;
}

/** Whatever else passes `wide` too; false where that is not plain to see. Equal texts are for the caller. */
export function matchCovers(wide: MatchUse, narrow: MatchUse): boolean {
  if (isStateMatch(wide) && isStateMatch(narrow)) {
    const outer = onlyStates(wide);
    const inner = narrow.info.states === undefined ? undefined : statesOf(narrow);
    return (
      outer !== undefined && inner !== undefined && (inner & ~EVERY_STATE) === 0 && (inner & ~outer) === 0
    );
  }
  if (wide.extension !== narrow.extension) return false;
  const outer = portTests(wide);
  const inner = portTests(narrow);
  if (outer === undefined || inner === undefined || !isPlainPorts(wide)) return false;
  // iptables-nft makes one comparison of `! --sport 1 ! --dport 2`, which only the pair of both ports fails.
  if (inner.source?.invert === true && inner.destination?.invert === true)
    return outer.source === undefined && outer.destination === undefined;
  return portsCover(outer.source, inner.source) && portsCover(outer.destination, inner.destination);
}

/** The match tests ports and nothing else. */
function isPlainPorts(use: MatchUse): boolean {
  const { name } = use.extension;
  if (name === "udp" || name === "udplite") return true;
  if (name !== "tcp") return false;
  const { option, flags } = use.info as TcpInfo;
  return option === undefined && flags === undefined;
}

function portsCover(
  wide: Occurrence<PortRange> | undefined,
  narrow: Occurrence<PortRange> | undefined,
): boolean {
  if (wide === undefined) return true;
  if (narrow === undefined) return false;
  const outer = wide.value;
  const inner = narrow.value;
  if (!wide.invert) return !narrow.invert && outer.low <= inner.low && inner.high <= outer.high;
  if (narrow.invert) return inner.low <= outer.low && outer.high <= inner.high;
  return inner.high < outer.low || outer.high < inner.low;
}

/** A test of several ports or states, or of any: it may cover others without being equal to them. */
export function isWide(use: MatchUse): boolean {
  if (isStateMatch(use)) {
    const states = onlyStates(use);
    return states !== undefined && (states & (states - 1)) !== 0;
  }
  const tests = portTests(use);
  if (tests === undefined || !isPlainPorts(use)) return false;
  const { source, destination } = tests;
  return (
    isManyPorts(source) || isManyPorts(destination) || (source === undefined && destination === undefined)
  );
}

function isManyPorts(test: Occurrence<PortRange> | undefined): boolean {
  return test !== undefined && (test.invert || test.value.low !== test.value.high);
}
