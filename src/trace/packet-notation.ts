/**
 * A packet in one line, as people write it down:
 *
 *     tcp 203.0.113.7:40000 > 192.0.2.10:443 syn in eth0
 *     10.11.70.5 > 8.8.8.8 udp:53
 *     icmp echo-request 10.0.0.5 > 10.0.0.1 ttl=1
 *     out udp > 9.9.9.9:53                      sent by this host
 *     in eth0 hex 4500003c…                     the IP packet itself
 *
 * Words may come in any order. What is left out is filled in and said: TCP with SYN to port 443, a high source port.
 */
import { closest } from "../base/index.ts";
import { buildPacket, type PacketFields } from "../cases/index.ts";
import { fromHex, parseIpv4, parseIpv6, protocolByName } from "../net/index.ts";

export interface PacketRequest {
  /** The device that it comes in by; undefined: not said. */
  readonly device: string | undefined;
  /** Sent by this host. */
  readonly local: boolean;
  readonly uid: number;
  /** The link address that it comes from. */
  readonly sourceMac: string | undefined;
  /** Makes the packet; a packet of this host without a source gets the one given. */
  readonly build: (ownSource: string) => Uint8Array | string;
  readonly source: string | undefined;
  readonly destination: string;
  /** What was filled in, a phrase each. */
  readonly assumed: readonly string[];
}

/** Something in the line that cannot be read: where, and what to type instead. */
export interface NotationError {
  readonly message: string;
  readonly at: number;
  readonly length: number;
  readonly hint: string;
}

const FLAG_WORDS: Readonly<Record<string, string>> = {
  syn: "S",
  ack: "A",
  fin: "F",
  rst: "R",
  psh: "P",
  urg: "U",
  ece: "E",
  cwr: "C",
};
const ICMP_WORDS: Readonly<Record<string, readonly [number, number]>> = {
  "echo-request": [8, 128],
  ping: [8, 128],
  "echo-reply": [0, 129],
  "destination-unreachable": [3, 1],
  "time-exceeded": [11, 3],
};
/** Highest value of each number. */
const HIGHEST = {
  ttl: 255,
  tos: 255,
  dscp: 63,
  len: 65_000,
  id: 65_535,
  seq: 0xffff_ffff,
  ack: 0xffff_ffff,
  win: 65_535,
  type: 255,
  code: 255,
  uid: 0xffff_fffe,
} as const;
type NumberKey = keyof typeof HIGHEST;
const KEYS = [...Object.keys(HIGHEST), "mac", "flags", "payload"];
const WORDS = [
  ...Object.keys(FLAG_WORDS),
  ...Object.keys(ICMP_WORDS),
  ...KEYS.map((key) => `${key}=`),
  "in",
  "out",
  "from",
  "to",
  "hex",
  "df",
  "tcp",
  "udp",
  "icmp",
  "icmpv6",
];
const SHAPE = 'write a packet as "tcp 203.0.113.7:40000 > 192.0.2.10:443 syn in eth0"';
/** A documentation address that stands for somewhere on the internet. RFC 5737, RFC 3849. */
const SOMEWHERE = { ipv4: "198.51.100.1", ipv6: "2001:db8:ffff::1" } as const;
const HIGH_PORT = 40_000;
const USUAL_PORT = { tcp: 443, udp: 53 } as const;

interface Endpoint {
  readonly address: string;
  readonly port: number | undefined;
}

/** @returns the packet, or what cannot be read. */
export function parsePacketNotation(line: string): PacketRequest | NotationError {
  // `in=eth0` is `in eth0`, at the same places.
  const spaced = line.replaceAll(/payload="[^"]*"|(?<=^|\s)in=(?=\S)/g, (part) =>
    part === "in=" ? "in " : part,
  );
  const words = [...spaced.matchAll(/payload="[^"]*"|\S+/g)].map((found) => ({
    text: found[0],
    at: found.index,
  }));
  const draft: Draft = { flags: "", numbers: {}, endpoints: [], local: false };
  for (let at = 0; at < words.length; at++) {
    const word = words[at] as Word;
    const next = words[at + 1];
    const outcome = readWord(word, next, draft);
    if (typeof outcome === "string") return refuse(word, outcome);
    if (outcome === 2) at++;
  }
  if (words.length === 0) return { message: "there is no packet", at: 0, length: 1, hint: SHAPE };
  if (draft.hex !== undefined) return hexRequest(draft, draft.hex);
  return finish(draft, line);
}

interface Word {
  readonly text: string;
  readonly at: number;
}

interface Draft {
  device?: string;
  local: boolean;
  protocol?: string | number;
  /** From a word such as `udp:53`. */
  port?: number;
  endpoints: (Endpoint | ">")[];
  flags: string;
  icmp?: readonly [number, number];
  numbers: Partial<Record<NumberKey, number>>;
  mac?: string;
  payload?: string;
  df?: boolean;
  hex?: Uint8Array;
}

