/** A set of packets in words: `from 10.0.0.0/8 to 192.0.2.10 tcp:443 in eth0`. */
import {
  type Family,
  parseAddress,
  prefixMask,
  protocolByName,
  servicePort,
  withMask,
} from "../net/index.ts";
import { both, type Condition, everything, is, masked, onInterface, within } from "../pktset/index.ts";

export interface AskedPackets {
  readonly condition: Condition;
  /** The interface that they come in by, if it was said. */
  readonly inInterface: string | undefined;
}

export interface WordsError {
  readonly message: string;
  readonly hint: string;
}

const HINT = 'write words such as "from 10.0.0.0/8 to 192.0.2.10 tcp:443 in eth0"; each may be left out';

export function readPacketWords(text: string, family: Family): AskedPackets | WordsError {
  const words = text
    .trim()
    .split(/\s+/)
    .filter((word) => word !== "");
  const parts: Condition[] = [];
  const said = new Set<string>();
  let inInterface: string | undefined;
  for (let at = 0; at < words.length; at++) {
    const word = words[at] as string;
    const once = (what: string): WordsError | undefined => {
      if (said.has(what)) return { message: `"${word}" says ${what} a second time`, hint: HINT };
      said.add(what);
      return undefined;
    };
    if (word === "from" || word === "to" || word === "in") {
      const operand = words[++at];
      const twice = once(
        word === "from" ? "the source" : word === "to" ? "the destination" : "the interface",
      );
      if (twice !== undefined) return twice;
      if (operand === undefined) return { message: `nothing stands behind "${word}"`, hint: HINT };
      if (word === "in") {
        inInterface = operand;
        parts.push(onInterface("in", operand));
        continue;
      }
      const addresses = prefixCondition(word === "from" ? "src" : "dst", operand, family);
      if (addresses === undefined)
        return {
          message: `"${operand}" is not an ${family === "ipv4" ? "IPv4" : "IPv6"} address or prefix`,
          hint: HINT,
        };
      parts.push(addresses);
      continue;
    }
    const twice = once("the protocol");
    if (twice !== undefined) return twice;
    const service = serviceCondition(word);
    if (service === undefined) return { message: `"${word}" is not understood`, hint: HINT };
    parts.push(service);
  }
  return { condition: parts.length === 0 ? everything : both(...parts), inInterface };
}

/** An address or `address/length`. */
function prefixCondition(field: "src" | "dst", text: string, family: Family): Condition | undefined {
  const [address, bits, ...more] = text.split("/");
  const parsed = parseAddress(address as string, family);
  const width = family === "ipv4" ? 32 : 128;
  const length = bits === undefined ? width : /^\d{1,3}$/.test(bits) ? Number(bits) : Number.NaN;
  if (parsed === undefined || more.length > 0 || !(length >= 0 && length <= width)) return undefined;
  const mask = prefixMask(family, length);
  return masked(field, withMask(parsed, mask), mask);
}

/** `tcp`, `tcp:443`, `tcp/ssh`, `udp:1000-2000`, `icmp`, `47`. */
function serviceCondition(text: string): Condition | undefined {
  const [, name, ports] = /^([a-zA-Z0-9-]+?)(?:[:/]([\w-]+))?$/.exec(text) ?? [];
  if (name === undefined) return undefined;
  const number = /^\d+$/.test(name) ? Number(name) : protocolByName(name === "icmpv6" ? "ipv6-icmp" : name);
  if (number === undefined || number > 255) return undefined;
  const protocol = is("protocol", number);
  if (ports === undefined) return protocol;
  const port = (part: string): number | undefined =>
    /^\d+$/.test(part) ? (Number(part) <= 65_535 ? Number(part) : undefined) : servicePort(part, name);
  const whole = port(ports);
  if (whole !== undefined) return both(protocol, is("dport", whole));
  const dash = ports.indexOf("-");
  const [low, high] = [port(ports.slice(0, dash)), port(ports.slice(dash + 1))];
  if (dash < 0 || low === undefined || high === undefined || low > high) return undefined;
  return both(protocol, within("dport", low, high));
}
