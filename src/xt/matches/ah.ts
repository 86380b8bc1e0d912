/**
 * The `ah` match: IPsec's authentication header.
 *
 *     [!] --ahspi spi[:spi]
 *     [!] --ahlen length      IPv6 only: bytes of the whole header
 *     --ahres                 IPv6 only: the reserved field must be zero
 *
 * In IPv4 AH is a protocol and the rule needs `-p ah`; in IPv6 it is an extension header, looked for under any `-p`. A
 * length of 0 means any length to the kernel, and iptables-save drops it: it is refused. So `! --ahlen 0`, which is
 * kept, always holds. Kernel: net/ipv4/netfilter/ipt_ah.c, ah_mt(), and net/ipv6/netfilter/ip6t_ah.c, ah_mt6(),
 * revision 0.
 */

import { findIpv6Header, get16, get32, PROTOCOL } from "../../net/index.ts";
import { unknown } from "../../pktset/index.ts";
import { withPorts } from "../conditions.ts";
import { defineMatch, flag, type Occurrence, optional } from "../contract.ts";
import { uint32 } from "../numbers.ts";
import { Refusal, refuseOption } from "../refusal.ts";
import { requireProtocol } from "../rule-protocol.ts";
import { printSpi, type SpiTest, spiCondition, spiOption, spiTest, storedSpi } from "../spi-range.ts";

export interface AhInfo {
  readonly spi: SpiTest | undefined;
  readonly lengthBytes: Occurrence<number> | undefined;
  readonly reservedZero: boolean;
}

export const ah = defineMatch({
  name: "ah",
  revision: 0,
  families: ["ipv4", "ipv6"],
  summary: "the authentication header",
  options: {
    "--ahspi": spiOption(),
    "--ahlen": optional(uint32, { invertible: true, operand: "length" }),
    "--ahres": flag(),
  },

  build: (given, { family }): AhInfo | Refusal => {
    const { "--ahlen": lengthBytes, "--ahres": reserved } = given;
    if (family === "ipv4" && (lengthBytes !== undefined || reserved !== undefined)) {
      const option = lengthBytes === undefined ? "--ahres" : "--ahlen";
      return refuseOption("xt/wrong-family", option, `"${option}" exists only in IPv6`, "remove it");
    }
    if (lengthBytes?.value === 0 && !lengthBytes.invert) {
      return refuseOption(
        "xt/out-of-range",
        "--ahlen",
        `"--ahlen 0" stands for any length, and iptables-save forgets it`,
        "remove it, or write the length in bytes",
      );
    }
    const spi = storedSpi("--ahspi", given["--ahspi"]);
    return spi instanceof Refusal ? spi : { spi, lengthBytes, reservedZero: reserved !== undefined };
  },

  print: ({ spi, lengthBytes, reservedZero }) => {
    const parts: string[] = [];
    if (spi !== undefined) parts.push(printSpi("--ahspi", spi));
    if (lengthBytes !== undefined)
      parts.push(`${lengthBytes.invert ? "! " : ""}--ahlen ${lengthBytes.value}`);
    if (reservedZero) parts.push("--ahres");
    return parts.join(" ");
  },

  check: (_, place) => (place.family === "ipv4" ? requireProtocol(place, PROTOCOL.ah) : undefined),

  evaluate:
    ({ spi, lengthBytes, reservedZero }, { family }) =>
    (skb) => {
      const { bytes } = skb;
      let at = skb.transport;
      if (family === "ipv6") {
        const found = findIpv6Header(bytes, PROTOCOL.ah);
        if (found === "later-fragment" || found === undefined)
          return found === undefined && skb.transport < 0 ? "hotdrop" : false;
        at = found.offset;
      } else if (skb.fragmentOffset !== 0) return false;
      if (bytes.length - at < 12) return "hotdrop";
      if (!spiTest(spi, get32(bytes, at + 4))) return false;
      if (
        lengthBytes !== undefined &&
        (((bytes[at + 1] as number) + 2) * 4 === lengthBytes.value) === lengthBytes.invert
      )
        return false;
      return !reservedZero || get16(bytes, at + 2) === 0;
    },

  // In IPv6 it is an extension header, of which no field tells.
  symbolic: ({ spi }, { family }) =>
    family === "ipv6"
      ? unknown("ah: extension headers are in no field")
      : withPorts(spiCondition(spi, "ah: security parameter indexes are in no field")),
});
