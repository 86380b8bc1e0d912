/**
 * The `udp` match: ports of UDP.
 *
 *     [!] --sport, --source-port port[:port]
 *     [!] --dport, --destination-port port[:port]
 *
 * Kernel: net/netfilter/xt_tcpudp.c, udp_mt(), revision 0.
 */
import { PROTOCOL } from "../../net/index.ts";
import { defineMatch, type Occurrence, optional } from "../contract.ts";
import { type PortRange, portRange, printPortRange } from "../ports.ts";

export interface UdpInfo {
  readonly source: Occurrence<PortRange>;
  readonly destination: Occurrence<PortRange>;
}

const ANY: Occurrence<PortRange> = { value: { low: 0, high: 0xffff }, invert: false };

const print = (option: string, { value, invert }: Occurrence<PortRange>): string =>
  value.low === 0 && value.high === 0xffff && !invert ? "" : `${invert ? "! " : ""}${option} ${printPortRange(value)}`;

export const udp = defineMatch({
  name: "udp",
  revision: 0,
  families: ["ipv4", "ipv6"],
  summary: "ports of UDP",
  protocols: [PROTOCOL.udp],
  options: {
    "--sport": optional(portRange("udp"), { invertible: true, aliases: ["--source-port"], operand: "port[:port]" }),
    "--dport": optional(portRange("udp"), { invertible: true, aliases: ["--destination-port"], operand: "port[:port]" }),
  },

  build: ({ "--sport": source = ANY, "--dport": destination = ANY }): UdpInfo => ({ source, destination }),
  print: ({ source, destination }) => [print("--sport", source), print("--dport", destination)].filter(Boolean).join(" "),
});
