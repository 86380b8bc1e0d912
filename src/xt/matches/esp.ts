/**
 * The `esp` match: the security parameter index of IPsec's ESP header.
 *
 *     [!] --espspi spi[:spi]
 *
 * Kernel: net/netfilter/xt_esp.c, esp_mt(), revision 0.
 */

import { get32, PROTOCOL } from "../../net/index.ts";
import { withPorts } from "../conditions.ts";
import { defineMatch } from "../contract.ts";
import { Refusal } from "../refusal.ts";
import { printSpi, type SpiTest, spiCondition, spiOption, spiTest, storedSpi } from "../spi-range.ts";

export interface EspInfo {
  readonly spi: SpiTest | undefined;
}

export const esp = defineMatch({
  name: "esp",
  revision: 0,
  families: ["ipv4", "ipv6"],
  summary: "the security parameter index of ESP",
  protocols: [PROTOCOL.esp],
  options: { "--espspi": spiOption() },

  build: (given): EspInfo | Refusal => {
    const spi = storedSpi("--espspi", given["--espspi"]);
    return spi instanceof Refusal ? spi : { spi };
  },
  print: ({ spi }) => (spi === undefined ? "" : printSpi("--espspi", spi)),

  evaluate:
    ({ spi }) =>
    (skb) => {
      if (skb.fragmentOffset !== 0) return false;
      if (!skb.hasTransport(8)) return "hotdrop";
      return spiTest(spi, get32(skb.bytes, skb.transport));
    },

  symbolic: ({ spi }) => withPorts(spiCondition(spi, "esp: security parameter indexes are in no field")),
});
