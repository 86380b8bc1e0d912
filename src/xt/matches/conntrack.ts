/**
 * The `conntrack` match: the packet's connection, as the tracker knows it.
 *
 *     [!] --ctstate state[,state…]         INVALID NEW RELATED ESTABLISHED UNTRACKED SNAT DNAT
 *     [!] --ctproto protocol
 *     [!] --ctorigsrc, --ctorigdst, --ctreplsrc, --ctrepldst address[/mask]
 *     [!] --ctorigsrcport, --ctorigdstport, --ctreplsrcport, --ctrepldstport port[:port]
 *     [!] --ctstatus status[,status…]      NONE EXPECTED SEEN_REPLY ASSURED CONFIRMED
 *     [!] --ctexpire seconds[:seconds]
 *         --ctdir ORIGINAL|REPLY
 *
 * All tests must hold, of states and statuses one each. NONE has no bit, so `--ctstatus NONE` never holds and its
 * negation always. A packet without a connection is judged by --ctstate alone: if that holds it matches, whatever else
 * is tested; without --ctstate it never matches, not even under `!`. Ports are decimal; a range may be reversed (and
 * then holds nothing), except that `2:0` is refused, since it would be listed as `2`.
 * Kernel: net/netfilter/xt_conntrack.c, conntrack_mt(), revision 3.
 */

import { type Family, type MaskedAddress, PROTOCOL } from "../../net/index.ts";
import {
  both,
  type Condition,
  CT_STATES,
  either,
  everything,
  invertible,
  is,
  masked,
  not,
  unknown,
} from "../../pktset/index.ts";
import { statesCondition, TRACKED } from "../conditions.ts";
import { defineMatch, type Occurrence, optional, type ValueParser } from "../contract.ts";
import { bitNames, CT_STATE_AND_NAT, CT_STATUS, stateBits } from "../ct-states.ts";
import { keywordAnyCase } from "../keywords.ts";
import { inRange, type NumberRange, printUintRange, uintRange } from "../numbers.ts";
import { maskTest, portHolds, tupleDestination, tupleSource } from "../packet-tests.ts";
import { type PortRange, printPortRange } from "../ports.ts";
import { parseProtocolOperand } from "../protocols.ts";
import { refuse, refuseOption } from "../refusal.ts";
import { printResolvedHost, resolvedHostWithMask } from "../resolved-hosts.ts";
import { parseResolvedPort } from "../resolved-ports.ts";
import { isReply } from "../skb.ts";

const DIRECTIONS = ["ORIGINAL", "REPLY"] as const;
export type CtDirection = (typeof DIRECTIONS)[number];

/** Tests of the tuple of one direction. */
export interface TupleTest {
  readonly source: Occurrence<MaskedAddress> | undefined;
  readonly destination: Occurrence<MaskedAddress> | undefined;
  readonly sourcePort: Occurrence<PortRange> | undefined;
  readonly destinationPort: Occurrence<PortRange> | undefined;
}

export interface ConntrackInfo {
  /** Bits of CT_STATE_AND_NAT. */
  readonly states: Occurrence<number> | undefined;
  readonly protocol: Occurrence<number> | undefined;
  readonly original: TupleTest;
  readonly reply: TupleTest;
  /** Bits of CT_STATUS. */
  readonly statuses: Occurrence<number> | undefined;
  readonly expiresSec: Occurrence<NumberRange> | undefined;
  readonly direction: CtDirection | undefined;
}

const ANY_TUPLE: TupleTest = {
  source: undefined,
  destination: undefined,
  sourcePort: undefined,
  destinationPort: undefined,
};

const stateNames = bitNames(CT_STATE_AND_NAT, "connection state");
const statusNames = bitNames(CT_STATUS, "connection status");

