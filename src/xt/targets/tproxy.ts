/**
 * The `TPROXY` target: hands the packet to a local transparent socket without changing its addresses.
 *
 *     --on-port port
 *     --on-ip address
 *     --tproxy-mark value[/mask]
 *
 * Port 0 is the packet's own port, and no address (printed as 0.0.0.0 or ::) is the one of the incoming interface.
 * The port is decimal or a service; unlike elsewhere `010` is ten. The mark, without which routing would forward the
 * packet, is always printed with its mask; absent, it is 0x0/0x0 and changes nothing. Source:
 * extensions/libxt_TPROXY.c. Kernel: net/netfilter/xt_TPROXY.c, tproxy_tg4_check() and tproxy_tg6_check(), revision 1.
 */
import { type Address, PROTOCOL, printAddress, toWords } from "../../net/index.ts";
import { defineTarget, optional, required } from "../contract.ts";
import { type Masked, parseMasked } from "../masked.ts";
import { resolvedHost } from "../resolved-hosts.ts";
import { parseResolvedPort } from "../resolved-ports.ts";

export interface TproxyInfo {
  readonly port: number;
  readonly address: Address;
  readonly mark: Masked;
}

const NO_MARK: Masked = { value: 0, mask: 0 };

export const tproxy = defineTarget({
  name: "TPROXY",
  revision: 1,
  families: ["ipv4", "ipv6"],
  summary: "hand the packet to a local transparent socket",
  tables: ["mangle"],
  hooks: ["PREROUTING"],
  protocols: [PROTOCOL.tcp, PROTOCOL.udp],
  options: {
    "--on-port": required(parseResolvedPort, { operand: "port" }),
    "--on-ip": optional(resolvedHost, { operand: "address" }),
    "--tproxy-mark": optional(parseMasked, { operand: "value[/mask]" }),
  },

  build: ({ "--on-port": port, "--on-ip": address, "--tproxy-mark": mark }, { family }): TproxyInfo => ({
    port: port.value,
    address: address?.value ?? (family === "ipv4" ? 0 : 0n),
    mark: mark?.value ?? NO_MARK,
  }),
  print: ({ port, address, mark }) =>
    `--on-port ${port} --on-ip ${printAddress(address)} --tproxy-mark 0x${mark.value.toString(16)}/0x${mark.mask.toString(16)}`,

  evaluate: ({ port, address, mark }, machine) => {
    const to = { address: toWords(address), port, mark: mark.value, mask: mark.mask };
    return (skb) => machine.transparentProxy(skb, to);
  },

  symbolic: () => ({ kind: "unknown", reason: "TPROXY: a local socket takes the packet if there is one" }),
});
