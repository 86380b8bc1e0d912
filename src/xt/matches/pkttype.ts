/**
 * The `pkttype` match: to whom the link layer sent the packet.
 *
 *     [!] --pkt-type unicast|broadcast|multicast|otherhost
 *
 * `host`, `bcast` and `mcast` are other words for the first three, in either case. A copy of its own broadcast or
 * multicast that a host hands back to itself counts as multicast, or in IPv4 by its address as broadcast.
 * Kernel: net/netfilter/xt_pkttype.c, pkttype_mt(), revision 0.
 */
import {
  both,
  type Condition,
  either,
  invertible,
  is,
  masked,
  not,
  nothing,
  PACKET_TYPES,
} from "../../pktset/index.ts";
import { defineMatch, required } from "../contract.ts";
import { type Refusal, refuse } from "../refusal.ts";

export type PacketType = "unicast" | "broadcast" | "multicast" | "otherhost";

export interface PkttypeInfo {
  readonly type: PacketType;
  readonly invert: boolean;
}

const TYPES: ReadonlyMap<string, PacketType> = new Map([
  ["unicast", "unicast"],
  ["broadcast", "broadcast"],
  ["multicast", "multicast"],
  ["otherhost", "otherhost"],
  ["host", "unicast"],
  ["bcast", "broadcast"],
  ["mcast", "multicast"],
]);

function parseType(text: string): PacketType | Refusal {
  return (
    TYPES.get(text.toLowerCase()) ??
    refuse(
      "xt/unknown-keyword",
      `"${text}" is not a packet type`,
      "write unicast, broadcast, multicast or otherhost",
    )
  );
}

export const pkttype = defineMatch({
  name: "pkttype",
  revision: 0,
  families: ["ipv4", "ipv6"],
  summary: "to whom the link layer sent the packet",
  options: {
    "--pkt-type": required(parseType, { invertible: true, operand: "unicast|broadcast|multicast|otherhost" }),
  },

  build: ({ "--pkt-type": { value: type, invert } }): PkttypeInfo => ({ type, invert }),
  print: ({ type, invert }) => `${invert ? "! " : ""}--pkt-type ${type}`,

  evaluate:
    ({ type, invert }) =>
    (skb) => {
      let actual: string =
        skb.packetType === "host" || skb.packetType === "outgoing" ? "unicast" : skb.packetType;
      if (actual === "loopback") {
        const { bytes, family } = skb;
        const multicast = family === "ipv4" ? (bytes[16] as number) >>> 4 === 14 : bytes[24] === 0xff;
        actual = multicast ? "multicast" : family === "ipv4" ? "broadcast" : "unicast";
      }
      return (actual === type) !== invert;
    },

  // The kernel looks at the destination of what the loopback device brings.
  symbolic: ({ type, invert }, { family }) => {
    const multicast =
      family === "ipv4" ? masked("dst", 0xe0000000, 0xf0000000) : masked("dst", 0xffn << 120n, 0xffn << 120n);
    const of = (name: (typeof PACKET_TYPES)[number]): Condition => is("pkttype", PACKET_TYPES.indexOf(name));
    const handedBack = (as: PacketType): Condition =>
      as === "multicast"
        ? both(of("loopback"), multicast)
        : as === (family === "ipv4" ? "broadcast" : "unicast")
          ? both(of("loopback"), not(multicast))
          : nothing;
    const plain = type === "unicast" ? either(of("host"), of("outgoing")) : of(type);
    return invertible(either(plain, handedBack(type)), invert);
  },
});
