/**
 * The `tcp` match: ports, flags and options of TCP.
 *
 *     [!] --sport, --source-port port[:port]
 *     [!] --dport, --destination-port port[:port]
 *     [!] --tcp-flags mask compare
 *     [!] --syn
 *     [!] --tcp-option number
 *
 * `--tcp-flags` takes two words: flags to look at, and those of them that must be set. `--syn` is short for
 * `--tcp-flags FIN,SYN,RST,ACK SYN` and is listed so. Flags to compare outside the mask are legal, and then the test
 * never holds; with an empty mask, though, iptables forgets the test, so that only `NONE NONE` is accepted.
 * iptables-nft turns all but `--tcp-option` into nftables' own expressions, which do not mind `! -p tcp`.
 * Kernel: net/netfilter/xt_tcpudp.c, tcp_mt(), revision 0.
 */

import { PROTOCOL } from "../../net/index.ts";
import { both, everything, invertible, masked, unknown } from "../../pktset/index.ts";
import { modulePortsCondition, payloadTest, portsCondition, withPorts } from "../conditions.ts";
import { defineMatch, flag, type Occurrence, optional } from "../contract.ts";
import { parseFlagNames } from "../flag-names.ts";
import { uint } from "../numbers.ts";
import { modulePorts, payloadPorts, payloadTransport } from "../packet-tests.ts";
import {
  asksPorts,
  joinPorts,
  type PortTests,
  portOptions,
  portRange,
  printPortTests,
  storedPorts,
} from "../ports.ts";
import { Refusal, refuse, refuseOption } from "../refusal.ts";
import { findTcpOption } from "../rewriting.ts";
import { requireProtocol } from "../rule-protocol.ts";

/** Holds if the flags under `mask` are `compare`. */
export interface TcpFlags {
  readonly mask: number;
  readonly compare: number;
}

export interface TcpInfo extends PortTests {
  readonly option: Occurrence<number> | undefined;
  readonly flags: Occurrence<TcpFlags> | undefined;
}

const FLAG_BITS = new Map([
  ["FIN", 1],
  ["SYN", 2],
  ["RST", 4],
  ["PSH", 8],
  ["ACK", 16],
  ["URG", 32],
  ["ALL", 63],
  ["NONE", 0],
]);

/** How each set of flags is listed; never ALL. */
const FLAG_LISTS: readonly string[] = Array.from({ length: 64 }, (_, flags) => {
  const names = [...FLAG_BITS].slice(0, 6).filter(([, bit]) => (flags & bit) !== 0);
  return names.length === 0 ? "NONE" : names.map(([name]) => name).join(",");
});

const LISTED_FLAGS = new Map(FLAG_LISTS.map((list, flags) => [list, flags]));

const SYN: TcpFlags = { mask: 0x17, compare: 0x02 };

/** What iptables-save has written is found whole. */
const parseFlags = (list: string): number | Refusal =>
  LISTED_FLAGS.get(list) ?? parseFlagNames(list, FLAG_BITS, "TCP flag");

function parseTcpFlags(text: string): TcpFlags | Refusal {
  const space = text.indexOf(" ");
  if (space < 0)
    return refuse(
      "xt/missing-operand",
      `after "--tcp-flags ${text}" the flags that must be set are missing`,
      "write two lists, such as --tcp-flags SYN,ACK SYN",
    );
  const mask = parseFlags(text.slice(0, space));
  if (mask instanceof Refusal) return mask;
  const compare = parseFlags(text.slice(space + 1));
  return compare instanceof Refusal ? compare : { mask, compare };
}

const refuseEmptyMask = ({ value, invert }: Occurrence<TcpFlags>): Refusal =>
  refuseOption(
    "xt/out-of-range",
    "--tcp-flags",
    `"${invert ? "! " : ""}--tcp-flags NONE ${FLAG_LISTS[value.compare]}" looks at no flag, and iptables forgets it`,
    "name in the first list the flags to look at, such as ALL",
  );

/** Whether iptables-nft keeps the tests of fields instead of the match. */
const isPayload = (info: TcpInfo): boolean =>
  info.option === undefined && (asksPorts(info) || info.flags !== undefined);

