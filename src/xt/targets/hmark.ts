/**
 * The `HMARK` target: sets the packet's mark to a hash of some of its fields.
 *
 *     --hmark-tuple field[,field…]  of ct, src, dst, sport, dport, proto, spi
 *     --hmark-mod n  --hmark-rnd seed  [--hmark-offset n]
 *     --hmark-src-prefix length  --hmark-dst-prefix length
 *     --hmark-sport-mask bits  --hmark-dport-mask bits  --hmark-spi-mask bits  --hmark-proto-mask bits
 *     --hmark-sport bits  --hmark-dport bits  --hmark-spi bits
 *
 * The mark becomes hash modulo `mod` plus offset. A field of the tuple is short for its whole mask, and iptables
 * forgets a narrower mask given before it, which Postern refuses. `--hmark-sport` and its like are or-ed into the
 * masked field. Ports and SPI share one word, so neither their masks nor their bits go together.
 * Kernel: net/netfilter/xt_HMARK.c, hmark_tg_check() and hmark_hash(), revision 0.
 */

import {
  type AddressWords,
  addressBits,
  type Family,
  get16,
  get32,
  jhash2,
  maskBits,
  prefixMask,
  readWords,
  scaleHash,
  toWords,
} from "../../net/index.ts";
import { byAbbreviation } from "../abbreviations.ts";
import { defineTarget, optional, required, type ValueParser } from "../contract.ts";
import { parseMask } from "../hosts.ts";
import { uint, uint16, uint32 } from "../numbers.ts";
import { Refusal, refuse, refuseOption } from "../refusal.ts";
import { Skb } from "../skb.ts";

/** A field that takes part under a mask, in the order in which iptables-save prints them. */
const MASKS = [
  { field: "src", option: "--hmark-src-prefix", digits: 0 },
  { field: "dst", option: "--hmark-dst-prefix", digits: 0 },
  { field: "sport", option: "--hmark-sport-mask", digits: 4 },
  { field: "dport", option: "--hmark-dport-mask", digits: 4 },
  { field: "spi", option: "--hmark-spi-mask", digits: 8 },
] as const;
const ADDED = [
  { field: "sport", option: "--hmark-sport", digits: 4 },
  { field: "dport", option: "--hmark-dport", digits: 4 },
  { field: "spi", option: "--hmark-spi", digits: 8 },
] as const;

type Field = "ct" | "proto" | (typeof MASKS)[number]["field"];
const FIELDS: readonly Field[] = ["ct", "src", "dst", "sport", "dport", "proto", "spi"];
const FIELD_NUMBERS: ReadonlyMap<string, number> = new Map(FIELDS.map((field, index) => [field, index]));

export interface HmarkInfo {
  readonly modulus: number;
  readonly seed: number;
  readonly offset: number | undefined;
  /** Take the addresses and ports of the connection's original direction. */
  readonly conntrack: boolean;
  /** `src` and `dst` as prefix lengths. */
  readonly masks: Readonly<Partial<Record<Field, number>>>;
  readonly added: Readonly<Partial<Record<Field, number>>>;
}

function parseTuple(text: string): ReadonlySet<Field> | Refusal {
  const fields = new Set<Field>();
  for (const item of text.split(",")) {
    const index = byAbbreviation(item, FIELD_NUMBERS);
    if (index instanceof Refusal) return index;
    if (index === undefined)
      return refuse(
        "xt/unknown-keyword",
        `"${item}" is not a field to hash`,
        `write ${FIELDS.join(", ")}, with commas between`,
      );
    fields.add(FIELDS[index] as Field);
  }
  return fields;
}

/** A length, or a mask that is a prefix; iptables makes the longest of any other, and an address of "33". */
const parsePrefix: ValueParser<number> = (text, { family }) => {
  const mask = parseMask(text, family);
  if (typeof mask === "object") return mask;
  return (
    maskBits(mask) ??
    refuse(
      "xt/bad-mask",
      `"${text}" is not the mask of a prefix`,
      `write a length from 0 to ${addressBits(family)}`,
    )
  );
};

const wholeMask = (digits: number): number => 2 ** (4 * digits) - 1;
const hex = (value: number, digits: number): string => `0x${value.toString(16).padStart(digits, "0")}`;

