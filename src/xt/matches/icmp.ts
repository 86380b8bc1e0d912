/**
 * The `icmp` match: type and code of ICMP.
 *
 *     [!] --icmp-type {type[/code] | name}
 *
 * The kernel takes type 255 for "any", whatever the code; the listing says `any`, and 255 with a code is refused.
 * Names are listed as numbers. Kernel: net/ipv4/netfilter/ip_tables.c, icmp_match(), revision 0.
 */
import { PROTOCOL } from "../../net/index.ts";
import { defineMatch, required } from "../contract.ts";
import {
  type IcmpTest,
  type IcmpType,
  icmpTypeCondition,
  icmpTypeParser,
  icmpTypeTest,
  printIcmpType,
} from "../icmp-types.ts";
import { Refusal, refuse } from "../refusal.ts";

/** Any type and code; no type of that number is in use. */
const ANY = 255;

const parseNumberOrName = icmpTypeParser([
  ["any", ANY],
  ["echo-reply", 0],
  ["pong", 0],
  ["destination-unreachable", 3],
  ["network-unreachable", 3, 0],
  ["host-unreachable", 3, 1],
  ["protocol-unreachable", 3, 2],
  ["port-unreachable", 3, 3],
  ["fragmentation-needed", 3, 4],
  ["source-route-failed", 3, 5],
  ["network-unknown", 3, 6],
  ["host-unknown", 3, 7],
  ["network-prohibited", 3, 9],
  ["host-prohibited", 3, 10],
  ["TOS-network-unreachable", 3, 11],
  ["TOS-host-unreachable", 3, 12],
  ["communication-prohibited", 3, 13],
  ["host-precedence-violation", 3, 14],
  ["precedence-cutoff", 3, 15],
  ["source-quench", 4],
  ["redirect", 5],
  ["network-redirect", 5, 0],
  ["host-redirect", 5, 1],
  ["TOS-network-redirect", 5, 2],
  ["TOS-host-redirect", 5, 3],
  ["echo-request", 8],
  ["ping", 8],
  ["router-advertisement", 9],
  ["router-solicitation", 10],
  ["time-exceeded", 11],
  ["ttl-exceeded", 11],
  ["ttl-zero-during-transit", 11, 0],
  ["ttl-zero-during-reassembly", 11, 1],
  ["parameter-problem", 12],
  ["ip-header-bad", 12, 0],
  ["required-option-missing", 12, 1],
  ["timestamp-request", 13],
  ["timestamp-reply", 14],
  ["address-mask-request", 17],
  ["address-mask-reply", 18],
]);

/** Type 255 with no code is "any". */
export type IcmpInfo = IcmpTest;

function parseType(text: string): IcmpType | Refusal {
  const parsed = parseNumberOrName(text);
  if (parsed instanceof Refusal || parsed.type !== ANY || parsed.code === undefined) return parsed;
  return refuse(
    "xt/out-of-range",
    `"${text}" would match every type and code, for the kernel takes type 255 for any`,
    "write any, or a type from 0 to 254",
  );
}

export const icmp = defineMatch({
  name: "icmp",
  revision: 0,
  families: ["ipv4"],
  summary: "type and code of ICMP",
  protocols: [PROTOCOL.icmp],
  options: { "--icmp-type": required(parseType, { invertible: true, operand: "type[/code]" }) },

  build: ({ "--icmp-type": type }): IcmpInfo => type,
  print: ({ value, invert }) =>
    `${invert ? "! " : ""}--icmp-type ${value.type === ANY ? "any" : printIcmpType(value)}`,

  evaluate: (test) => icmpTypeTest(test),

  symbolic: (test) => icmpTypeCondition(test, "ipv4"),
});
