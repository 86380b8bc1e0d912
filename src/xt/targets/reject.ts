/**
 * The `REJECT` target: drops the packet and sends an error back.
 *
 *     --reject-with type
 *
 * Types may be abbreviated and ignore case; each has a short name too. They differ between the families, and so does
 * the kernel's number of each. iptables takes the first type that begins as written, and the first of all for an empty
 * text; we refuse what could mean several. The default, port-unreachable, is always printed. Source:
 * extensions/libipt_REJECT.c and libip6t_REJECT.c. Kernel: net/ipv4/netfilter/ipt_REJECT.c, reject_tg_check(), and
 * net/ipv6/netfilter/ip6t_REJECT.c, reject_tg6_check(), revision 0.
 */
import { type Family, PROTOCOL } from "../../net/index.ts";
import { byAbbreviation } from "../abbreviations.ts";
import { defineTarget, optional, type ValueParser } from "../contract.ts";
import { refuse } from "../refusal.ts";
import { requireProtocol } from "../rule-protocol.ts";

/** Name, short name, and the number in `enum ipt_reject_with` or `enum ip6t_reject_with`. */
const TYPES: Readonly<Record<Family, readonly (readonly [string, string, number])[]>> = {
  ipv4: [
    ["icmp-net-unreachable", "net-unreach", 0],
    ["icmp-host-unreachable", "host-unreach", 1],
    ["icmp-proto-unreachable", "proto-unreach", 2],
    ["icmp-port-unreachable", "port-unreach", 3],
    ["icmp-net-prohibited", "net-prohib", 5],
    ["icmp-host-prohibited", "host-prohib", 6],
    ["tcp-reset", "tcp-rst", 7],
    ["icmp-admin-prohibited", "admin-prohib", 8],
  ],
  ipv6: [
    ["icmp6-no-route", "no-route", 0],
    ["icmp6-adm-prohibited", "adm-prohibited", 1],
    ["icmp6-addr-unreachable", "addr-unreach", 3],
    ["icmp6-port-unreachable", "port-unreach", 4],
    ["tcp-reset", "tcp-reset", 6],
    ["icmp6-policy-fail", "policy-fail", 7],
    ["icmp6-reject-route", "reject-route", 8],
  ],
};

const namesOf = (family: Family): ReadonlyMap<string, number> =>
  new Map(
    TYPES[family].flatMap(([name, short, number]): [string, number][] => [
      [name, number],
      [short, number],
    ]),
  );
const NUMBERS: Readonly<Record<Family, ReadonlyMap<string, number>>> = {
  ipv4: namesOf("ipv4"),
  ipv6: namesOf("ipv6"),
};

const typesOf = (family: Family): ReadonlyMap<number, string> =>
  new Map(TYPES[family].map(([name, , number]) => [number, name]));
const NAMES: Readonly<Record<Family, ReadonlyMap<number, string>>> = {
  ipv4: typesOf("ipv4"),
  ipv6: typesOf("ipv6"),
};

const parseType: ValueParser<string> = (text, { family }) => {
  const number = byAbbreviation(text, NUMBERS[family]);
  if (typeof number === "object") return number;
  const name = number === undefined ? undefined : NAMES[family].get(number);
  return (
    name ??
    refuse(
      "xt/unknown-keyword",
      `"${text}" is not a way to reject`,
      `write ${[...NAMES[family].values()].join(", ")}`,
    )
  );
};

/** `type` in its full spelling, "tcp-reset". */
export interface RejectInfo {
  readonly type: string;
}

export const reject = defineTarget({
  name: "REJECT",
  revision: 0,
  families: ["ipv4", "ipv6"],
  summary: "drop the packet and send an error back",
  tables: ["filter"],
  hooks: ["INPUT", "FORWARD", "OUTPUT"],
  options: { "--reject-with": optional(parseType, { operand: "type" }) },

  build: ({ "--reject-with": type }, { family }): RejectInfo => ({
    type: type?.value ?? (family === "ipv4" ? "icmp-port-unreachable" : "icmp6-port-unreachable"),
  }),
  print: ({ type }) => `--reject-with ${type}`,
  check: ({ type }, place) => (type === "tcp-reset" ? requireProtocol(place, PROTOCOL.tcp) : undefined),

  evaluate:
    ({ type }, machine) =>
    (skb) => {
      machine.reject(skb, type);
      return "drop";
    },

  symbolic: () => ({ kind: "reject" }),
});
