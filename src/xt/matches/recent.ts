/**
 * The `recent` match: a named list of addresses that packets have put there, each with the times it was seen.
 *
 *     [!] --set | [!] --rcheck | [!] --update | [!] --remove
 *     [--seconds n [--reap]] [--hitcount n] [--rttl]     with --rcheck and --update
 *     [--name name] [--rsource | --rdest] [--mask mask]
 *
 * Testing changes the list: `--set` adds the address (and always matches), `--update` notes the time, `--remove`
 * deletes, `--reap` forgets what is older than `--seconds`. Name, mask and side are always printed.
 * Kernel: net/netfilter/xt_recent.c, recent_mt() and recent_mt_check(), revision 1.
 */

import { type Address, addressBits, prefixMask, printAddress, toWords } from "../../net/index.ts";
import { everything, invertible, unknown } from "../../pktset/index.ts";
import { defineMatch, flag, optional, type ValueParser } from "../contract.ts";
import { uint } from "../numbers.ts";
import { addressKey, destinationOf, maskedWords, sourceOf } from "../packet-tests.ts";
import { procName } from "../proc-name.ts";
import { refuse, refuseOption } from "../refusal.ts";
import { resolvedHost } from "../resolved-hosts.ts";
import { hopCount } from "../rewriting.ts";

const OPERATIONS = ["--set", "--rcheck", "--update", "--remove"] as const;
type Operation = (typeof OPERATIONS)[number];

export interface RecentInfo {
  readonly operation: Operation;
  readonly invert: boolean;
  /** 0: whenever it was seen. */
  readonly seconds: number;
  readonly reap: boolean;
  /** 0: however often it was seen. */
  readonly hitcount: number;
  /** The TTL must be that of the packet that set the entry. */
  readonly rttl: boolean;
  readonly name: string;
  readonly mask: Address;
  readonly side: "source" | "destination";
}

/** XT_RECENT_MAX_NSTAMPS less one; older kernels (6.1 among them) count only to 255. */
const MAX_HITS = 65_535;

/** Any address, of which a length alone is one too: iptables reads `24` as 0.0.0.24, which nobody means. */
const parseMask: ValueParser<Address> = (text, context) =>
  context.family === "ipv4" && /^[0-9]+$/.test(text)
    ? refuse("xt/bad-mask", `iptables reads the mask "${text}" as an address`, "write it as 255.255.255.0")
    : resolvedHost(text, context);

const operation = (own: Operation) =>
  flag({ invertible: true, excludes: OPERATIONS.filter((other) => other !== own) });

export const recent = defineMatch({
  name: "recent",
  revision: 1,
  families: ["ipv4", "ipv6"],
  summary: "whether the address was seen before, in a list that the match itself keeps",
  options: {
    "--set": operation("--set"),
    "--rcheck": operation("--rcheck"),
    "--update": operation("--update"),
    "--remove": operation("--remove"),
    // iptables-save prints it signed.
    "--seconds": optional(uint(1, 0x7fffffff), { operand: "seconds" }),
    "--reap": flag({ requires: ["--seconds"] }),
    "--hitcount": optional(uint(0, MAX_HITS), { operand: "hits" }),
    "--rttl": flag({ excludes: ["--set", "--remove"] }),
    "--name": optional(procName(199), { operand: "name" }),
    "--rsource": flag({ excludes: ["--rdest"] }),
    "--rdest": flag(),
    "--mask": optional(parseMask, { operand: "mask" }),
  },

  build: (given, { family }) => {
    const operation = OPERATIONS.find((option) => given[option] !== undefined);
    if (operation === undefined) {
      return refuse("xt/missing-option", "nothing is done", `add one of ${OPERATIONS.join(", ")}`);
    }
    return {
      operation,
      invert: given[operation]?.invert === true,
      seconds: given["--seconds"]?.value ?? 0,
      reap: given["--reap"] !== undefined,
      hitcount: given["--hitcount"]?.value ?? 0,
      rttl: given["--rttl"] !== undefined,
      name: given["--name"]?.value ?? "DEFAULT",
      mask: given["--mask"]?.value ?? prefixMask(family, addressBits(family)),
      side: given["--rdest"] === undefined ? "source" : "destination",
    } satisfies RecentInfo;
  },

  print: ({ operation, invert, seconds, reap, hitcount, rttl, name, mask, side }: RecentInfo) => {
    let text = `${invert ? "! " : ""}${operation}`;
    if (seconds !== 0) text += ` --seconds ${seconds}`;
    if (reap) text += " --reap";
    if (hitcount !== 0) text += ` --hitcount ${hitcount}`;
    if (rttl) text += " --rttl";
    return `${text} --name ${name} --mask ${printAddress(mask)} ${side === "source" ? "--rsource" : "--rdest"}`;
  },

  check: ({ operation, seconds, hitcount }: RecentInfo) => {
    if ((operation !== "--set" && operation !== "--remove") || (seconds === 0 && hitcount === 0))
      return undefined;
    const option = seconds === 0 ? "--hitcount" : "--seconds";
    const message = `${operation} asks for no ${option}`;
    return refuseOption(
      "xt/conflicting-options",
      option,
      message,
      `remove ${option}, or write --rcheck or --update`,
    );
  },

  evaluate: (info, machine) => {
    const { operation, invert, seconds, reap, hitcount, rttl, name, side } = info;
    const mask = toWords(info.mask);
    const list = machine.shared(`recent ${name}`, () => new Map<string, RecentEntry>());
    return (skb) => {
      const now = machine.now();
      const key = `${machine.family} ${addressKey(maskedWords(side === "source" ? sourceOf(skb) : destinationOf(skb), mask))}`;
      // The TTL is noted as it was before forwarding took one off.
      const ttl = hopCount(skb) + (skb.outDevice !== "" && skb.owner === undefined ? 1 : 0);
      const entry = list.get(key);
      const touch = (old: RecentEntry | undefined): void => {
        const stamps = [...(old?.stamps ?? []), now].slice(-MAX_STAMPS);
        list.delete(key);
        if (old === undefined && list.size >= MAX_ENTRIES) list.delete(list.keys().next().value as string);
        list.set(key, { ttl, stamps });
      };
      if (entry === undefined || (rttl && entry.ttl !== ttl)) {
        if (operation !== "--set") return invert;
        touch(undefined);
        return !invert;
      }
      if (operation === "--set") {
        touch(entry);
        return !invert;
      }
      if (operation === "--remove") {
        list.delete(key);
        return !invert;
      }
      const since = now - seconds * 1000;
      const hits = entry.stamps.filter((stamp) => seconds === 0 || stamp >= since).length;
      const found = hits > 0 && hits >= hitcount;
      const outcome = found !== invert;
      if (reap) {
        const kept = entry.stamps.filter((stamp) => stamp >= since);
        if (kept.length === 0 && !(operation === "--update" && outcome)) list.delete(key);
        else list.set(key, { ...entry, stamps: kept });
      }
      if (operation === "--update" && outcome) touch(list.get(key) ?? entry);
      return outcome;
    };
  },

  symbolic: ({ operation, invert, name }) =>
    operation === "--set"
      ? invertible(everything, invert)
      : unknown(`recent: which addresses were seen before, list ${name}`),
});

/** One address of a list, oldest entry first in the Map. Stamps in ms. */
interface RecentEntry {
  readonly ttl: number;
  readonly stamps: readonly number[];
}

/** Module parameters ip_list_tot and, at most, ip_pkt_list_tot. */
const MAX_ENTRIES = 100;
const MAX_STAMPS = 256;
