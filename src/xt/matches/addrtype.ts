/**
 * The `addrtype` match: what the routing tables take an address for.
 *
 *     [!] --src-type type[,type…]
 *     [!] --dst-type type[,type…]
 *     --limit-iface-in | --limit-iface-out
 *
 * Several types match any of them in IPv4; in IPv6 UNSPEC, UNICAST and MULTICAST must all hold beside one of the
 * others. Types may be shortened; of types that begin alike iptables takes the first of its list ("UN" is UNSPEC), and
 * Postern refuses to guess. IPv6 lacks some types.
 * Kernel: net/netfilter/xt_addrtype.c, addrtype_mt_v1() and addrtype_mt_checkentry_v1(), revision 1.
 */
import { both, type Condition, everything, invertible } from "../../pktset/index.ts";
import { byAbbreviation } from "../abbreviations.ts";
import { defineMatch, flag, type Hook, type Occurrence, optional } from "../contract.ts";
import type { AddressType as MachineAddressType } from "../evaluation.ts";
import { destinationOf, sourceOf } from "../packet-tests.ts";
import { type Refusal, refuse } from "../refusal.ts";

/** In the order of printing; a type's place is its bit, as in the kernel's enum of route types. */
const TYPES = [
  "UNSPEC",
  "UNICAST",
  "LOCAL",
  "BROADCAST",
  "ANYCAST",
  "MULTICAST",
  "BLACKHOLE",
  "UNREACHABLE",
  "PROHIBIT",
  "THROW",
  "NAT",
  "XRESOLVE",
] as const;
export type AddressType = (typeof TYPES)[number];

const PLACES: ReadonlyMap<string, number> = new Map(TYPES.map((type, place) => [type.toLowerCase(), place]));
const NOT_IN_IPV6: readonly AddressType[] = [
  "BROADCAST",
  "BLACKHOLE",
  "PROHIBIT",
  "THROW",
  "NAT",
  "XRESOLVE",
];

export interface AddrtypeInfo {
  readonly source: Occurrence<readonly AddressType[]> | undefined;
  readonly destination: Occurrence<readonly AddressType[]> | undefined;
  /** The interface to which the question is limited. */
  readonly limit: "in" | "out" | undefined;
}

function parseTypes(text: string): readonly AddressType[] | Refusal {
  const found = new Set<number>();
  for (const item of text.split(",")) {
    const place = byAbbreviation(item, PLACES);
    if (place === undefined)
      return refuse("xt/unknown-keyword", `"${item}" is not an address type`, `write ${TYPES.join(", ")}`);
    if (typeof place !== "number") return place;
    found.add(place);
  }
  return TYPES.filter((_, place) => found.has(place));
}

/** Hooks in which the interface of `limit` is not known. */
const WITHOUT_INTERFACE: Readonly<Record<"in" | "out", readonly Hook[]>> = {
  in: ["OUTPUT", "POSTROUTING"],
  out: ["PREROUTING", "INPUT"],
};

export const addrtype = defineMatch({
  name: "addrtype",
  revision: 1,
  families: ["ipv4", "ipv6"],
  summary: "what the routing tables take an address for",
  options: {
    "--src-type": optional(parseTypes, { invertible: true, operand: "type[,type…]" }),
    "--dst-type": optional(parseTypes, { invertible: true, operand: "type[,type…]" }),
    "--limit-iface-in": flag({ excludes: ["--limit-iface-out"] }),
    "--limit-iface-out": flag({ excludes: ["--limit-iface-in"] }),
  },

  build: (given): AddrtypeInfo | Refusal => {
    const { "--src-type": source, "--dst-type": destination } = given;
    if (source === undefined && destination === undefined)
      return refuse("xt/missing-option", "no address is tested", "add --src-type or --dst-type");
    return {
      source,
      destination,
      limit:
        given["--limit-iface-in"] !== undefined
          ? "in"
          : given["--limit-iface-out"] !== undefined
            ? "out"
            : undefined,
    };
  },

  print: ({ source, destination, limit }) => {
    const parts: string[] = [];
    if (source !== undefined) parts.push(`${source.invert ? "! " : ""}--src-type ${source.value.join(",")}`);
    if (destination !== undefined)
      parts.push(`${destination.invert ? "! " : ""}--dst-type ${destination.value.join(",")}`);
    if (limit !== undefined) parts.push(`--limit-iface-${limit}`);
    return parts.join(" ");
  },

  check: ({ source, destination, limit }, { family, hooks }) => {
    const wrong =
      limit === undefined ? undefined : hooks.find((hook) => WITHOUT_INTERFACE[limit].includes(hook));
    if (wrong !== undefined)
      return refuse(
        "xt/wrong-hook",
        `--limit-iface-${limit} has no interface to look at in ${wrong}, and this rule is reached from there`,
        "move the rule, or remove the limit",
      );
    if (family === "ipv4") return undefined;
    const missing = [...(source?.value ?? []), ...(destination?.value ?? [])].find((type) =>
      NOT_IN_IPV6.includes(type),
    );
    return missing === undefined
      ? undefined
      : refuse(
          "xt/wrong-family",
          `IPv6 has no address type ${missing}`,
          `leave it out: IPv6 has not ${NOT_IN_IPV6.join(", ")}`,
        );
  },

  evaluate:
    ({ source, destination, limit }, machine) =>
    (skb) => {
      const device = limit === "in" ? skb.inDevice : limit === "out" ? skb.outDevice : undefined;
      const holds = (test: typeof source, words: ReturnType<typeof sourceOf>): boolean =>
        test === undefined ||
        machine.addressHasType(words, test.value as readonly MachineAddressType[], device) !== test.invert;
      return holds(source, sourceOf(skb)) && holds(destination, destinationOf(skb));
    },

  symbolic: ({ source, destination, limit }, context) => {
    const test = (field: "src" | "dst", use: typeof source): Condition =>
      use === undefined
        ? everything
        : invertible(
            context.addressHasType(field, use.value as readonly MachineAddressType[], limit),
            use.invert,
          );
    return both(test("src", source), test("dst", destination));
  },
});