const ports: ValueParser<PortRange> = (text) => {
  const parts = text.split(":");
  if (parts.length > 2)
    return refuse(
      "xt/bad-range",
      `"${text}" has ${parts.length} parts, a range has at most two`,
      "write low:high",
    );
  const [first, second] = parts as [string, string | undefined];
  const low = first === "" && second !== undefined ? 0 : parseResolvedPort(first);
  if (typeof low !== "number") return low;
  const high = second === undefined ? low : second === "" ? 0xffff : parseResolvedPort(second);
  if (typeof high !== "number") return high;
  if (high === 0 && low > 0)
    return refuse(
      "xt/reversed-range",
      `the port range "${text}" ends before it starts, and would be listed as ${low}`,
      `write 0:${low}`,
    );
  return { low, high };
};

const address = optional(resolvedHostWithMask, { invertible: true, operand: "address[/mask]" });
const port = optional(ports, { invertible: true, operand: "port[:port]" });

/** The shared ANY_TUPLE where nothing is tested, as in most rules. */
function tuple(test: TupleTest): TupleTest {
  const { source, destination, sourcePort, destinationPort } = test;
  const any =
    source === undefined &&
    destination === undefined &&
    sourcePort === undefined &&
    destinationPort === undefined;
  return any ? ANY_TUPLE : test;
}

function print<T>(
  option: string,
  test: Occurrence<T> | undefined,
  value: (value: T) => string | number,
): string {
  return test === undefined ? "" : `${test.invert ? " !" : ""} ${option} ${value(test.value)}`;
}

