/**
 * The operands of the NAT targets: which endpoints a connection may get.
 *
 *     address[-address][:ports]        one colon at most, IPv4
 *     [address[-address]]:ports        IPv6: brackets set the ports apart
 *     ports = port[-port[/base]]
 *
 * `base` shifts: original port `base + n` becomes `low + n`. A port stands only behind `-p` with a protocol that has
 * ports (or ICMP, whose id serves as one); `! -p tcp` passes too, in iptables as here. A reversed address range is
 * legal. Source: extensions/libxt_NAT.c, parse_to(), parse_ports() and sprint_range().
 */

import { type Address, PROTOCOL, printAddress, servicePort, toWords } from "../net/index.ts";
import type { Effect, Translation } from "../pktset/index.ts";
import type { ValueContext, ValueParser } from "./contract.ts";
import type { NatRequest } from "./evaluation.ts";
import { host } from "./hosts.ts";
import { numberPrefix, wholeNumber } from "./numbers.ts";
import { type Refusal, refuse } from "./refusal.ts";

/** Both ends inclusive. `base` is the original port that becomes `low`; absent: ports are not shifted. */
export interface NatPorts {
  readonly low: number;
  readonly high: number;
  readonly base: number | undefined;
}

/** What may be written behind `--to-…`; a part left out stays as it is. */
export interface NatEndpoints {
  readonly addresses: { readonly low: Address; readonly high: Address } | undefined;
  readonly ports: NatPorts | undefined;
}

/** The kernel's `struct nf_nat_range2`. */
export interface NatRange extends NatEndpoints {
  /** Change the port even where the original one is free. */
  readonly random: boolean;
  /** Since Linux 5.0 the same as `random`. */
  readonly randomFully: boolean;
  /** Of several addresses give a client the same one for every destination. */
  readonly persistent: boolean;
}

const PORTED: ReadonlySet<number> = new Set([
  PROTOCOL.tcp,
  PROTOCOL.udp,
  PROTOCOL.sctp,
  PROTOCOL.dccp,
  PROTOCOL.icmp,
]);

function badPort(text: string): Refusal {
  return refuse(
    "xt/bad-port",
    `"${text}" is neither a port (0 to 65535) nor a known service`,
    "write port or port-port, in numbers",
  );
}

/** `port[-port[/base]]`; a service may stand for a lone port or the base. */
function parseShiftablePorts(text: string, { protocol }: ValueContext): NatPorts | Refusal {
  if (protocol === undefined || !PORTED.has(protocol.number)) {
    return refuse(
      "xt/wrong-protocol",
      `the port "${text}" needs a protocol with ports before it`,
      "write -p tcp, udp, sctp, dccp or icmp before the target",
    );
  }
  const only = wholeNumber(text, 0, 0xffff) ?? servicePort(text, undefined);
  if (only !== undefined) return { low: only, high: only, base: undefined };
  const low = numberPrefix(text);
  if (low === undefined || low.value > 0xffffn) return badPort(text);
  if (text[low.end] !== "-") {
    return refuse("xt/bad-range", `"${text}" is not a range of ports`, "write port-port, with a dash");
  }
  const high = numberPrefix(text, low.end + 1);
  if (high === undefined || high.value > 0xffffn) return badPort(text.slice(low.end + 1));
  if (high.value < low.value) {
    return refuse(
      "xt/reversed-range",
      `the port range "${text}" ends before it starts`,
      `write ${high.value}-${low.value}`,
    );
  }
  const ports = { low: Number(low.value), high: Number(high.value) };
  if (high.end === text.length) return { ...ports, base: undefined };
  if (text[high.end] !== "/") {
    return refuse(
      "xt/bad-range",
      `"${text.slice(high.end)}" cannot follow the ports in "${text}"`,
      "write port-port or port-port/base",
    );
  }
  const baseText = text.slice(high.end + 1);
  const base = wholeNumber(baseText, 1, 0xffff) ?? servicePort(baseText, undefined);
  if (base === undefined) return badPort(baseText);
  if (ports.low === ports.high) {
    return refuse(
      "xt/bad-range",
      `"${text}" shifts a single port, and iptables cannot read its own listing of that`,
      `write ${ports.low}`,
    );
  }
  return { ...ports, base };
}

/** `port[-port]`: MASQUERADE's and REDIRECT's `--to-ports`. */
export const natPorts: ValueParser<NatPorts> = (text, context) =>
  refuseShift(parseShiftablePorts(text, context), text);

/** iptables takes a base everywhere, but only DNAT keeps it. */
function refuseShift(ports: NatPorts | Refusal, text: string): NatPorts | Refusal {
  if (!("low" in ports) || ports.base === undefined) return ports;
  return refuse(
    "xt/bad-range",
    `"${text}" shifts ports, which only DNAT can`,
    `write ${ports.low}-${ports.high}`,
  );
}