const bits16 = optional(uint16, { operand: "bits" });
const bits32 = optional(uint32, { operand: "bits" });
const prefix = optional(parsePrefix, { operand: "length" });

interface HashedFields {
  readonly family: Family;
  readonly source: AddressWords;
  readonly destination: AddressWords;
  readonly protocol: number;
  /** Both ports, the source's in the upper half, or the SPI; undefined if there are none. */
  readonly ports: number | undefined;
}

const ICMP_ERRORS: ReadonlySet<number> = new Set([3, 4, 5, 11, 12]);
/** Where four bytes of ports or SPI stand in each header. Kernel: proto_ports_offset(). */
const PORTS_AT: Readonly<Record<number, number>> = { 6: 0, 17: 0, 33: 0, 50: 0, 51: 4, 132: 0, 136: 0 };

/** Of an ICMP error the packet that it quotes is taken. Kernel: hmark_pkt_set_htuple_ipv4() and _ipv6(). */
function packetFields(skb: Skb): HashedFields | undefined {
  const { family, bytes, transport, protocol } = skb;
  const type = bytes[transport];
  const ipv4 = family === "ipv4";
  const quotes =
    protocol === (ipv4 ? 1 : 58) &&
    (ipv4 || skb.fragmentOffset === 0) &&
    skb.hasTransport(8) &&
    type !== undefined &&
    (ipv4 ? ICMP_ERRORS.has(type) : type !== 0 && type < 128);
  if (!quotes) return fieldsOf(skb);
  const inner = bytes.subarray(transport + 8);
  return inner.length < (ipv4 ? 20 : 40) ? undefined : fieldsOf(new Skb(family, inner));
}

function fieldsOf({ family, bytes, transport, protocol, fragmentOffset }: Skb): HashedFields {
  const ipv4 = family === "ipv4";
  const at = PORTS_AT[protocol];
  const whole = ipv4 ? (get16(bytes, 6) & 0x3fff) === 0 : fragmentOffset === 0;
  const hasPorts = at !== undefined && whole && bytes.length >= transport + at + 4;
  return {
    family,
    source: readWords(family, bytes, ipv4 ? 12 : 8),
    destination: readWords(family, bytes, ipv4 ? 16 : 24),
    protocol,
    ports: hasPorts ? get32(bytes, transport + at) : undefined,
  };
}

/** Kernel: hmark_ct_set_htuple(). */
function connectionFields({ ct }: Skb): HashedFields | undefined {
  if (ct === undefined) return undefined;
  const { original, reply } = ct;
  const { family, protocol } = original;
  return {
    family,
    source: { w0: original.s0, w1: original.s1, w2: original.s2, w3: original.s3 },
    destination: { w0: reply.s0, w1: reply.s1, w2: reply.s2, w3: reply.s3 },
    protocol,
    ports: protocol === 1 ? undefined : (original.sport << 16) | reply.sport,
  };
}

/** The same for both directions: the smaller address is hashed first, and of the ports the greater. Kernel: hmark_hash(). */
function hashOf(fields: HashedFields, { masks, added, modulus, seed }: HmarkInfo): number {
  const { family } = fields;
  const address = (words: AddressWords, prefixBits: number | undefined): number => {
    if (prefixBits === undefined) return 0;
    const mask = toWords(prefixMask(family, prefixBits));
    return ((words.w0 & mask.w0) ^ (words.w1 & mask.w1) ^ (words.w2 & mask.w2) ^ (words.w3 & mask.w3)) >>> 0;
  };
  const pair = (of: HmarkInfo["added"]): number => of.spi ?? ((of.sport ?? 0) << 16) | (of.dport ?? 0);
  let ports = 0;
  if (fields.ports !== undefined) {
    const taken = ((fields.ports & pair(masks)) | pair(added)) >>> 0;
    const [source, destination] = [taken >>> 16, taken & 0xffff];
    ports = destination > source ? (destination << 16) | source : taken;
  }
  const [low, high] = [address(fields.source, masks.src), address(fields.destination, masks.dst)].sort(
    (a, b) => a - b,
  ) as [number, number];
  const hash = jhash2([low, high, ports], seed) ^ (fields.protocol & (masks.proto ?? 0));
  return scaleHash(hash, modulus);
}

