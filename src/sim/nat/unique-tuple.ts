/**
 * Choosing new endpoints for a connection so that its replies can be told from those of every other one.
 * Kernel: net/netfilter/nf_nat_core.c, get_unique_tuple() and what it calls, Linux 6.18.
 */
import { type AddressWords, byteSwapped, jhash2, PROTOCOL, scaleHash } from "../../net/index.ts";
import { CT_STATUS, type NatRequest } from "../../xt/index.ts";
import type { Connection } from "../conntrack/connection.ts";
import type { ConnectionTable } from "../conntrack/table.ts";
import { TCP_STATE } from "../conntrack/tcp.ts";
import { hasPorts, type Tuple } from "../conntrack/tuple.ts";
import { zoneId, zoneIn } from "../conntrack/zone.ts";

const MAX_ATTEMPTS = 128;
/** When this few attempts are left, TCP entries in TIME_WAIT may be pushed out. */
const EVICTION_ATTEMPTS = 4;

/** What the choice depends on beside the tuple. */
export interface NatContext {
  readonly table: ConnectionTable;
  random(below: number, what: string, base?: number): number;
}

/** The endpoints that a packet of `connection` will carry, seen in the original direction. */
export function uniqueTuple(
  original: Tuple,
  request: NatRequest,
  connection: Connection,
  context: NatContext,
): Tuple {
  const { table } = context;
  const randomised = request.random || request.randomFully;
  if (request.manip === "src" && !randomised) {
    if (sourceInRange(original, request)) {
      if (!isTaken(original, connection, table)) return original;
    } else {
      const mapped = earlierMapping(original, request, connection, table);
      if (mapped !== undefined && !isTaken(mapped, connection, table)) return mapped;
    }
  }
  const tuple = original.copy();
  chooseAddress(tuple, request, connection.zone);
  if (!randomised) {
    const { ports } = request;
    if (ports !== undefined) {
      const fits = ports.base === undefined && portInRange(tuple, request.manip, ports.min, ports.max);
      if (fits && (ports.min === ports.max || !isTaken(tuple, connection, table))) return tuple;
    } else if (!isTaken(tuple, connection, table)) return tuple;
  }
  choosePort(tuple, request, connection, context);
  return tuple;
}

/** Whether another connection has the replies that `tuple` would have. */
function isTaken(tuple: Tuple, own: Connection, table: ConnectionTable): boolean {
  const reply = tuple.inverse();
  if (reply === undefined) return false;
  const node = table.findUnder(reply, own.zone, zoneIn(own.zone, true));
  return node !== undefined && node.connection !== own;
}

const inRange = (a: AddressWords, { min, max }: { min: AddressWords; max: AddressWords }): boolean =>
  compare(a, min) >= 0 && compare(a, max) <= 0;

