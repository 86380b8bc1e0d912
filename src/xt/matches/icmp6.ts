/**
 * The `icmp6` match: type and code of ICMPv6.
 *
 *     [!] --icmpv6-type {type[/code] | name}
 *
 * Names are listed as numbers. Unlike `icmp` it has no `any`, and type 255 is a type like others.
 * Kernel: net/ipv6/netfilter/ip6_tables.c, icmp6_match(), revision 0.
 */
import { PROTOCOL } from "../../net/index.ts";
import { defineMatch, required } from "../contract.ts";
import {
  type IcmpTest,
  icmpTypeCondition,
  icmpTypeParser,
  icmpTypeTest,
  printIcmpType,
} from "../icmp-types.ts";

const parseType = icmpTypeParser([
  ["destination-unreachable", 1],
  ["no-route", 1, 0],
  ["communication-prohibited", 1, 1],
  ["beyond-scope", 1, 2],
  ["address-unreachable", 1, 3],
  ["port-unreachable", 1, 4],
  ["failed-policy", 1, 5],
  ["reject-route", 1, 6],
  ["packet-too-big", 2],
  ["time-exceeded", 3],
  ["ttl-exceeded", 3],
  ["ttl-zero-during-transit", 3, 0],
  ["ttl-zero-during-reassembly", 3, 1],
  ["parameter-problem", 4],
  ["bad-header", 4, 0],
  ["unknown-header-type", 4, 1],
  ["unknown-option", 4, 2],
  ["echo-request", 128],
  ["ping", 128],
  ["echo-reply", 129],
  ["pong", 129],
  ["router-solicitation", 133],
  ["router-advertisement", 134],
  ["neighbour-solicitation", 135],
  ["neighbor-solicitation", 135],
  ["neighbour-advertisement", 136],
  ["neighbor-advertisement", 136],
  ["redirect", 137],
]);

export type Icmp6Info = IcmpTest;

export const icmp6 = defineMatch({
  name: "icmp6",
  aliases: ["icmpv6", "ipv6-icmp"],
  revision: 0,
  families: ["ipv6"],
  summary: "type and code of ICMPv6",
  protocols: [PROTOCOL.icmpv6],
  options: { "--icmpv6-type": required(parseType, { invertible: true, operand: "type[/code]" }) },

  build: ({ "--icmpv6-type": type }): Icmp6Info => type,
  print: ({ value, invert }) => `${invert ? "! " : ""}--icmpv6-type ${printIcmpType(value)}`,

  evaluate: (test) => icmpTypeTest(test),

  symbolic: (test) => icmpTypeCondition(test, "ipv6"),
});