export const tcp = defineMatch({
  name: "tcp",
  revision: 0,
  families: ["ipv4", "ipv6"],
  summary: "ports, flags and options of TCP",
  options: {
    ...portOptions(portRange("tcp")),
    "--tcp-flags": optional(parseTcpFlags, { words: 2, invertible: true, operand: "mask compare" }),
    "--syn": flag({ invertible: true, excludes: ["--tcp-flags"] }),
    "--tcp-option": optional(uint(1, 255), { invertible: true, operand: "number" }),
  },

  build: ({
    "--sport": source,
    "--dport": destination,
    "--tcp-option": option,
    "--tcp-flags": written,
    "--syn": syn,
  }): TcpInfo | Refusal => {
    const ports = storedPorts({ source, destination }, option === undefined ? "payload" : "module");
    if (ports instanceof Refusal) return ports;
    let flags = syn === undefined ? written : { value: SYN, invert: syn.invert };
    if (flags?.value.mask === 0) {
      if (flags.invert || flags.value.compare !== 0) return refuseEmptyMask(flags);
      flags = undefined;
    }
    return { source: ports.source, destination: ports.destination, option, flags };
  },

  print: (info) => {
    let text = printPortTests(info);
    const { option, flags } = info;
    if (option !== undefined)
      text += `${text === "" ? "" : " "}${option.invert ? "! " : ""}--tcp-option ${option.value}`;
    if (flags !== undefined) {
      const { mask, compare } = flags.value;
      text += `${text === "" ? "" : " "}${flags.invert ? "! " : ""}--tcp-flags ${FLAG_LISTS[mask]} ${FLAG_LISTS[compare]}`;
    }
    return text;
  },

  listAsOne: (first, second) => {
    if (!isPayload(first) || !isPayload(second)) return undefined;
    if (first.flags !== undefined && second.flags !== undefined) return undefined;
    const ports = joinPorts(first, second);
    return ports && { ...ports, option: undefined, flags: first.flags ?? second.flags };
  },

  check: (info, place) => {
    return isPayload(info) && place.protocol?.number === PROTOCOL.tcp
      ? undefined
      : requireProtocol(place, PROTOCOL.tcp);
  },

  evaluate: (info, { backend }) => {
    const { option, flags } = info;
    const flagsHold = (value: number): boolean =>
      flags === undefined || ((value & flags.value.mask) === flags.value.compare) !== flags.invert;
    if (backend === "nft" && isPayload(info)) {
      return (skb) => {
        if (!payloadPorts(skb, info)) return false;
        if (flags === undefined) return true;
        const at = payloadTransport(skb) + 13;
        return skb.bytes.length > at && flagsHold(skb.bytes[at] as number);
      };
    }
    return (skb) => {
      const { bytes, transport } = skb;
      // A fragment at offset 1 would overwrite the flags: an old attack.
      if (skb.fragmentOffset === 1) return "hotdrop";
      const ports = modulePorts(skb, info, 20);
      if (ports !== true) return ports;
      if (!flagsHold(bytes[transport + 13] as number)) return false;
      if (option === undefined) return true;
      const size = ((bytes[transport + 12] as number) >>> 4) * 4;
      if (size < 20) return "hotdrop";
      if (size > 20 && bytes.length - transport < size) return "hotdrop";
      const found = findTcpOption(bytes, transport, (at) => bytes[at] === option.value) !== undefined;
      return found !== option.invert;
    };
  },

  symbolic: (info, context) => {
    const { flags, option } = info;
    const flagsHold =
      flags === undefined
        ? everything
        : invertible(masked("tcpflags", flags.value.compare, flags.value.mask), flags.invert);
    if (context.backend === "legacy" || !isPayload(info))
      return both(
        modulePortsCondition(info),
        withPorts(flagsHold),
        option === undefined ? everything : unknown("tcp: options are in no field"),
      );
    return both(
      info.source === undefined && info.destination === undefined
        ? everything
        : portsCondition(info, context),
      flags === undefined ? everything : payloadTest(flagsHold, context.family),
    );
  },
});
