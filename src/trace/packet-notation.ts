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
 * Words that contradict each other are refused: none of them is better than the other. A line of the kernel's log is read
 * too.
 */
import { closest } from "../base/index.ts";
import { buildPacket, type PacketFields } from "../cases/index.ts";
import {
  type Family,
  fromHex,
  parseIpv4,
  parseIpv6,
  protocolByName,
  servicePort,
  toHex,
} from "../net/index.ts";
import { writeSctpChecksum } from "../sim/index.ts";
import { fromKernelLog } from "./kernel-log.ts";
import { likelyMeant } from "./likely-meant.ts";
import {
  contradiction,
  type Draft,
  type Endpoint,
  HIGHEST,
  type NotationError,
  type NumberKey,
  type Said,
  say,
  type Word,
} from "./packet-draft.ts";

export interface PacketRequest {
  /** The device that it comes in by; undefined: not said. */
  readonly device: string | undefined;
  /** Sent by this host. */
  readonly local: boolean;
  /** The socket's owner; undefined: not said. */
  readonly uid: number | undefined;
  /** The link address that it comes from. */
  readonly sourceMac: string | undefined;
  /** Makes the packet; where no source or no destination was said it gets those given. */
  readonly build: (ownSource: string, somewhere: string) => Uint8Array | string;
  readonly source: string | undefined;
  /** undefined: not said, so somewhere on the internet. */
  readonly destination: string | undefined;
  readonly family: Family;
  /** What was filled in, a phrase each. */
  readonly assumed: readonly string[];
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
const HIGH_PORT = 40_000;
const USUAL_PORT = { tcp: 443, udp: 53, sctp: 3868 } as const;

/** @returns the packet, or what cannot be read. */
export function parsePacketNotation(line: string): PacketRequest | NotationError {
  const log = fromKernelLog(line);
  if (log !== undefined) {
    const request = parsePacketNotation(log);
    if ("message" in request) return { ...request, at: 0, length: line.length };
    return { ...request, assumed: [`read from a line of the kernel's log: ${log}`, ...request.assumed] };
  }
  // `in=eth0` is `in eth0`, at the same places.
  const spaced = line.replaceAll(/payload="[^"]*"|(?<=^|\s)in=(?=\S)/g, (part) =>
    part === "in=" ? "in " : part,
  );
  const words = [...spaced.matchAll(/payload="[^"]*"|\S+/g)].map((found) => ({
    text: found[0],
    at: found.index,
  }));
  const draft: Draft = { flags: "", numbers: {}, endpoints: [], local: false, said: new Map() };
  for (let at = 0; at < words.length; at++) {
    const word = words[at] as Word;
    const next = words[at + 1];
    const outcome =
      word.text.toLowerCase() === "hex" ? readHex(words, at, draft) : readWord(word, next, draft);
    if (typeof outcome === "string") return refuse(word, outcome);
    if (typeof outcome === "object") return outcome;
    at += outcome - 1;
  }
  if (words.length === 0) return { message: "there is no packet", at: 0, length: 1, hint: SHAPE };
  const conflict = contradiction(draft);
  if (conflict !== undefined) return conflict;
  if (draft.hex !== undefined) return hexRequest(draft, draft.hex);
  return finish(draft, line);
}

/** A message quotes so much of a word. */
const QUOTED = 40;

const refuse = ({ text, at }: Word, hint: string): NotationError => ({
  message: `"${text.length > QUOTED ? `${text.slice(0, QUOTED)}...` : text}" is not understood`,
  at,
  length: text.length,
  hint,
});

/** Digits behind `hex`, in one word or in pairs as tools print them. */
function readHex(words: readonly Word[], at: number, draft: Draft): number | string | NotationError {
  let digits = "";
  let count = 1;
  for (let next = words[at + count]; next !== undefined; next = words[at + ++count]) {
    const text = next.text.replace(/^0x/i, "").replaceAll(":", "");
    // The words that may stand beside it are no digits.
    if (!/^[0-9a-f]+$/i.test(text)) {
      if (count === 1) return refuse(next, 'pairs of hexadecimal digits are wanted behind "hex"');
      break;
    }
    if (text.length % 2 === 1) return refuse(next, `its ${text.length} digits do not make whole bytes`);
    digits += text;
  }
  const bytes = fromHex(digits);
  if (bytes === undefined || bytes.length === 0) return 'pairs of hexadecimal digits are wanted behind "hex"';
  draft.hex = bytes;
  return say(draft, "hex", words[at] as Word) ?? count;
}