const refuse = ({ text, at }: Word, hint: string): NotationError => ({
  message: `"${text}" is not understood`,
  at,
  length: text.length,
  hint,
});

/** Reads one word, or two of them. @returns how many, or what to type instead. */
function readWord({ text }: Word, next: Word | undefined, draft: Draft): 1 | 2 | string {
  const lower = text.toLowerCase();
  switch (lower) {
    case "in":
    case "iif":
    case "on":
      if (next === undefined) return 'the device is missing: "in eth0"';
      draft.device = next.text;
      return 2;
    case "out":
    case "local":
      draft.local = true;
      return 1;
    case "from":
    case "to":
    case ">":
    case "->":
    case "→":
      if (lower === "from") return 1;
      draft.endpoints.push(">");
      return 1;
    case "df":
      draft.df = true;
      return 1;
    case "hex": {
      const bytes = fromHex(next?.text ?? "");
      if (bytes === undefined || bytes.length === 0)
        return 'pairs of hexadecimal digits are wanted behind "hex"';
      draft.hex = bytes;
      return 2;
    }
  }
  if (/^[46][0-9a-f]{39,}$/i.test(text)) {
    const bytes = fromHex(text);
    if (bytes === undefined) return "the hexadecimal digits do not make whole bytes";
    draft.hex = bytes;
    return 1;
  }
  const flags = lower.split(/[,+/]/).map((each) => FLAG_WORDS[each]);
  if (flags.every((flag) => flag !== undefined)) {
    draft.flags += flags.join("");
    return 1;
  }
  if (ICMP_WORDS[lower] !== undefined) {
    draft.icmp = ICMP_WORDS[lower];
    draft.protocol ??= "icmp";
    return 1;
  }
  const assignment = /^([a-z]+)=(.*)$/s.exec(text);
  if (assignment !== null) return readAssignment(assignment[1] as string, assignment[2] as string, draft);
  const protocol = /^([a-z][a-z0-9-]*|\d{1,3})(?:[:/](\d{1,5}))?$/i.exec(text);
  if (protocol !== null) {
    const named = protocolNamed((protocol[1] as string).toLowerCase());
    if (named !== undefined) {
      draft.protocol = named;
      if (protocol[2] !== undefined) draft.port = Number(protocol[2]);
      return 1;
    }
  }
  const endpoint = readEndpoint(text);
  if (endpoint !== undefined) {
    draft.endpoints.push(endpoint);
    return 1;
  }
  const meant = closest(lower, WORDS);
  return meant === undefined ? SHAPE : `did you mean "${meant}"? ${SHAPE}`;
}

function protocolNamed(name: string): string | number | undefined {
  if (["tcp", "udp", "icmp", "icmpv6", "sctp", "gre", "esp", "udplite"].includes(name)) return name;
  if (name === "ipv6-icmp" || name === "icmp6") return "icmpv6";
  if (/^\d+$/.test(name)) return Number(name) <= 255 ? Number(name) : undefined;
  return protocolByName(name);
}

function readAssignment(key: string, value: string, draft: Draft): 1 | string {
  if (key === "mac") {
    if (!/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(value)) return "a MAC address such as 02:00:00:00:00:01";
    draft.mac = value;
    return 1;
  }
  if (key === "payload") {
    draft.payload = value.replace(/^"|"$/g, "");
    return 1;
  }
  if (key === "flags") {
    if (!/^[FSRPAUEC]*$/i.test(value)) return "flags are letters of FSRPAUEC, or words such as syn,ack";
    draft.flags = value.toUpperCase();
    return 1;
  }
  if (!Object.hasOwn(HIGHEST, key)) return `known are ${KEYS.map((each) => `${each}=`).join(", ")}`;
  const name = key as NumberKey;
  const number = Number(value);
  if (value === "" || !Number.isInteger(number) || number < 0 || number > HIGHEST[name])
    return `${key}= takes a number from 0 to ${HIGHEST[name]}`;
  draft.numbers[name] = number;
  return 1;
}

/** `a.b.c.d`, `a.b.c.d:port`, `v6`, `[v6]:port`, `:port`. */
function readEndpoint(text: string): Endpoint | undefined {
  const bracketed = /^\[([^\]]+)\](?::(\d{1,5}))?$/.exec(text);
  if (bracketed !== null && parseIpv6(bracketed[1] as string) !== undefined)
    return { address: bracketed[1] as string, port: portOf(bracketed[2]) };
  const plain = /^([\d.]*)(?::(\d{1,5}))?$/.exec(text);
  if (plain !== null && (plain[1] !== "" || plain[2] !== undefined)) {
    const address = plain[1] as string;
    if (address !== "" && (parseIpv4(address) === undefined || !/^\d+\.\d+\.\d+\.\d+$/.test(address)))
      return undefined;
    return { address, port: portOf(plain[2]) };
  }
  return parseIpv6(text) === undefined ? undefined : { address: text, port: undefined };
}