export const hmark = defineTarget({
  name: "HMARK",
  revision: 0,
  families: ["ipv4", "ipv6"],
  summary: "set the packet's mark to a hash of its fields",
  options: {
    "--hmark-tuple": optional(parseTuple, { operand: "field[,field…]" }),
    "--hmark-mod": required(uint(1, 0xffffffff), { operand: "n" }),
    "--hmark-rnd": required(uint32, { operand: "seed" }),
    "--hmark-offset": optional(uint32, { operand: "n" }),
    "--hmark-src-prefix": prefix,
    "--hmark-dst-prefix": prefix,
    "--hmark-sport-mask": bits16,
    "--hmark-dport-mask": bits16,
    "--hmark-spi-mask": bits32,
    "--hmark-sport": bits16,
    "--hmark-dport": bits16,
    "--hmark-spi": bits32,
    "--hmark-proto-mask": bits16,
  },

  build: (given, { family }): HmarkInfo | Refusal => {
    const tuple: ReadonlySet<Field> = given["--hmark-tuple"]?.value ?? new Set();
    const masks: Partial<Record<Field, number>> = {};
    const added: Partial<Record<Field, number>> = {};
    for (const { field, option, digits } of [
      ...MASKS,
      { field: "proto", option: "--hmark-proto-mask", digits: 4 } as const,
    ]) {
      const own = given[option]?.value;
      if (own !== undefined && tuple.has(field)) {
        return refuseOption(
          "xt/conflicting-options",
          option,
          `"${field}" of --hmark-tuple and ${option} say the same field twice`,
          "remove one of them",
        );
      }
      if (own !== undefined) masks[field] = own;
      else if (tuple.has(field)) masks[field] = digits === 0 ? addressBits(family) : wholeMask(digits);
    }
    for (const { field, option } of ADDED) {
      const own = given[option]?.value;
      if (own !== undefined) added[field] = own;
    }
    for (const each of [masks, added]) {
      if (each.spi !== undefined && (each.sport !== undefined || each.dport !== undefined)) {
        return refuse(
          "xt/conflicting-options",
          "ports and SPI stand in the same place and cannot both be hashed",
          "split the rule by protocol",
        );
      }
    }
    if (!tuple.has("ct") && Object.keys(masks).length === 0 && Object.keys(added).length === 0) {
      return refuse(
        "xt/missing-option",
        "no field is given to hash",
        "add --hmark-tuple, such as --hmark-tuple src,dst",
      );
    }
    const offset = given["--hmark-offset"]?.value;
    return {
      modulus: given["--hmark-mod"].value,
      seed: given["--hmark-rnd"].value,
      offset,
      conntrack: tuple.has("ct"),
      masks,
      added,
    };
  },

  print: ({ modulus, seed, offset, conntrack, masks, added }) => {
    const parts: string[] = [];
    for (const { field, option, digits } of MASKS) {
      const value = masks[field];
      if (value !== undefined) parts.push(`${option} ${digits === 0 ? value : hex(value, digits)}`);
    }
    for (const { field, option, digits } of ADDED) {
      const value = added[field];
      if (value !== undefined) parts.push(`${option} ${hex(value, digits)}`);
    }
    if (masks.proto !== undefined) parts.push(`--hmark-proto-mask ${hex(masks.proto, 2)}`);
    parts.push(`--hmark-rnd ${hex(seed, 8)}`, `--hmark-mod ${modulus}`);
    if (offset !== undefined) parts.push(`--hmark-offset ${offset}`);
    if (conntrack) parts.push("--hmark-tuple ct");
    return parts.join(" ");
  },

  evaluate: (info) => (skb) => {
    const fields = info.conntrack ? connectionFields(skb) : packetFields(skb);
    if (fields !== undefined) skb.mark = (hashOf(fields, info) + (info.offset ?? 0)) >>> 0;
    return "continue";
  },

  symbolic: () => ({
    kind: "write",
    writes: [{ kind: "some", field: "mark", reason: "HMARK: the mark is a hash" }],
  }),
});