/** Reads one word, or two of them. @returns how many, or what to type instead. */
function readWord(word: Word, next: Word | undefined, draft: Draft): 1 | 2 | string {
  const { text } = word;
  const lower = text.toLowerCase();
  switch (lower) {
    case "in":
    case "iif":
    case "on":
      if (next === undefined) return 'the device is missing: "in eth0"';
      draft.device = next.text;
      return say(draft, "device", word) ?? 2;
    case "out":
    case "local":
      draft.local = true;
      return say(draft, "out", word) ?? 1;
    case "from":
    case "to":
    case ">":
    case "->":
    case "→":
      if (lower === "from") return 1;
      draft.endpoints.push(">");
      if (lower === "to" && (next === undefined || readEndpoint(next.text, draft) === undefined))
        return 'the destination is missing: "to 192.0.2.10"';
      return 1;
    case "df":
      draft.df = true;
      return say(draft, "df", word) ?? 1;
  }
  if (/^(0x)?[46][0-9a-f]{39,}$/i.test(text)) {
    const bytes = fromHex(text.replace(/^0x/i, ""));
    if (bytes === undefined) return "the hexadecimal digits do not make whole bytes";
    draft.hex = bytes;
    return say(draft, "hex", word) ?? 1;
  }
  const flags = lower.split(/[,+/]/).map((each) => FLAG_WORDS[each]);
  if (flags.every((flag) => flag !== undefined)) {
    draft.flags += flags.join("");
    return say(draft, "flags", word) ?? 1;
  }
  if (ICMP_WORDS[lower] !== undefined) {
    draft.icmp = ICMP_WORDS[lower];
    return say(draft, "icmp", word) ?? 1;
  }
  const assignment = /^([a-z]+)=(.*)$/s.exec(text);
  if (assignment !== null) {
    const wrong = readAssignment(assignment[1] as string, assignment[2] as string, draft);
    return wrong ?? say(draft, assignment[1] as Said, word) ?? 1;
  }
  const protocol = /^([a-z][a-z0-9-]*|\d{1,3})(?:[:/]([a-z0-9-]+))?$/i.exec(text);
  if (protocol !== null) {
    const named = protocolNamed((protocol[1] as string).toLowerCase());
    if (named !== undefined) {
      draft.protocol = named;
      const twice = say(draft, "protocol", word);
      if (twice !== undefined || protocol[2] === undefined) return twice ?? 1;
      const port = portOf(protocol[2], named);
      if (port === undefined)
        return `"${protocol[2]}" is no port of ${named} that is known; write its number`;
      if (port > MAX_PORT) return "a port is at most 65535";
      draft.port = port;
      return say(draft, "port", word) ?? 1;
    }
  }
  const endpoint = readEndpoint(text, draft);
  if (endpoint !== undefined) {
    if ((endpoint.port ?? 0) > MAX_PORT) return "a port is at most 65535";
    draft.endpoints.push(endpoint);
    if (endpoint.port !== undefined) draft.said.set("endpoint", word);
    return 1;
  }
  const meant = likelyMeant(text, next?.text) ?? closest(lower, WORDS);
  if (meant === undefined) return SHAPE;
  return meant.includes(" ") ? meant : `did you mean "${meant}"? ${SHAPE}`;
}

const MAX_PORT = 65_535;

function protocolNamed(name: string): string | number | undefined {
  if (["tcp", "udp", "icmp", "icmpv6", "sctp", "gre", "esp", "udplite"].includes(name)) return name;
  if (name === "ipv6-icmp" || name === "icmp6") return "icmpv6";
  if (/^\d+$/.test(name)) return Number(name) <= 255 ? Number(name) : undefined;
  return protocolByName(name);
}

function readAssignment(key: string, value: string, draft: Draft): string | undefined {
  if (key === "mac") {
    if (!/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(value)) return "a MAC address such as 02:00:00:00:00:01";
    draft.mac = value;
    return undefined;
  }
  if (key === "payload") {
    if (value.startsWith('"') && !/^".*"$/s.test(value))
      return 'the closing quote is missing: payload="text"';
    draft.payload = value.replace(/^"|"$/g, "");
    return undefined;
  }
  if (key === "flags") {
    if (!/^[FSRPAUEC]*$/i.test(value)) return "flags are letters of FSRPAUEC, or words such as syn,ack";
    draft.flags = value.toUpperCase();
    return undefined;
  }
  if (!Object.hasOwn(HIGHEST, key)) return `known are ${KEYS.map((each) => `${each}=`).join(", ")}`;
  const name = key as NumberKey;
  const number = Number(value);
  if (value === "" || !Number.isInteger(number) || number < 0 || number > HIGHEST[name])
    return `${key}= takes a number from 0 to ${HIGHEST[name]}`;
  draft.numbers[name] = number;
  return undefined;
}