/** The part that holds addresses and the part that holds ports; absent where the text has none. */
function splitEndpoints(
  text: string,
  { family }: ValueContext,
): { readonly hosts?: string; readonly ports?: string } | Refusal {
  if (text.startsWith("[") && family === "ipv6") {
    const close = text.indexOf("]");
    const ports = text.slice(close + 2);
    if (close < 0 || (close + 1 < text.length && text[close + 1] !== ":") || (close === 1 && ports === "")) {
      return refuse(
        "xt/bad-range",
        `"${text}" is not an address in brackets with ports behind it`,
        "write [address]:port or [address-address]:port-port",
      );
    }
    return {
      ...(close === 1 ? {} : { hosts: text.slice(1, close) }),
      ...(close + 1 === text.length ? {} : { ports }),
    };
  }
  const colon = text.indexOf(":");
  if (colon < 0 || text.includes(":", colon + 1)) return { hosts: text };
  return { ...(colon === 0 ? {} : { hosts: text.slice(0, colon) }), ports: text.slice(colon + 1) };
}

function parseHosts(text: string, context: ValueContext): NatEndpoints["addresses"] | Refusal {
  const dash = text.indexOf("-");
  const low = host(dash < 0 ? text : text.slice(0, dash), context);
  if (typeof low === "object") return low;
  const high = dash < 0 ? low : host(text.slice(dash + 1), context);
  return typeof high === "object" ? high : { low, high };
}

/** DNAT's `--to-destination`. */
export const shiftableEndpoints: ValueParser<NatEndpoints> = (text, context) => {
  const parts = splitEndpoints(text, context);
  if ("code" in parts) return parts;
  const ports = parts.ports === undefined ? undefined : parseShiftablePorts(parts.ports, context);
  if (ports !== undefined && "code" in ports) return ports;
  const addresses = parts.hosts === undefined ? undefined : parseHosts(parts.hosts, context);
  if (addresses !== undefined && "code" in addresses) return addresses;
  return { addresses, ports };
};

/** SNAT's `--to-source`. */
export const natEndpoints: ValueParser<NatEndpoints> = (text, context) => {
  const endpoints = shiftableEndpoints(text, context);
  if ("code" in endpoints || endpoints.ports === undefined) return endpoints;
  const ports = refuseShift(endpoints.ports, text);
  return "code" in ports ? ports : endpoints;
};

function printPorts({ low, high, base }: NatPorts): string {
  return low === high ? `${low}` : base === undefined ? `${low}-${high}` : `${low}-${high}/${base}`;
}

function printEndpoints({ addresses, ports }: NatEndpoints): string {
  if (addresses === undefined) return ports === undefined ? "" : `:${printPorts(ports)}`;
  const { low, high } = addresses;
  const hosts = low === high ? printAddress(low) : `${printAddress(low)}-${printAddress(high)}`;
  if (ports === undefined) return hosts;
  return typeof low === "bigint" ? `[${hosts}]:${printPorts(ports)}` : `${hosts}:${printPorts(ports)}`;
}

/** `--to-source` or `--to-destination` with its operand, then the flags. */
export function printNatRange(option: string, range: NatRange): string {
  return `${option} ${printEndpoints(range)}${printFlags(range)}`;
}

/** `--to-ports` if there are ports, then the flags. */
export function printPortsOnly(range: NatRange): string {
  const text = `${range.ports === undefined ? "" : ` --to-ports ${printPorts(range.ports)}`}${printFlags(range)}`;
  return text.slice(1);
}

function printFlags({ random, randomFully, persistent }: NatRange): string {
  return `${random ? " --random" : ""}${randomFully ? " --random-fully" : ""}${persistent ? " --persistent" : ""}`;
}

/** The range as the machine's NAT takes it. */
export function natRequest(manip: "src" | "dst", range: NatRange): NatRequest {
  const { addresses, ports, random, randomFully, persistent } = range;
  return {
    manip,
    addresses:
      addresses === undefined ? undefined : { min: toWords(addresses.low), max: toWords(addresses.high) },
    ports: ports === undefined ? undefined : { min: ports.low, max: ports.high, base: ports.base },
    random,
    randomFully,
    persistent,
  };
}

/** What a translation does to all new connections; `fixed` takes the place of the range's addresses. */
export function natEffect(
  manip: "src" | "dst",
  { addresses, ports }: NatRange,
  fixed?: Translation["addresses"],
): Effect {
  const range = addresses === undefined ? undefined : ({ kind: "range", ...addresses } as const);
  return {
    kind: "translate",
    translation: {
      manip,
      addresses: fixed ?? range,
      ports: ports === undefined ? undefined : { low: ports.low, high: ports.high },
    },
  };
}
