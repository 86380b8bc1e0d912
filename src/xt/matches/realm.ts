/**
 * The `realm` match: compares the routing realm of the packet's route under a mask.
 *
 *     [!] --realm value[/mask]
 *
 * A realm is given to routes with `ip route ... realm`. iptables also takes the names of the host's
 * /etc/iproute2/rt_realms; Debian's has one, `cosmos` for 0, by which a plain 0 is listed. Other names depend on the
 * host and are refused. Bits of the value outside the mask are legal, and then the test never holds.
 * Kernel: net/netfilter/xt_realm.c, realm_mt(), revision 0.
 */
import { unfieldedMask } from "../conditions.ts";
import { defineMatch, required, type ValueParser } from "../contract.ts";
import { type Masked, parseMasked, printMasked } from "../masked.ts";
import { Refusal, refuse } from "../refusal.ts";

export interface RealmInfo extends Masked {
  readonly invert: boolean;
}

const COSMOS: Masked = { value: 0, mask: 0xffffffff };

const parseRealm: ValueParser<Masked> = (text) => {
  const realm = text === "cosmos" ? COSMOS : parseMasked(text);
  if (!(realm instanceof Refusal) || !/^[A-Za-z]/.test(text)) return realm;
  return refuse(
    "xt/unknown-keyword",
    `"${text}" is not a realm that every host knows`,
    "write its number from /etc/iproute2/rt_realms",
  );
};

export const realm = defineMatch({
  name: "realm",
  revision: 0,
  families: ["ipv4"],
  summary: "the routing realm of the packet's route, under a mask",
  hooks: ["INPUT", "FORWARD", "OUTPUT", "POSTROUTING"],
  options: { "--realm": required(parseRealm, { invertible: true, operand: "value[/mask]" }) },

  build: ({ "--realm": { value, invert } }): RealmInfo => ({ ...value, invert }),
  print: (info) =>
    `${info.invert ? "! " : ""}--realm ${info.value === 0 && info.mask === COSMOS.mask ? "cosmos" : printMasked(info)}`,

  evaluate:
    ({ value, mask, invert }) =>
    ({ realms }) =>
      ((realms & mask) >>> 0 === value) !== invert,

  symbolic: (test) => unfieldedMask(test, "realm: the route's realm is in no field"),
});
