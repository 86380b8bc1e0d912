/**
 * IRC: a client's DCC offer announces a connection to it, from anywhere.
 * Kernel: nf_conntrack_irc.c, help(), parse_dcc(); nf_nat_irc.c.
 */
import { NO_ADDRESS } from "../../net/index.ts";
import { CT_INFO } from "../../xt/index.ts";
import { Tuple } from "../conntrack/tuple.ts";
import { announce, announceOnFreePort, isTranslated } from "./announce.ts";
import type { Helper } from "./index.ts";
import { replaceText, tcpText } from "./tcp-text.ts";

const TCP = 6;
const MAX_OFFERS = 8;
/** Of `PRIVMSG nick :`, a byte of 1, and `DCC SEND name address port`, up to the name. */
const OFFER =
  /^[ \r\n]*[Pp][Rr][Ii][Vv][Mm][Ss][Gg] (?:(?! :).)* :(?<mark>.)DCC (?:SEND|CHAT|MOVE|TSEND|SCHAT) /s;
const MARK = "\u0001";
/** A name, the address as one number, the port. */
const WHERE = /^[^ ]* (?<numbers>(?<address>\d+) +(?<port>\d+))[^\n]*\n/;

export const irc: Helper = (host, skb, connection) => {
  if (skb.ctInfo !== CT_INFO.ESTABLISHED || skb.family !== "ipv4") return "accept";
  const segment = tcpText(skb);
  const offer = segment === undefined ? null : OFFER.exec(segment.text);
  if (segment === undefined || offer?.groups?.mark !== MARK) return "accept";
  const where = WHERE.exec(segment.text.slice(offer[0].length));
  if (where?.groups === undefined) return "accept";
  const { numbers = "", address = "", port = "" } = where.groups;
  const words = Number(address) | 0;
  const { original, reply } = connection;
  // The client may name its own address or the one that it has outside; anything else is forged.
  if (words !== original.s3 && words !== original.d3) return "accept";
  const tuple = new Tuple("ipv4", TCP);
  tuple.setSource(NO_ADDRESS);
  tuple.setDestination(reply.destination);
  tuple.dport = Number(port) & 0xffff;
  const announcement = { master: connection, fromReply: false, tuple, most: MAX_OFFERS };
  if (!isTranslated(connection)) return announce(host, announcement) ? "accept" : "drop";
  const free = announceOnFreePort(host, announcement);
  if (free === undefined) return "drop";
  const from = offer[0].length + where[0].indexOf(numbers);
  replaceText(skb, connection, segment, { from, length: numbers.length }, `${reply.d3 >>> 0} ${free}`);
  return "accept";
};
