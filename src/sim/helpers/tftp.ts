/** TFTP: the answer to a request comes from a new port. Kernel: nf_conntrack_tftp.c, tftp_help(). RFC 1350. */
import { get16 } from "../../net/index.ts";
import { CT_STATUS, isReply } from "../../xt/index.ts";
import type { Connection } from "../conntrack/connection.ts";
import { bindNat } from "../nat/nat.ts";
import type { Helper } from "./index.ts";

const EXPECT_MS = 300_000;
const READ_REQUEST = 1;
const WRITE_REQUEST = 2;

export const tftp: Helper = (host, skb, connection) => {
  const opcode = skb.hasTransport(10) ? get16(skb.bytes, skb.transport + 8) : 0;
  if (opcode !== READ_REQUEST && opcode !== WRITE_REQUEST) return "accept";
  const { original, reply, zone } = connection;
  const expected = (isReply(skb.ctInfo) ? original : reply).copy();
  expected.sport = 0;
  const translated = (connection.status & (CT_STATUS.SRC_NAT | CT_STATUS.DST_NAT)) !== 0;
  if (host.conntrack.expectations.clashes(expected, zone)) return "accept";
  host.conntrack.expectations.add({
    tuple: expected,
    zone,
    master: connection,
    expiresAt: host.now + EXPECT_MS,
    permanent: false,
    ...(translated && {
      onConnection: (data: Connection) => {
        const context = { table: host.conntrack.table, random: host.choices.random.bind(host.choices) };
        const range = { ports: undefined, random: false, randomFully: false, persistent: false };
        bindNat(
          data,
          { manip: "src", addresses: { min: original.destination, max: original.destination }, ...range },
          context,
        );
        bindNat(
          data,
          {
            manip: "dst",
            ...range,
            addresses: { min: original.source, max: original.source },
            ports: { min: original.sport, max: original.sport, base: undefined },
          },
          context,
        );
      },
    }),
  });
  return "accept";
};
