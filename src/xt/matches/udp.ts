/**
 * The `udp` match: ports of UDP.
 *
 *     [!] --sport, --source-port port[:port]
 *     [!] --dport, --destination-port port[:port]
 *
 * Names are services of any transport (`ssh` works), numbers are decimal, and a reversed range is legal: all three
 * unlike `tcp`. iptables-nft turns the ports into nftables' own expressions, which do not mind `! -p udp`; such a rule
 * never matches. Kernel: net/netfilter/xt_tcpudp.c, udp_mt(), revision 0.
 */

import { PROTOCOL } from "../../net/index.ts";
import { modulePortsCondition, portsCondition } from "../conditions.ts";
import { defineMatch } from "../contract.ts";
import { modulePorts, payloadPorts } from "../packet-tests.ts";
import {
  asksPorts,
  joinPorts,
  type PortTests,
  portOptions,
  printPortTests,
  resolvedPortRange,
  storedPorts,
} from "../ports.ts";
import { requireProtocol } from "../rule-protocol.ts";

export type UdpInfo = PortTests;

export const udp = defineMatch({
  name: "udp",
  revision: 0,
  families: ["ipv4", "ipv6"],
  summary: "ports of UDP",
  options: portOptions(resolvedPortRange),

  build: ({ "--sport": source, "--dport": destination }) => storedPorts({ source, destination }, "payload"),
  print: printPortTests,
  listAsOne: (first, second) =>
    asksPorts(first) && asksPorts(second) ? joinPorts(first, second) : undefined,

  check: (info: UdpInfo, place) => {
    return asksPorts(info) && place.protocol?.number === PROTOCOL.udp
      ? undefined
      : requireProtocol(place, PROTOCOL.udp);
  },

  evaluate: (info, { backend }) =>
    backend === "nft" && asksPorts(info)
      ? (skb) => payloadPorts(skb, info)
      : (skb) => modulePorts(skb, info, 8),

  symbolic: (info, context) => (asksPorts(info) ? portsCondition(info, context) : modulePortsCondition(info)),
});
