/** Port operands: numbers or service names, single or `low:high`. */
import { PROTOCOL, servicePort } from "../net/index.ts";
import type { ValueContext, ValueParser } from "./contract.ts";
import { wholeNumber } from "./numbers.ts";
import { type Refusal, refuse } from "./refusal.ts";

/** Ports from `low` to `high`, both inclusive. */
export interface PortRange {
  readonly low: number;
  readonly high: number;
}

const TRANSPORTS = new Map<number, string>([
  [PROTOCOL.tcp, "tcp"],
  [PROTOCOL.udp, "udp"],
  [PROTOCOL.sctp, "sctp"],
  [PROTOCOL.dccp, "dccp"],
  [PROTOCOL.udplite, "udplite"],
]);

/** The name under which services of the rule's protocol are looked up. */
export function transportName(context: ValueContext): string | undefined {
  return context.protocol === undefined ? undefined : TRANSPORTS.get(context.protocol.number);
}

/** One port, by number or by name under `transport`. Source: libxtables/xtables.c, xtables_parse_port(). */
export function parsePort(text: string, transport: string | undefined): number | Refusal {
  const port = wholeNumber(text, 0, 0xffff) ?? servicePort(text, transport);
  if (port !== undefined) return port;
  const what = transport === undefined ? "" : ` of ${transport}`;
  return refuse("xt/bad-port", `"${text}" is neither a port (0 to 65535) nor a known service${what}`, "write the port as a number");
}

/**
 * `port`, `low:high`, `low:` (up to 65535) or `:high` (from 0). A reversed range is refused.
 * Source: extensions/libxt_tcp.c, parse_tcp_ports().
 */
export function portRange(transport: string | undefined): ValueParser<PortRange> {
  return (text) => {
    const colon = text.indexOf(":");
    if (colon < 0) {
      const port = parsePort(text, transport);
      return typeof port === "number" ? { low: port, high: port } : port;
    }
    const low = colon === 0 ? 0 : parsePort(text.slice(0, colon), transport);
    const high = colon === text.length - 1 ? 0xffff : parsePort(text.slice(colon + 1), transport);
    if (typeof low !== "number") return low;
    if (typeof high !== "number") return high;
    if (low > high) return refuse("xt/reversed-range", `the port range "${text}" ends before it starts`, `write ${high}:${low}`);
    return { low, high };
  };
}

/** `80` or `1024:65535`. */
export function printPortRange({ low, high }: PortRange): string {
  return low === high ? `${low}` : `${low}:${high}`;
}
