/**
 * The `hashlimit` match: a token bucket for each group of packets, kept in a named table of the kernel.
 *
 *     [!] --hashlimit-upto, --hashlimit rate
 *     [!] --hashlimit-above rate
 *     --hashlimit-name name                        [--hashlimit-mode srcip|srcport|dstip|dstport[,...]]
 *     [--hashlimit-burst amount]                   [--hashlimit-srcmask length] [--hashlimit-dstmask length]
 *     [--hashlimit-htable-size buckets]            [--hashlimit-htable-max entries]
 *     [--hashlimit-htable-gcinterval msec]         [--hashlimit-htable-expire msec]
 *     [--hashlimit-rate-match [--hashlimit-rate-interval sec]]
 *
 * The rate is of packets (`5/min`) or bytes (`512kb/s`). Entries expire after one unit of the rate as written, 15
 * seconds for bytes or 60 if they have a burst; iptables-save prints the expiry only where it is not that of the
 * rate as printed, so that `60/min`, printed as `1/sec`, gains a 60000. With `--hashlimit-rate-match` a rate of
 * packets is turned into the same number a second over an interval of the unit: `5/min` is listed as `5/sec` and
 * an interval of 60. Rules that share a name share the table of the first.
 * Kernel: net/netfilter/xt_hashlimit.c, hashlimit_mt(), revision 3.
 */

import { addressBits, get16, PROTOCOL, prefixMask, toWords } from "../../net/index.ts";
import { unknown } from "../../pktset/index.ts";
import { parseBurst } from "../byte-rate.ts";
import { defineMatch, flag, optional, required, type ValueParser } from "../contract.ts";
import { decimalNumber } from "../decimal.ts";
import {
  bucketRefusal,
  bucketSize,
  expirySec,
  type HashBucket,
  keptBurst,
  parseHashRate,
  printBucket,
  rateMatchRefusal,
} from "../hashlimit-rate.ts";
import { uint, uint32 } from "../numbers.ts";
import { addressKey, destinationOf, maskedWords, sourceOf } from "../packet-tests.ts";
import { procName } from "../proc-name.ts";
import { Refusal, refuse } from "../refusal.ts";
import { prefixLength } from "../resolved-hosts.ts";
import type { Skb } from "../skb.ts";

const GC_INTERVAL_MSEC = 1000;
/** HASHLIMIT_MAX_SIZE; the kernel cuts more down to it. */
const MAX_SIZE = 1_048_576;
/** In the order of printing. */
const MODES = ["srcip", "srcport", "dstip", "dstport"] as const;
type Mode = (typeof MODES)[number];

export interface HashlimitInfo extends HashBucket {
  readonly above: boolean;
  readonly modes: readonly Mode[];
  readonly name: string;
  /** 0: the kernel chooses. */
  readonly size: number;
  readonly max: number;
  readonly gcIntervalMsec: number;
  readonly expireMsec: number;
  readonly sourceBits: number;
  readonly destinationBits: number;
  /** Seconds of `--hashlimit-rate-match`, undefined without. */
  readonly rateMatchSec: number | undefined;
}

const parseModes: ValueParser<readonly Mode[]> = (text) => {
  const words = text.split(/[,|]/);
  const wrong = words.find((word) => word !== "" && !(MODES as readonly string[]).includes(word));
  if (wrong === undefined) return MODES.filter((mode) => words.includes(mode));
  return refuse("xt/unknown-keyword", `"${wrong}" is not a mode`, `write ${MODES.join(", ")}`);
};

const prefixBits: ValueParser<number> = (text, context) => {
  const bits = prefixLength(text, context);
  if (typeof bits === "number") return bits;
  const hint = `write a length from 0 to ${addressBits(context.family)}`;
  return refuse("xt/bad-mask", `the mask "${text}" is no prefix`, hint);
};

const seconds: ValueParser<number> = (text) =>
  decimalNumber(text, 1, 0x7fffffff) ??
  refuse("xt/bad-number", `"${text}" is not a number of seconds`, "write a decimal number from 1");

const unless = (usual: number, option: string, value: number): string =>
  value === usual ? "" : ` --hashlimit-${option} ${value}`;

