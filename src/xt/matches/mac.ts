/**
 * The `mac` match: the Ethernet address that sent the frame.
 *
 *     [!] --mac-source XX:XX:XX:XX:XX:XX
 *
 * A packet that came in without an Ethernet header matches neither way. Nothing was sent to a packet of our own, so
 * OUTPUT and POSTROUTING are illegal. Kernel: net/netfilter/xt_mac.c, mac_mt(), revision 0.
 */
import { both, is, not, onInterface, unknown } from "../../pktset/index.ts";
import { defineMatch, required } from "../contract.ts";
import { parseMacAddress } from "../mac-address.ts";

export interface MacInfo {
  /** In lower case, unlike addresses that other extensions list: "00:1a:2b:3c:4d:5e". */
  readonly address: string;
  readonly invert: boolean;
}

export const mac = defineMatch({
  name: "mac",
  revision: 0,
  families: ["ipv4", "ipv6"],
  summary: "the Ethernet source address",
  hooks: ["PREROUTING", "INPUT", "FORWARD"],
  options: { "--mac-source": required(parseMacAddress, { invertible: true, operand: "XX:XX:XX:XX:XX:XX" }) },

  build: ({ "--mac-source": { value, invert } }): MacInfo => ({ address: value.toLowerCase(), invert }),
  print: ({ address, invert }) => `${invert ? "! " : ""}--mac-source ${address}`,

  evaluate: ({ address, invert }) => {
    const wanted = address.split(":").map((octet) => Number.parseInt(octet, 16));
    return ({ sourceMac, inDevice }) => {
      if (inDevice === "lo") return false;
      if (sourceMac === undefined) return "unknown";
      return sourceMac.length === 6 && wanted.every((octet, at) => octet === sourceMac[at]) !== invert;
    };
  },

  // Without an Ethernet header there is no address to compare, so that not even `!` holds.
  symbolic: ({ address, invert }) => {
    const same = is("mac", Number.parseInt(address.replaceAll(":", ""), 16));
    const ethernet = not(onInterface("in", "lo"));
    return invert
      ? both(ethernet, not(same), unknown("mac: whether the interface is Ethernet"))
      : both(ethernet, same);
  },
});
