/**
 * FTP: a client's PORT or EPRT and a server's answer to PASV or EPSV announce the data connection.
 * Kernel: nf_conntrack_ftp.c, help(); nf_nat_ftp.c. RFC 959, RFC 1123 section 4.1.2.6, RFC 2428.
 */
import {
  type AddressWords,
  type Family,
  fromWords,
  NO_ADDRESS,
  parseIpv6,
  printAddress,
  sameWords,
  toWords,
} from "../../net/index.ts";
import { CT_INFO, isReply } from "../../xt/index.ts";
import { Tuple } from "../conntrack/tuple.ts";
import { announce, announceOnFreePort, isTranslated } from "./announce.ts";
import type { Helper } from "./index.ts";
import { replaceText, tcpText } from "./tcp-text.ts";

interface Found {
  /** Offset and length of the numbers in the text. */
  readonly from: number;
  readonly length: number;
  /** undefined: not said. */
  readonly address: AddressWords | undefined;
  readonly port: number;
}

/** Reads the numbers at the beginning of a text; `undefined` if there are none. */
type NumbersReader = (text: string, family: Family) => Omit<Found, "from"> | undefined;

interface Pattern {
  readonly word: string;
  /** What the numbers stand behind; empty: they follow at once. */
  readonly skip: string;
  /** The numbers begin at the first digit. */
  readonly toDigit?: true;
  readonly read: NumbersReader;
  readonly write: (address: AddressWords, port: number, family: Family) => string;
}

const TCP = 6;
/** `h1,h2,h3,h4,p1,p2`; what follows must be `end` unless that is empty. */
const sixNumbers =
  (end: string): NumbersReader =>
  (text) => {
    const found = /^([\d,]*)(.)/s.exec(text);
    const numbers = (found?.[1] ?? "").split(",").map(Number);
    if (found === null || numbers.length !== 6 || numbers.some((each) => each > 255)) return undefined;
    if (end !== "" && found[2] !== end) return undefined;
    const [a = 0, b = 0, c = 0, d = 0, high = 0, low = 0] = numbers;
    const address = { ...NO_ADDRESS, w3: (a << 24) | (b << 16) | (c << 8) | d };
    return { length: (found[1] as string).length, address, port: (high << 8) | low };
  };
const writeSixNumbers = ({ w3 }: AddressWords, port: number): string =>
  [w3 >>> 24, (w3 >>> 16) & 255, (w3 >>> 8) & 255, w3 & 255, port >>> 8, port & 255].join(",");

const isDelimiter = (char: string | undefined): boolean =>
  char !== undefined && /[!-~]/.test(char) && !/\d/.test(char);

/** A port up to the delimiter. @returns its end, delimiter included. */
function readPort(text: string, from: number, delimiter: string): { end: number; port: number } | undefined {
  const end = text.indexOf(delimiter, from);
  const digits = end < 0 ? "" : text.slice(from, end);
  if (!/^\d+$/.test(digits)) return undefined;
  const port = Number(digits);
  return port === 0 || port > 65_535 ? undefined : { end: end + 1, port };
}

/** `|1|132.235.1.2|6275|`, `|2|3ffe::1|6275|` with any delimiter. */
const extendedAddress: NumbersReader = (text, family) => {
  const delimiter = text[0] as string;
  if (text.length <= 3 || !isDelimiter(delimiter) || text[2] !== delimiter) return undefined;
  if (text[1] !== (family === "ipv4" ? "1" : "2")) return undefined;
  const end = text.indexOf(delimiter, 3);
  if (end <= 3) return undefined;
  const address = readAddress(text.slice(3, end), family);
  const port = readPort(text, end + 1, delimiter);
  return address === undefined || port === undefined
    ? undefined
    : { length: port.end, address, port: port.port };
};

function readAddress(text: string, family: Family): AddressWords | undefined {
  if (family === "ipv6") {
    const address = parseIpv6(text);
    return address === undefined ? undefined : toWords(address);
  }
  const numbers = text.split(".").map(Number);
  if (!/^[\d.]*$/.test(text) || numbers.length !== 4 || numbers.some((each) => each > 255)) return undefined;
  const [a = 0, b = 0, c = 0, d = 0] = numbers;
  return { ...NO_ADDRESS, w3: (a << 24) | (b << 16) | (c << 8) | d };
}

/** `|||6446|` */
const extendedPort: NumbersReader = (text) => {
  const delimiter = text[0] as string;
  if (text.length <= 3 || !isDelimiter(delimiter) || text[1] !== delimiter || text[2] !== delimiter)
    return undefined;
  const port = readPort(text, 3, delimiter);
  return port === undefined ? undefined : { length: port.end, address: undefined, port: port.port };
};

