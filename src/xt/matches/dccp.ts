/**
 * The `dccp` match: ports, packet types and options of DCCP.
 *
 *     [!] --sport, --source-port port[:port]
 *     [!] --dport, --destination-port port[:port]
 *     [!] --dccp-types type[,type…]
 *     [!] --dccp-option number
 *
 * Ports are read as by `udp`: names of any transport, decimal numbers, reversed ranges too. INVALID stands for the
 * reserved types 10 to 15. A list of types that names none is refused, for its listing could not be read again.
 * Kernel: net/netfilter/xt_dccp.c, dccp_mt(), revision 0.
 */

import { PROTOCOL } from "../../net/index.ts";
import { both, everything, invertible, unknown } from "../../pktset/index.ts";
import { modulePortsCondition } from "../conditions.ts";
import { defineMatch, type Occurrence, optional } from "../contract.ts";
import { parseFlagNames } from "../flag-names.ts";
import { uint } from "../numbers.ts";
import { modulePorts } from "../packet-tests.ts";
import { type PortTests, portOptions, printPortTests, resolvedPortRange } from "../ports.ts";
import { type Refusal, refuse } from "../refusal.ts";

export interface DccpInfo extends PortTests {
  /** Bit n set: packet type n. INVALID sets bits 10 to 15. */
  readonly types: Occurrence<number> | undefined;
  readonly option: Occurrence<number> | undefined;
}

/** Of four bits, each value. */
const ALL_TYPES = 0xffff;

const TYPE_NAMES = [
  "REQUEST",
  "RESPONSE",
  "DATA",
  "ACK",
  "DATAACK",
  "CLOSEREQ",
  "CLOSE",
  "RESET",
  "SYNC",
  "SYNCACK",
  "INVALID",
];
const TYPE_BITS = new Map(TYPE_NAMES.map((name, type) => [name, name === "INVALID" ? 0xfc00 : 1 << type]));

function parseTypes(text: string): number | Refusal {
  const types = parseFlagNames(text, TYPE_BITS, "DCCP packet type");
  return types === 0
    ? refuse(
        "xt/unknown-keyword",
        `"${text}" names no packet type`,
        `write ${TYPE_NAMES.join(", ")}, with commas between`,
      )
    : types;
}

export const dccp = defineMatch({
  name: "dccp",
  revision: 0,
  families: ["ipv4", "ipv6"],
  summary: "ports, packet types and options of DCCP",
  protocols: [PROTOCOL.dccp],
  options: {
    ...portOptions(resolvedPortRange),
    "--dccp-types": optional(parseTypes, { invertible: true, operand: "type[,type…]" }),
    "--dccp-option": optional(uint(1, 255), { invertible: true, operand: "number" }),
  },

  build: ({
    "--sport": source,
    "--dport": destination,
    "--dccp-types": types,
    "--dccp-option": option,
  }): DccpInfo => ({
    source,
    destination,
    types,
    option,
  }),

  print: (info) => {
    const { types, option } = info;
    const parts = [printPortTests(info)];
    if (types !== undefined) {
      const names = TYPE_NAMES.filter((_, type) => (types.value & (1 << type)) !== 0);
      parts.push(`${types.invert ? "! " : ""}--dccp-types ${names.join(",")}`);
    }
    if (option !== undefined) parts.push(`${option.invert ? "! " : ""}--dccp-option ${option.value}`);
    return parts.filter(Boolean).join(" ");
  },

  evaluate: (info) => (skb) => {
    const ports = modulePorts(skb, info, 12);
    if (ports !== true) return ports;
    const { types, option } = info;
    const { bytes, transport } = skb;
    const type = ((bytes[transport + 8] as number) >>> 1) & 15;
    if (types !== undefined && (((types.value >>> type) & 1) === 1) === types.invert) return false;
    if (option === undefined) return true;
    const extended = ((bytes[transport + 8] as number) & 1) === 1;
    const start = transport + (extended ? 16 : 12);
    const end = transport + (bytes[transport + 4] as number) * 4;
    if (end < start || end > bytes.length) return "hotdrop";
    for (let at = start; at < end; at += (bytes[at] as number) < 32 ? 1 : bytes[at + 1] || 1) {
      if (bytes[at] === option.value) return !option.invert;
    }
    return option.invert;
  },

  symbolic: ({ types, option, ...ports }) =>
    both(
      modulePortsCondition(ports),
      types === undefined
        ? everything
        : types.value === ALL_TYPES
          ? invertible(everything, types.invert)
          : unknown("dccp: packet types are in no field"),
      option === undefined ? everything : unknown("dccp: options are in no field"),
    ),
});
