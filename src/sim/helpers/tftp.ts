/** TFTP: the answer to a request comes from a new port. Kernel: nf_conntrack_tftp.c, tftp_help(). RFC 1350. */
import { get16 } from "../../net/index.ts";
import { isReply } from "../../xt/index.ts";
import { announce } from "./announce.ts";
import type { Helper } from "./index.ts";

const READ_REQUEST = 1;
const WRITE_REQUEST = 2;

export const tftp: Helper = (host, skb, connection) => {
  const opcode = skb.hasTransport(10) ? get16(skb.bytes, skb.transport + 8) : 0;
  if (opcode !== READ_REQUEST && opcode !== WRITE_REQUEST) return "accept";
  const fromReply = isReply(skb.ctInfo);
  const { original, reply } = connection;
  const tuple = (fromReply ? original : reply).copy();
  tuple.sport = 0;
  const announcement = { master: connection, fromReply: false, tuple, most: 1 };
  // A request that cannot be expected is dropped.
  return announce(host, announcement, original.sport) ? "accept" : "drop";
};