export const hashlimit = defineMatch({
  name: "hashlimit",
  revision: 3,
  families: ["ipv4", "ipv6"],
  summary: "at most so many packets or bytes in a time, for each group of addresses and ports",
  options: {
    "--hashlimit-upto": optional(parseHashRate, {
      invertible: true,
      aliases: ["--hashlimit"],
      excludes: ["--hashlimit-above"],
      operand: "rate",
    }),
    "--hashlimit-above": optional(parseHashRate, { invertible: true, operand: "rate" }),
    "--hashlimit-burst": optional(parseBurst, { operand: "amount" }),
    "--hashlimit-mode": optional(parseModes, { operand: "mode[,mode...]" }),
    "--hashlimit-srcmask": optional(prefixBits, { operand: "length" }),
    "--hashlimit-dstmask": optional(prefixBits, { operand: "length" }),
    "--hashlimit-name": required(procName(254), { operand: "name" }),
    "--hashlimit-htable-size": optional(uint(0, MAX_SIZE), { operand: "buckets" }),
    "--hashlimit-htable-max": optional(uint(0, MAX_SIZE), { operand: "entries" }),
    "--hashlimit-htable-gcinterval": optional(uint32, { operand: "msec" }),
    "--hashlimit-htable-expire": optional(uint32, { operand: "msec" }),
    "--hashlimit-rate-match": flag(),
    "--hashlimit-rate-interval": optional(seconds, { operand: "sec", requires: ["--hashlimit-rate-match"] }),
  },

  build: (given, { family }) => {
    const upto = given["--hashlimit-upto"];
    const use = upto ?? given["--hashlimit-above"];
    if (use === undefined) {
      return refuse("xt/missing-option", "a rate must be given", "add --hashlimit-upto or --hashlimit-above");
    }
    const rate = use.value;
    const burst = keptBurst(rate, given["--hashlimit-burst"]?.value);
    if (burst instanceof Refusal) return burst;
    const rateMatch = given["--hashlimit-rate-match"] !== undefined;
    const packetSec = rate.bytes ? 1 : rate.unitSec;
    const interval = given["--hashlimit-rate-interval"]?.value ?? packetSec;
    return {
      above: (upto === undefined) !== use.invert,
      cost: rateMatch ? Math.floor(rate.cost / packetSec) : rate.cost,
      bytes: rate.bytes,
      burst,
      modes: given["--hashlimit-mode"]?.value ?? [],
      name: given["--hashlimit-name"].value,
      size: given["--hashlimit-htable-size"]?.value ?? 0,
      max: given["--hashlimit-htable-max"]?.value ?? 0,
      gcIntervalMsec: given["--hashlimit-htable-gcinterval"]?.value ?? GC_INTERVAL_MSEC,
      expireMsec: given["--hashlimit-htable-expire"]?.value ?? expirySec(rate, burst) * 1000,
      sourceBits: given["--hashlimit-srcmask"]?.value ?? addressBits(family),
      destinationBits: given["--hashlimit-dstmask"]?.value ?? addressBits(family),
      rateMatchSec: rateMatch ? interval : undefined,
    } satisfies HashlimitInfo;
  },

  print: (info: HashlimitInfo, { family }) => {
    const bucket = printBucket(info);
    const bits = addressBits(family);
    const modes = info.modes.length === 0 ? "" : ` --hashlimit-mode ${info.modes.join(",")}`;
    const interval = info.rateMatchSec;
    return [
      `--hashlimit-${info.above ? "above" : "upto"} ${bucket.text}${modes} --hashlimit-name ${info.name}`,
      unless(0, "htable-size", info.size),
      unless(0, "htable-max", info.max),
      unless(GC_INTERVAL_MSEC, "htable-gcinterval", info.gcIntervalMsec),
      unless(bucket.expirySec * 1000, "htable-expire", info.expireMsec),
      unless(bits, "srcmask", info.sourceBits),
      unless(bits, "dstmask", info.destinationBits),
      interval === undefined ? "" : ` --hashlimit-rate-match${unless(1, "rate-interval", interval)}`,
    ].join("");
  },

  check: (info: HashlimitInfo) => {
    if (info.gcIntervalMsec === 0 || info.expireMsec === 0) {
      return refuse(
        "xt/out-of-range",
        "the kernel refuses a time of 0 milliseconds",
        "leave it out, or write 1 or more",
      );
    }
    return info.rateMatchSec === undefined ? bucketRefusal(info) : rateMatchRefusal(info);
  },

  evaluate: (info, machine) => {
    const { above, name } = info;
    // Rules of one name share a table, which keeps the settings of the rule that was loaded first.
    const { settings, entries } = machine.shared(`hashlimit ${machine.family} ${name}`, () => ({
      settings: info,
      entries: new Map<string, HashEntry>(),
    }));
    const { modes, cost, bytes, burst, expireMsec, sourceBits, destinationBits, rateMatchSec } = settings;
    const sourceMask = toWords(prefixMask(machine.family, sourceBits));
    const destinationMask = toWords(prefixMask(machine.family, destinationBits));
    const full = bytes ? BYTE_CREDIT : bucketSize(cost, burst);
    const ports = modes.includes("srcport") || modes.includes("dstport");
    return (skb) => {
      if (rateMatchSec !== undefined) return "unknown";
      const key: string[] = [];
      if (modes.includes("srcip")) key.push(addressKey(maskedWords(sourceOf(skb), sourceMask)));
      if (modes.includes("dstip")) key.push(addressKey(maskedWords(destinationOf(skb), destinationMask)));
      const offset = ports ? portsOffset(skb) : undefined;
      if (offset !== undefined) {
        if (skb.bytes.length < offset + 4) return "hotdrop";
        if (modes.includes("srcport")) key.push(`s${get16(skb.bytes, offset)}`);
        if (modes.includes("dstport")) key.push(`d${get16(skb.bytes, offset + 2)}`);
      }
      const at = key.join(" ");
      const jiffy = Math.floor(machine.now() / MS_PER_JIFFY);
      let entry = entries.get(at);
      if (entry === undefined || entry.expires <= machine.now()) {
        entry = { credit: full, bursts: burst, jiffy, expires: 0 };
        entries.set(at, entry);
      } else {
        const gained =
          (jiffy - entry.jiffy) * (bytes ? BYTE_CREDIT / JIFFIES_PER_SEC : PACKET_SCALE / JIFFIES_PER_SEC);
        entry.credit = Math.min(full, entry.credit + gained);
        entry.jiffy = jiffy;
      }
      entry.expires = machine.now() + expireMsec;
      let price = cost;
      if (bytes) {
        const chunks = Math.floor(skb.bytes.length / 16) + 1;
        price = Math.min(BYTE_CREDIT, chunks * Math.floor((cost * BYTE_CREDIT) / 2 ** 32));
        if (entry.credit < price && entry.bursts > 0) {
          entry.bursts--;
          entry.credit = BYTE_CREDIT;
        }
      }
      if (entry.credit < price) return above;
      entry.credit -= price;
      return !above;
    };
  },

  symbolic: () => unknown("hashlimit: how fast packets come"),
});

/**
 * Where what stands for ports is: of ESP and AH the SPI, and of a later IPv4 fragment what happens to be there.
 * Kernel: proto_ports_offset().
 */
function portsOffset({ family, protocol, transport, fragmentOffset }: Skb): number | undefined {
  if (family === "ipv6" && fragmentOffset !== 0) return undefined;
  if (protocol === PROTOCOL.ah) return transport + 4;
  return PORTED.has(protocol) ? transport : undefined;
}

/** One group's bucket. */
interface HashEntry {
  credit: number;
  /** Bytes: whole seconds' worth that are left of the burst. */
  bursts: number;
  jiffy: number;
  /** ms */
  expires: number;
}

/** The kernel counts in jiffies of HZ=250. */
const JIFFIES_PER_SEC = 250;
const MS_PER_JIFFY = 4;
/** XT_HASHLIMIT_SCALE_v2: ticks a second. */
const PACKET_SCALE = 1_000_000;
/** CREDITS_PER_JIFFY_BYTES times HZ: a second's worth. */
const BYTE_CREDIT = 2 ** 24 * JIFFIES_PER_SEC;
const PORTED: ReadonlySet<number> = new Set([6, 17, 33, 50, 132, 136]);