/** `a.b.c.d`, `a.b.c.d:port`, `v6`, `[v6]:port`, `:port`. */
function readEndpoint(text: string, { protocol }: Draft): Endpoint | undefined {
  const end = (address: string, service: string | undefined): Endpoint | undefined => {
    if (service === undefined) return { address, port: undefined };
    const port = portOf(service, protocol);
    return port === undefined ? undefined : { address, port };
  };
  const bracketed = /^\[([^\]]+)\](?::([a-z0-9-]+))?$/i.exec(text);
  if (bracketed !== null && parseIpv6(bracketed[1] as string) !== undefined)
    return end(bracketed[1] as string, bracketed[2]);
  const plain = /^([\d.]*)(?::([a-z0-9-]+))?$/i.exec(text);
  if (plain !== null && (plain[1] !== "" || plain[2] !== undefined)) {
    const address = plain[1] as string;
    if (address !== "" && (parseIpv4(address) === undefined || !/^\d+\.\d+\.\d+\.\d+$/.test(address)))
      return undefined;
    return end(address, plain[2]);
  }
  return parseIpv6(text) === undefined ? undefined : { address: text, port: undefined };
}

/** A port's number, or that of a service. */
function portOf(text: string, protocol: string | number | undefined): number | undefined {
  if (/^\d{1,5}$/.test(text)) return Number(text);
  if (/^\d/.test(text)) return undefined;
  return servicePort(text, typeof protocol === "string" ? protocol : undefined);
}

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
    uid: draft.numbers.uid,
    sourceMac: draft.mac,
    build: () => bytes,
    source: "",
    destination: "",
    family: (bytes[0] as number) >>> 4 === 6 ? "ipv6" : "ipv4",
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
  if (!ipv6 && draft.protocol === "icmpv6") return whole("ICMPv6 is not sent over IPv4", 'write "icmp"');
  if (arrow >= 0 && arrow === draft.endpoints.length - 1)
    return whole("where the packet goes to is missing", 'add it: "203.0.113.7 > 192.0.2.10"');
  if ((from?.address ?? "") === "" && !draft.local)
    return whole("where the packet comes from is missing", 'add it: "203.0.113.7 > 192.0.2.10"');
  const destination = to?.address || undefined;
  const families = [from, to].flatMap((end) => (end?.address ? [end.address.includes(":")] : []));
  if (families[0] !== families.at(-1)) return whole("the two addresses are of different families");
  const fields = fieldsOf(draft, from, to, ipv6, assumed);
  if (typeof fields === "string") return whole(fields);
  const source = from?.address === "" ? undefined : from?.address;
  return {
    device: draft.device,
    local: draft.local,
    uid: draft.numbers.uid,
    sourceMac: draft.mac,
    source,
    destination,
    family: ipv6 ? "ipv6" : "ipv4",
    assumed,
    build: (ownSource, somewhere) => {
      const ends = { src: source ?? ownSource, dst: destination ?? somewhere };
      const packet = buildPacket({ ...fields, ...ends } as PacketFields);
      if (draft.protocol === "sctp" && typeof packet !== "string") writeSctpChecksum(packet, ipv6 ? 40 : 20);
      return packet;
    },
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
  if (draft.icmp !== undefined) protocol ??= "icmp";
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
  if (protocol === "udplite")
    return 'ports of udplite cannot be written in one line; give the packet as "hex ..."';
  if (protocol !== "tcp" && protocol !== "udp" && protocol !== "sctp") return fields;
  if (to?.port !== undefined && draft.port !== undefined && to.port !== draft.port)
    return `two destination ports are given, ${to.port} and ${draft.port}`;
  const sport = from?.port ?? HIGH_PORT;
  const dport = to?.port ?? draft.port ?? USUAL_PORT[protocol];
  if (from?.port === undefined) assumed.push(`source port ${sport}`);
  if (to?.port === undefined && draft.port === undefined) assumed.push(`port ${dport}`);
  if (protocol === "sctp") {
    if (draft.payload !== undefined || numbers.len !== undefined)
      return 'an SCTP packet is an INIT here; give another as "hex ..."';
    assumed.push("an INIT");
    return { ...fields, payload_hex: sctpInit(sport, dport) };
  }
  fields.sport = sport;
  fields.dport = dport;
  if (protocol === "tcp") {
    fields.flags = draft.flags === "" ? "S" : draft.flags;
    if (draft.flags === "") assumed.push("SYN");
  }
  return fields;
}

/** Common header and an INIT chunk; the checksum is written once the packet is whole. RFC 9260 sections 3.1, 3.3.2. */
function sctpInit(sport: number, dport: number): string {
  const bytes = new Uint8Array(32);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, sport);
  view.setUint16(2, dport);
  const [chunk, tag, window, streams, tsn] = [12, 16, 20, 24, 28];
  view.setUint32(chunk, 0x0100_0014);
  view.setUint32(tag, 1);
  view.setUint32(window, 0x1_0000);
  view.setUint32(streams, 0x0001_0001);
  view.setUint32(tsn, 1);
  return toHex(bytes);
}
