/** Port operands: numbers or service names, single or `low:high`, and the `--sport`/`--dport` pair of the transports. */
import { PROTOCOL, servicePort } from "../net/index.ts";
import { type Occurrence, optional, type ValueContext, type ValueParser } from "./contract.ts";
import { wholeNumber } from "./numbers.ts";
import { Refusal, refuse, refuseOption } from "./refusal.ts";
import { parseResolvedPort } from "./resolved-ports.ts";

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
  return refuse(
    "xt/bad-port",
    `"${text}" is neither a port (0 to 65535) nor a known service${what}`,
    "write the port as a number",
  );
}

/**
 * `port`, `low:high`, `low:` (up to 65535) or `:high` (from 0), names being services of `transport`. A reversed range
 * is refused. Source: extensions/libxt_tcp.c, parse_tcp_ports().
 */
export function portRange(transport: string | undefined): ValueParser<PortRange> {
  const parse = (part: string): number | Refusal => parsePort(part, transport);
  return (text) => {
    const range = parsePortRange(text, parse);
    if (range instanceof Refusal || range.low <= range.high) return range;
    const { low, high } = range;
    return refuse(
      "xt/reversed-range",
      `the port range "${text}" ends before it starts`,
      `write ${high}:${low}`,
    );
  };
}

function parsePortRange(text: string, parse: (part: string) => number | Refusal): PortRange | Refusal {
  if (text.includes(",")) {
    return refuse(
      "xt/bad-port",
      `"${text}" is a list, and one port or one range is taken here`,
      `write -m multiport --dports ${text}, or --sports for source ports`,
    );
  }
  const colon = text.indexOf(":");
  if (colon < 0) {
    const port = parse(text);
    return typeof port === "number" ? { low: port, high: port } : port;
  }
  const low = colon === 0 ? 0 : parse(text.slice(0, colon));
  if (typeof low !== "number") return low;
  const high = colon === text.length - 1 ? 0xffff : parse(text.slice(colon + 1));
  return typeof high === "number" ? { low, high } : high;
}

/**
 * As `portRange`, each end read by `parseResolvedPort`: what options of the type XTTYPE_PORTRC take, whatever the
 * rule's `-p`. A reversed range is legal, and no port is in it. Source: libxtables/xtoptions.c, xtopt_parse_mport().
 */
export function resolvedPortRange(text: string): PortRange | Refusal {
  return parsePortRange(text, parseResolvedPort);
}

/** `80` or `1024:65535`. */
export function printPortRange({ low, high }: PortRange): string {
  return low === high ? `${low}` : `${low}:${high}`;
}

/** What a transport's match asks of the ports; undefined asks nothing. */
export interface PortTests {
  readonly source: Occurrence<PortRange> | undefined;
  readonly destination: Occurrence<PortRange> | undefined;
}

/** The options `--sport` and `--dport` of a transport whose operands `parse` reads. */
export function portOptions(parse: ValueParser<PortRange>) {
  const extras = { invertible: true, operand: "port[:port]" };
  return {
    "--sport": optional(parse, { ...extras, aliases: ["--source-port"] }),
    "--dport": optional(parse, { ...extras, aliases: ["--destination-port"] }),
  };
}

/**
 * Port tests as iptables keeps them for `tcp` and `udp`. One that every port passes vanishes. One that no port
 * passes, `! --dport 0:65535`, would vanish too and so match everything; it is refused. With nftables' own
 * expressions (`by` is "payload") `! 0:high` becomes the range above `high`; a kernel module keeps it as it is.
 * Source: iptables/nft.c, add_nft_tcpudp() and expr_gen_range_cmp16().
 */
export function storedPorts(tests: PortTests, by: "payload" | "module"): PortTests | Refusal {
  const { source, destination } = tests;
  if (source?.value.low !== 0 && destination?.value.low !== 0) return tests;
  const storedSource = storedPort("--sport", source, by);
  if (storedSource instanceof Refusal) return storedSource;
  const storedDestination = storedPort("--dport", destination, by);
  if (storedDestination instanceof Refusal) return storedDestination;
  return { source: storedSource, destination: storedDestination };
}

function storedPort(
  option: string,
  test: Occurrence<PortRange> | undefined,
  by: "payload" | "module",
): Occurrence<PortRange> | undefined | Refusal {
  if (test === undefined || test.value.low !== 0) return test;
  const { value, invert } = test;
  if (value.high === 0xffff) {
    if (!invert) return undefined;
    return refuseOption(
      "xt/never-matches",
      option,
      `no packet passes "! ${option} 0:65535", and iptables forgets it and matches every port`,
      "remove the rule",
    );
  }
  if (!invert || value.high === 0 || by === "module") return test;
  return { value: { low: value.high + 1, high: 0xffff }, invert: false };
}

/**
 * The tests of two matches as one listing. Not joined are two tests of one port, of which a listing could show only one,
 * and two negated ones: read again, iptables-nft would take two negated single ports for one comparison of both.
 * Source: iptables/nft-shared.c, nft_udp_match().
 */
export function joinPorts(first: PortTests, second: PortTests): PortTests | undefined {
  if (first.source !== undefined && second.source !== undefined) return undefined;
  if (first.destination !== undefined && second.destination !== undefined) return undefined;
  const source = first.source ?? second.source;
  const destination = first.destination ?? second.destination;
  return source?.invert === true && destination?.invert === true ? undefined : { source, destination };
}

/** Whether a match asks anything of the ports. */
export function asksPorts({ source, destination }: PortTests): boolean {
  return source !== undefined || destination !== undefined;
}

/** `--sport 1024:65535 ! --dport 80`; empty if nothing is asked. */
export function printPortTests({ source, destination }: PortTests): string {
  if (source === undefined) return destination === undefined ? "" : printPortTest("--dport", destination);
  const text = printPortTest("--sport", source);
  return destination === undefined ? text : `${text} ${printPortTest("--dport", destination)}`;
}

function printPortTest(option: string, { value, invert }: Occurrence<PortRange>): string {
  return `${invert ? "! " : ""}${option} ${printPortRange(value)}`;
}
