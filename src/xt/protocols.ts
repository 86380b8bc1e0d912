/**
 * Protocol operands of extensions: a number, a name that iptables knows itself, or one of /etc/protocols, in its exact
 * spelling (unlike `-p`, which ignores case). Source: libxtables/xtables.c, xtables_parse_protocol().
 */
import { PROTOCOL, protocolByName } from "../net/index.ts";
import { wholeNumber } from "./numbers.ts";
import { type Refusal, refuse } from "./refusal.ts";

/** Names that iptables knows beyond those of /etc/protocols. */
const OWN_NAMES: ReadonlyMap<string, number> = new Map([
  ["icmpv6", PROTOCOL.icmpv6],
  ["ipv6-mh", PROTOCOL.mh],
  ["mh", PROTOCOL.mh],
  ["all", 0],
]);

/** The number of a protocol. A name whose number needs more than 8 bits (mptcp) is refused; iptables would cut it. */
export function parseProtocolOperand(text: string): number | Refusal {
  const number = wholeNumber(text, 0, 255) ?? OWN_NAMES.get(text) ?? protocolByName(text);
  if (number !== undefined && number <= 255) return number;
  return refuse(
    "xt/bad-protocol",
    `"${text}" is not a protocol`,
    "write a name such as tcp, or a number from 0 to 255",
  );
}
