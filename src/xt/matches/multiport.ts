/**
 * The `multiport` match: up to 15 ports or ranges of ports.
 *
 *     [!] --sports, --source-ports port[:port],…
 *     [!] --dports, --destination-ports port[:port],…
 *     [!] --ports port[:port],…
 *
 * A range counts as two of the 15, must have both its ends and go up. `--ports` holds if the source or the destination
 * port is listed. A `-p` that has ports must stand before it, without `!`. `-m multiport` takes one of the options.
 * Kernel: net/netfilter/xt_multiport.c, multiport_mt() and multiport_mt_check(), revision 1.
 */

import { get16, PROTOCOL } from "../../net/index.ts";
import { either, invertible } from "../../pktset/index.ts";
import { portAmong, withPorts } from "../conditions.ts";
import { defineMatch, type Occurrence, optional, type ValueParser } from "../contract.ts";
import { type PortRange, parsePort, printPortRange, transportName } from "../ports.ts";
import { refuse } from "../refusal.ts";

type Side = "--sports" | "--dports" | "--ports";

export interface MultiportInfo {
  readonly side: Side;
  readonly ports: readonly PortRange[];
  readonly invert: boolean;
}

/** XT_MULTI_PORTS. */
const MAX_PORTS = 15;

const parsePorts: ValueParser<readonly PortRange[]> = (text, context) => {
  const transport = context.protocol?.invert === true ? undefined : transportName(context);
  if (transport === undefined) {
    return refuse(
      "xt/wrong-protocol",
      `the ports ${text} need -p tcp, udp, udplite, sctp or dccp before them, without !`,
      "write -p tcp before -m multiport",
    );
  }
  const ports: PortRange[] = [];
  let count = 0;
  for (const item of text.split(",")) {
    const colon = item.indexOf(":");
    count += colon < 0 ? 1 : 2;
    const low = parsePort(colon < 0 ? item : item.slice(0, colon), transport);
    if (typeof low !== "number") return low;
    const high = colon < 0 ? low : parsePort(item.slice(colon + 1), transport);
    if (typeof high !== "number") return high;
    if (colon >= 0 && low >= high)
      return refuse(
        "xt/reversed-range",
        `the port range "${item}" does not go up`,
        low === high ? `write ${low}` : `write ${high}:${low}`,
      );
    ports.push({ low, high });
  }
  if (count > MAX_PORTS) {
    return refuse(
      "xt/too-many-ports",
      `at most ${MAX_PORTS} ports, this list has ${count}`,
      "a range counts as two; split the rule or use an ipset",
    );
  }
  return ports;
};

function portsOption(aliases: readonly string[], excludes: readonly Side[]) {
  return optional(parsePorts, { invertible: true, aliases, excludes, operand: "port[:port],…" });
}

export const multiport = defineMatch({
  name: "multiport",
  revision: 1,
  families: ["ipv4", "ipv6"],
  summary: "up to 15 ports or ranges of ports",
  protocols: [PROTOCOL.tcp, PROTOCOL.udp, PROTOCOL.udplite, PROTOCOL.sctp, PROTOCOL.dccp],
  options: {
    "--sports": portsOption(["--source-ports"], ["--dports", "--ports"]),
    "--dports": portsOption(["--destination-ports"], ["--ports"]),
    "--ports": portsOption([], []),
  },

  build: (given) => {
    const info = (side: Side, { value, invert }: Occurrence<readonly PortRange[]>): MultiportInfo => ({
      side,
      ports: value,
      invert,
    });
    const { "--sports": sources, "--dports": destinations, "--ports": either } = given;
    if (destinations !== undefined) return info("--dports", destinations);
    if (sources !== undefined) return info("--sports", sources);
    if (either !== undefined) return info("--ports", either);
    return refuse("xt/missing-option", "no ports are given", "add --dports, --sports or --ports");
  },

  print: ({ side, ports, invert }) => `${invert ? "! " : ""}${side} ${ports.map(printPortRange).join(",")}`,

  evaluate:
    ({ side, ports, invert }) =>
    (skb) => {
      if (skb.fragmentOffset !== 0) return false;
      if (!skb.hasTransport(4)) return "hotdrop";
      const listed = (port: number): boolean => ports.some(({ low, high }) => port >= low && port <= high);
      const source = get16(skb.bytes, skb.transport);
      const destination = get16(skb.bytes, skb.transport + 2);
      const found =
        side === "--sports"
          ? listed(source)
          : side === "--dports"
            ? listed(destination)
            : listed(source) || listed(destination);
      return found !== invert;
    },

  symbolic: ({ side, ports, invert }) =>
    withPorts(
      invertible(
        either(
          ...(side === "--dports" ? [] : [portAmong("sport", ports)]),
          ...(side === "--sports" ? [] : [portAmong("dport", ports)]),
        ),
        invert,
      ),
    ),
});
