/**
 * Ethernet addresses: six bytes of one or two hexadecimal digits, colons between. iptables reads them with strtoul(3),
 * so that an empty byte counts as 0 and `-1` as ff; both are refused. Source: libxtables/xtoptions.c,
 * xtopt_parse_ethermac().
 */
import { type Refusal, refuse } from "./refusal.ts";

const MAC = /^(?:[0-9a-fA-F]{1,2}:){5}[0-9a-fA-F]{1,2}$/;

/** An address as iptables-save prints it, "01:00:5E:00:00:01". */
export type MacAddress = string;

export function parseMacAddress(text: string): MacAddress | Refusal {
  if (MAC.test(text))
    return text
      .split(":")
      .map((byte) => byte.toUpperCase().padStart(2, "0"))
      .join(":");
  return refuse(
    "xt/bad-mac",
    `"${text}" is not an Ethernet address`,
    "write six bytes in hexadecimal, such as 02:00:5e:10:00:01",
  );
}
