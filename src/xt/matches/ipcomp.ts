/**
 * The `ipcomp` match: the compression parameter index of the IPComp header.
 *
 *     [!] --ipcompspi spi[:spi]
 *     --compres                  the reserved field; the kernel never looks at it
 *
 * Without --ipcompspi it tests for index 0, unlike `esp` and `ah`, and is listed so. A test of all indexes would be
 * listed like no test at all, which read again means index 0: it is refused. The index is 16 bits on the wire.
 * Kernel: net/netfilter/xt_ipcomp.c, comp_mt(), revision 0.
 */

import { get16 } from "../../net/index.ts";
import { withPorts } from "../conditions.ts";
import { defineMatch, flag } from "../contract.ts";
import { type Refusal, refuseOption } from "../refusal.ts";
import { isEverySpi, printSpi, type SpiTest, spiCondition, spiOption, spiTest } from "../spi-range.ts";

const IPPROTO_COMP = 108;

export interface IpcompInfo {
  readonly spi: SpiTest;
  readonly reserved: boolean;
}

const INDEX_0: SpiTest = { value: { low: 0, high: 0 }, invert: false };

export const ipcomp = defineMatch({
  name: "ipcomp",
  revision: 0,
  families: ["ipv4", "ipv6"],
  summary: "the compression parameter index of IPComp",
  protocols: [IPPROTO_COMP],
  options: { "--ipcompspi": spiOption(), "--compres": flag() },

  build: ({ "--ipcompspi": spi = INDEX_0, "--compres": reserved }): IpcompInfo | Refusal => {
    if (!isEverySpi(spi)) return { spi, reserved: reserved !== undefined };
    return refuseOption(
      "xt/out-of-range",
      "--ipcompspi",
      "iptables-save forgets a test of all indexes, and the rest means index 0",
      "write -p ipcomp alone",
    );
  },
  print: ({ spi, reserved }) => `${printSpi("--ipcompspi", spi)}${reserved ? " --compres" : ""}`,

  evaluate:
    ({ spi }) =>
    (skb) => {
      if (skb.fragmentOffset !== 0) return false;
      if (!skb.hasTransport(4)) return "hotdrop";
      return spiTest(spi, get16(skb.bytes, skb.transport + 2));
    },

  symbolic: ({ spi }) =>
    withPorts(spiCondition(spi, "ipcomp: compression parameter indexes are in no field")),
});
