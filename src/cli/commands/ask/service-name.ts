/** A service as a person names it: `tcp/22`, `udp/domain`, `icmp/8`, `esp`. */
import { protocolByName, servicePort } from "../../../net/index.ts";
import type { Service } from "../../../query/index.ts";
import { Failure } from "../../failure.ts";

/** Protocols with ports: tcp, udp, dccp, sctp, udplite. */
const WITH_PORTS: ReadonlySet<number> = new Set([6, 17, 33, 132, 136]);
const ICMP: ReadonlySet<number> = new Set([1, 58]);

export function parseService(text: string): Service {
  const [name = "", detail, ...more] = text.toLowerCase().split("/");
  const wrong = (said: string): Failure =>
    new Failure(2, `"${text}" is no service: ${said}; say tcp/22, udp/domain, icmp/8 or esp`);
  const protocol = protocolByName(name) ?? numberUpTo(name, 255);
  if (protocol === undefined || protocol === 0) throw wrong(`there is no protocol "${name}"`);
  if (more.length > 0) throw wrong("it has more than two parts");
  if (WITH_PORTS.has(protocol)) {
    if (detail === undefined) throw wrong("it has no port");
    const port = numberUpTo(detail, 65535) ?? servicePort(detail, name);
    if (port === undefined) throw wrong(`there is no port "${detail}"`);
    return { protocol, port, icmp: undefined };
  }
  if (detail === undefined) return { protocol, port: undefined, icmp: undefined };
  if (!ICMP.has(protocol)) throw wrong(`${name} has no ports`);
  const type = numberUpTo(detail, 255);
  if (type === undefined) throw wrong(`there is no type "${detail}"`);
  return { protocol, port: undefined, icmp: type * 256 };
}

function numberUpTo(text: string, max: number): number | undefined {
  const value = /^\d{1,5}$/.test(text) ? Number(text) : undefined;
  return value !== undefined && value <= max ? value : undefined;
}