export const conntrack = defineMatch({
  name: "conntrack",
  revision: 3,
  families: ["ipv4", "ipv6"],
  summary: "state, addresses and status of the packet's connection",
  options: {
    "--ctstate": optional(stateNames.parse, { invertible: true, operand: "state[,state…]" }),
    "--ctproto": optional(parseProtocolOperand, { invertible: true, operand: "protocol" }),
    "--ctorigsrc": address,
    "--ctorigdst": address,
    "--ctreplsrc": address,
    "--ctrepldst": address,
    "--ctorigsrcport": port,
    "--ctorigdstport": port,
    "--ctreplsrcport": port,
    "--ctrepldstport": port,
    "--ctstatus": optional(statusNames.parse, { invertible: true, operand: "status[,status…]" }),
    "--ctexpire": optional(uintRange(0xffffffff), { invertible: true, operand: "seconds[:seconds]" }),
    "--ctdir": optional(keywordAnyCase(DIRECTIONS), { operand: DIRECTIONS.join("|") }),
  },

  build: (given) => {
    const info: ConntrackInfo = {
      states: given["--ctstate"],
      protocol: given["--ctproto"],
      original: tuple({
        source: given["--ctorigsrc"],
        destination: given["--ctorigdst"],
        sourcePort: given["--ctorigsrcport"],
        destinationPort: given["--ctorigdstport"],
      }),
      reply: tuple({
        source: given["--ctreplsrc"],
        destination: given["--ctrepldst"],
        sourcePort: given["--ctreplsrcport"],
        destinationPort: given["--ctrepldstport"],
      }),
      statuses: given["--ctstatus"],
      expiresSec: given["--ctexpire"],
      direction: given["--ctdir"]?.value,
    };
    const { states, protocol, statuses } = info;
    if (protocol?.value === 0 && statuses?.invert === true && (statuses.start ?? 0) < (protocol.start ?? 0)) {
      return refuseOption(
        "xt/conflicting-options",
        "--ctproto",
        "iptables mistakes --ctproto 0 after ! --ctstatus for a negated protocol",
        "write --ctproto 0 first",
      );
    }
    if (states !== undefined || Object.keys(given).length > 0) return info;
    return refuse(
      "xt/missing-option",
      "it tests nothing without an option",
      "add --ctstate, or one of the other --ct options",
    );
  },

  print: ({ states, protocol, original, reply, statuses, expiresSec, direction }) => {
    let text = print("--ctstate", states, stateNames.print);
    text += print("--ctproto", protocol, String);
    if (original !== ANY_TUPLE || reply !== ANY_TUPLE) {
      text +=
        print("--ctorigsrc", original.source, printResolvedHost) +
        print("--ctorigdst", original.destination, printResolvedHost);
      text +=
        print("--ctreplsrc", reply.source, printResolvedHost) +
        print("--ctrepldst", reply.destination, printResolvedHost);
      text +=
        print("--ctorigsrcport", original.sourcePort, printPortRange) +
        print("--ctorigdstport", original.destinationPort, printPortRange);
      text +=
        print("--ctreplsrcport", reply.sourcePort, printPortRange) +
        print("--ctrepldstport", reply.destinationPort, printPortRange);
    }
    text +=
      print("--ctstatus", statuses, statusNames.print) + print("--ctexpire", expiresSec, printUintRange);
    return (direction === undefined ? text : `${text} --ctdir ${direction}`).slice(1);
  },

  evaluate: ({ states, protocol, original, reply, statuses, expiresSec, direction }) => {
    const address = (test: Occurrence<MaskedAddress> | undefined) =>
      test === undefined ? () => true : maskTest(test);
    const tests = {
      originalSource: address(original.source),
      originalDestination: address(original.destination),
      replySource: address(reply.source),
      replyDestination: address(reply.destination),
    };
    return (skb) => {
      const { ct } = skb;
      if (states !== undefined) {
        const bits = stateBits(skb);
        if (((bits & states.value) !== 0) === states.invert) return false;
      }
      if (ct === undefined) return states !== undefined;
      if (direction !== undefined && isReply(skb.ctInfo) !== (direction === "REPLY")) return false;
      if (
        original === ANY_TUPLE &&
        reply === ANY_TUPLE &&
        protocol === undefined &&
        statuses === undefined &&
        expiresSec === undefined
      )
        return true;
      const forward = ct.original;
      const backward = ct.reply;
      if (
        !tests.originalSource(tupleSource(forward)) ||
        !tests.originalDestination(tupleDestination(forward))
      )
        return false;
      if (!tests.replySource(tupleSource(backward)) || !tests.replyDestination(tupleDestination(backward)))
        return false;
      if (protocol !== undefined && (forward.protocol === protocol.value) === protocol.invert) return false;
      if (
        !portHolds(original.sourcePort, forward.sport) ||
        !portHolds(original.destinationPort, forward.dport)
      )
        return false;
      if (!portHolds(reply.sourcePort, backward.sport) || !portHolds(reply.destinationPort, backward.dport))
        return false;
      if (statuses !== undefined && ((ct.status & statuses.value) !== 0) === statuses.invert) return false;
      return expiresSec === undefined || inRange(expiresSec, ct.remainingSec());
    };
  },

  symbolic: ({ states, protocol, original, reply, statuses, expiresSec, direction }, { family }) => {
    const state = states === undefined ? everything : statesCondition(states);
    const tests: Condition[] = [];
    if (direction !== undefined) tests.push(is("ctdir", DIRECTIONS.indexOf(direction)));
    if (original !== ANY_TUPLE || reply !== ANY_TUPLE)
      tests.push(unknown("conntrack: a connection's addresses and ports before and after translation"));
    if (protocol !== undefined) tests.push(protocolCondition(protocol, family));
    if (statuses !== undefined)
      tests.push(
        invertible(
          either(
            ...[1, 2, 4, 8]
              .filter((bit) => (statuses.value & bit) !== 0)
              .map((bit) => masked("ctstatus", bit, bit)),
          ),
          statuses.invert,
        ),
      );
    if (expiresSec !== undefined) tests.push(unknown("conntrack: how long a connection still lives"));
    if (tests.length === 0) return states === undefined ? TRACKED : state;
    // A packet without a connection is judged by its state alone.
    const connected = both(TRACKED, ...tests);
    return both(state, states === undefined ? connected : either(not(TRACKED), connected));
  },
});

/** Protocol of the connection: the packet's own, except that an ICMP error is related to a connection of any. */
function protocolCondition({ value, invert }: Occurrence<number>, family: Family): Condition {
  const error = both(
    is("ctstate", CT_STATES.indexOf("RELATED")),
    is("protocol", family === "ipv4" ? PROTOCOL.icmp : PROTOCOL.icmpv6),
  );
  return either(
    both(not(error), invertible(is("protocol", value), invert)),
    both(error, unknown("conntrack: the protocol of what an ICMP error is about")),
  );
}