function compare(a: AddressWords, b: AddressWords): number {
  for (const part of ["w0", "w1", "w2", "w3"] as const) {
    const difference = (a[part] >>> 0) - (b[part] >>> 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function portInRange(tuple: Tuple, manip: "src" | "dst", min: number, max: number): boolean {
  if (!hasPorts(tuple.protocol) && tuple.protocol !== PROTOCOL.icmp && tuple.protocol !== PROTOCOL.icmpv6)
    return true;
  const port = manip === "src" || !hasPorts(tuple.protocol) ? tuple.sport : tuple.dport;
  return port >= min && port <= max;
}

function sourceInRange(tuple: Tuple, { addresses, ports }: NatRequest): boolean {
  if (addresses !== undefined && !inRange(tuple.source, addresses)) return false;
  return ports === undefined || portInRange(tuple, "src", ports.min, ports.max);
}

/** The source that another connection of the same endpoint got, if it fits the range. */
function earlierMapping(
  original: Tuple,
  request: NatRequest,
  connection: Connection,
  table: ConnectionTable,
): Tuple | undefined {
  for (const other of table.fromSource(original)) {
    if (zoneIn(other.zone, false) !== zoneIn(connection.zone, false) || !other.original.sameSource(original))
      continue;
    const mapped = other.reply.inverse();
    if (mapped === undefined) continue;
    mapped.setDestination(original.destination);
    mapped.dport = original.dport;
    if (sourceInRange(mapped, request)) return mapped;
  }
  return undefined;
}

/** Picks one address of the range by a hash of the packet's source and destination. */
function chooseAddress(tuple: Tuple, { manip, addresses, persistent }: NatRequest, zone: number): void {
  if (addresses === undefined) return;
  const { min, max } = addresses;
  const set = (words: AddressWords): void => {
    if (manip === "src") tuple.setSource(words);
    else tuple.setDestination(words);
  };
  if (compare(min, max) === 0) {
    set(min);
    return;
  }
  const parts = tuple.family === "ipv4" ? (["w3"] as const) : (["w0", "w1", "w2", "w3"] as const);
  const raw = (words: AddressWords): number[] => {
    const swapped = parts.map((part) => byteSwapped(words[part]));
    while (swapped.length < 4) swapped.push(0);
    return swapped;
  };
  // The hash reads the addresses before the range is written over one of them.
  const destination = raw(tuple.destination);
  const last = destination[parts.length - 1] as number;
  let hash = jhash2(raw(tuple.source), persistent ? 0 : last ^ zoneId(zone));
  const chosen = { w0: 0, w1: 0, w2: 0, w3: 0 };
  let fullRange = false;
  parts.forEach((part, index) => {
    const low = fullRange ? 0 : min[part] >>> 0;
    const size = fullRange ? 0xffffffff : ((max[part] >>> 0) - low + 1) >>> 0;
    chosen[part] = (low + scaleHash(hash, size)) | 0;
    if (chosen[part] !== max[part]) fullRange = true;
    if (!persistent) {
      // For destination NAT the kernel mixes in the part that it has just written.
      const mixed = manip === "dst" ? byteSwapped(chosen[part]) : (destination[index] as number);
      hash = (hash ^ mixed) >>> 0;
    }
  });
  set(chosen);
}

/** Looks for a free port, or ICMP id, from a starting point that is random for source NAT. */
function choosePort(tuple: Tuple, request: NatRequest, connection: Connection, context: NatContext): void {
  const { manip, ports } = request;
  const icmp = tuple.protocol === PROTOCOL.icmp || tuple.protocol === PROTOCOL.icmpv6;
  if (!icmp && !hasPorts(tuple.protocol)) return;
  const key = manip === "src" || icmp ? "sport" : "dport";
  let min: number;
  let size: number;
  if (ports !== undefined) {
    min = Math.min(ports.min, ports.max);
    size = Math.abs(ports.max - ports.min) + 1;
  } else if (icmp) {
    min = 0;
    size = 65_536;
  } else {
    if (manip === "dst") return;
    [min, size] = portClass(tuple[key]);
  }
  const randomised = request.random || request.randomFully;
  let offset: number;
  if (ports?.base !== undefined) offset = (tuple[key] - ports.base) & 0xffff;
  else if (randomised || manip === "src") offset = context.random(size, "port", min);
  else offset = 0;
  let attempts = Math.min(size, MAX_ATTEMPTS);
  for (;;) {
    for (let attempt = 0; attempt < attempts; attempt++, offset = (offset + 1) & 0xffff) {
      tuple[key] = (min + (offset % size)) & 0xffff;
      if (!isTakenForGood(tuple, connection, context.table, attempts - attempt)) return;
    }
    if (attempts >= size || attempts < 16) return;
    attempts = Math.floor(attempts / 2);
    offset = context.random(size, "port", min);
  }
}

/** First port and size of the class of ports that a source port stays in. */
function portClass(port: number): [number, number] {
  if (port < 512) return [1, 511];
  if (port < 1024) return [600, 424];
  return [1024, 64_512];
}

/** As `isTaken`; near the end of the attempts an old TCP entry in TIME_WAIT gives way. */
function isTakenForGood(
  tuple: Tuple,
  own: Connection,
  table: ConnectionTable,
  attemptsLeft: number,
): boolean {
  if (
    attemptsLeft > EVICTION_ATTEMPTS ||
    tuple.protocol !== PROTOCOL.tcp ||
    own.tcp?.state !== TCP_STATE.SYN_SENT
  )
    return isTaken(tuple, own, table);
  const reply = tuple.inverse();
  const node = reply === undefined ? undefined : table.findUnder(reply, own.zone, zoneIn(own.zone, true));
  if (node === undefined) return false;
  const other = node.connection as Connection;
  const mayGo =
    node.isReply &&
    (other.tcp?.state ?? 0) >= TCP_STATE.TIME_WAIT &&
    (other.status & CT_STATUS.FIXED_TIMEOUT) === 0 &&
    (other.status & CT_STATUS.SRC_NAT) !== 0 &&
    ((own.tcp.original.end - (other.tcp?.original.end ?? 0)) | 0) > 0;
  if (!mayGo) return true;
  table.remove(other);
  return false;
}