const portOf = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : Number(text);

function hexRequest(draft: Draft, bytes: Uint8Array): PacketRequest | NotationError {
  if (bytes.length < 20)
    return {
      message: "that is shorter than an IP header",
      at: 0,
      length: 1,
      hint: "give the whole IP packet",
    };
  return {
    device: draft.device,
    local: draft.local,
    uid: draft.numbers.uid ?? 0,
    sourceMac: draft.mac,
    build: () => bytes,
    source: undefined,
    destination: "",
    assumed: [],
  };
}

function finish(draft: Draft, line: string): PacketRequest | NotationError {
  const whole = (message: string, hint = SHAPE): NotationError => ({
    message,
    at: 0,
    length: line.length,
    hint,
  });
  const arrow = draft.endpoints.indexOf(">");
  const ends = draft.endpoints.filter((each): each is Endpoint => each !== ">");
  if (ends.length > 2) return whole("there are more than two addresses");
  let from: Endpoint | undefined;
  let to: Endpoint | undefined;
  if (ends.length === 2) [from, to] = ends;
  else if (arrow === 0) to = ends[0];
  else from = ends[0];
  // A packet of this host needs no source.
  if (draft.local && to === undefined) [from, to] = [undefined, from];
  const assumed: string[] = [];
  const any = from?.address || to?.address;
  const ipv6 = any?.includes(":") ?? draft.protocol === "icmpv6";
  const family = ipv6 ? "ipv6" : "ipv4";
  if ((from?.address ?? "") === "" && !draft.local)
    return whole("where the packet comes from is missing", 'add it: "203.0.113.7 > 192.0.2.10"');
  let destination = to?.address ?? "";
  if (destination === "") {
    destination = SOMEWHERE[family];
    assumed.push(`the destination ${destination}, somewhere on the internet`);
  }
  if ((from?.address ?? "") !== "" && from?.address.includes(":") !== destination.includes(":"))
    return whole("the two addresses are of different families");
  const fields = fieldsOf(draft, from, to, ipv6, assumed);
  if (typeof fields === "string") return whole(fields);
  const source = from?.address === "" ? undefined : from?.address;
  return {
    device: draft.device,
    local: draft.local,
    uid: draft.numbers.uid ?? 0,
    sourceMac: draft.mac,
    source,
    destination,
    assumed,
    build: (ownSource) =>
      buildPacket({ ...fields, src: source ?? ownSource, dst: destination } as PacketFields),
  };
}

function fieldsOf(
  draft: Draft,
  from: Endpoint | undefined,
  to: Endpoint | undefined,
  ipv6: boolean,
  assumed: string[],
): object | string {
  const { numbers } = draft;
  let { protocol } = draft;
  if (protocol === undefined) {
    protocol = "tcp";
    assumed.push("TCP");
  }
  if (protocol === "icmp" && ipv6) protocol = "icmpv6";
  const fields: Record<string, unknown> = { proto: protocol };
  for (const key of ["ttl", "id", "seq", "ack", "win"] as const)
    if (numbers[key] !== undefined) fields[key] = numbers[key];
  if (numbers.tos !== undefined) fields.tos = numbers.tos;
  if (numbers.dscp !== undefined) fields.tos = numbers.dscp << 2;
  if (numbers.len !== undefined) fields.pad = numbers.len;
  if (draft.payload !== undefined) fields.payload = draft.payload;
  if (draft.df === true) fields.df = true;
  if (protocol === "icmp" || protocol === "icmpv6") {
    const side = ipv6 ? 1 : 0;
    fields.type = numbers.type ?? draft.icmp?.[side] ?? (ipv6 ? 128 : 8);
    fields.code = numbers.code ?? 0;
    if (numbers.type === undefined && draft.icmp === undefined) assumed.push("an echo request");
    return fields;
  }
  if (protocol === "sctp" || protocol === "udplite")
    return `ports of ${protocol} cannot be written in one line; give the packet as "hex ..."`;
  if (protocol !== "tcp" && protocol !== "udp") return fields;
  const sport = from?.port ?? HIGH_PORT;
  const dport = to?.port ?? draft.port ?? USUAL_PORT[protocol];
  if (sport > 65_535 || dport > 65_535) return "a port is at most 65535";
  if (to?.port === undefined && draft.port === undefined) assumed.push(`port ${dport}`);
  fields.sport = sport;
  fields.dport = dport;
  if (protocol === "tcp") {
    fields.flags = draft.flags === "" ? "S" : draft.flags;
    if (draft.flags === "") assumed.push("SYN");
  }
  return fields;
}