/** As the kernel writes them: IPv6 in full. */
function writeExtendedAddress(address: AddressWords, port: number, family: Family): string {
  if (family === "ipv4") return `|1|${printAddress(fromWords(family, address))}|${port}|`;
  const words = [address.w0, address.w1, address.w2, address.w3].flatMap((word) => [
    word >>> 16,
    word & 0xffff,
  ]);
  return `|2|${words.map((word) => word.toString(16).padStart(4, "0")).join(":")}|${port}|`;
}

/** By direction: what a client says, what a server says. */
const PATTERNS: readonly [readonly Pattern[], readonly Pattern[]] = [
  [
    { word: "PORT", skip: " ", read: sixNumbers("\r"), write: writeSixNumbers },
    { word: "EPRT", skip: " ", read: extendedAddress, write: writeExtendedAddress },
  ],
  [
    { word: "227 ", skip: "", toDigit: true, read: sixNumbers(""), write: writeSixNumbers },
    { word: "229 ", skip: "(", read: extendedPort, write: (_, port) => `|||${port}|` },
  ],
];

/** @returns "partial" if the segment breaks off within what could be an announcement. */
function find(
  text: string,
  { word, skip, toDigit, read }: Pattern,
  family: Family,
): Found | "partial" | undefined {
  const begin = text.slice(0, word.length).toUpperCase();
  if (text.length <= word.length) return word.startsWith(begin) ? "partial" : undefined;
  if (begin !== word) return undefined;
  let from = word.length;
  if (skip !== "") {
    from = text.indexOf(skip, word.length) + 1;
    if (from === 0 || from === text.length) return "partial";
  }
  if (toDigit === true) {
    const digit = text.slice(from).search(/\d/);
    if (digit < 0) return "partial";
    from += digit;
  }
  const found = read(text.slice(from), family);
  return found === undefined ? "partial" : { from, ...found };
}

const LINES_REMEMBERED = 2;

/** Remembers where a line of the direction ended; of two the older gives way to a newer. */
function rememberLine(ends: number[], end: number): void {
  if (ends.includes(end)) return;
  if (ends.length < LINES_REMEMBERED) {
    ends.push(end);
    return;
  }
  const oldest = (((ends[0] as number) - (ends[1] as number)) | 0) < 0 ? 0 : 1;
  if ((((ends[oldest] as number) - end) | 0) < 0) ends[oldest] = end;
}

export const ftp: Helper = (host, skb, connection) => {
  if (skb.ctInfo !== CT_INFO.ESTABLISHED && skb.ctInfo !== CT_INFO.ESTABLISHED_REPLY) return "accept";
  skb.linearize();
  const segment = tcpText(skb);
  const state = connection.helperState;
  if (segment === undefined || state === undefined) return "accept";
  const { text, seq } = segment;
  const fromReply = isReply(skb.ctInfo);
  state.lineEnds ??= [[], []];
  const ends = state.lineEnds[fromReply ? 1 : 0];
  const remember = (): void => {
    if (text.endsWith("\n")) rememberLine(ends, (seq + text.length) | 0);
  };
  // Only what follows a whole line is a command.
  if (!ends.includes(seq | 0)) {
    remember();
    return "accept";
  }
  const { family } = skb;
  let found: Found | "partial" | undefined;
  const pattern = PATTERNS[fromReply ? 1 : 0].find((each) => {
    found = find(text, each, family);
    return found !== undefined;
  });
  if (found === "partial") return "drop";
  if (found === undefined || pattern === undefined) {
    remember();
    return "accept";
  }
  const [sender, receiver] = fromReply
    ? [connection.reply, connection.original]
    : [connection.original, connection.reply];
  // An address that is not the sender's own would open the firewall to somebody else.
  if (found.address !== undefined && !sameWords(found.address, sender.source)) {
    remember();
    return "accept";
  }
  const tuple = new Tuple(family, TCP);
  tuple.setSource(receiver.source);
  tuple.setDestination(receiver.destination);
  tuple.dport = found.port;
  const announcement = { master: connection, fromReply, tuple, most: 1 };
  if (!isTranslated(connection)) {
    if (!announce(host, announcement)) return "drop";
  } else {
    const port = announceOnFreePort(host, announcement);
    if (port === undefined) return "drop";
    replaceText(skb, connection, segment, found, pattern.write(receiver.destination, port, family));
  }
  remember();
  return "accept";
};
