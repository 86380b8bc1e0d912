/**
 * The `rt` match: the IPv6 routing header.
 *
 *     [!] --rt-type type
 *     [!] --rt-segsleft num[:num]
 *     [!] --rt-len length
 *     --rt-0-res
 *     --rt-0-addrs addr[,addr…]
 *     --rt-0-not-strict
 *
 * Options of type 0 must be written behind `--rt-type 0`, and `--rt-0-not-strict` behind `--rt-0-addrs`. Without it
 * the header must hold just these addresses in this order; with it, other addresses may stand between them.
 * Kernel: net/ipv6/netfilter/ip6t_rt.c, rt_mt6() and rt_mt6_check(), revision 0.
 */

import {
  type Address,
  findIpv6Header,
  get32,
  parseAddress,
  printAddress,
  readWords,
  toWords,
} from "../../net/index.ts";
import { unknown } from "../../pktset/index.ts";
import { defineMatch, flag, type Occurrence, optional } from "../contract.ts";
import { refuseHost } from "../hosts.ts";
import { inRange, type NumberRange, printUintRange, uint32, uintRange } from "../numbers.ts";
import { addressKey } from "../packet-tests.ts";
import { type Refusal, refuse, refuseOption } from "../refusal.ts";

export interface RtInfo {
  readonly type: Occurrence<number> | undefined;
  readonly segmentsLeft: Occurrence<NumberRange> | undefined;
  readonly length: Occurrence<number> | undefined;
  /** The reserved field must be zero. */
  readonly reserved: boolean;
  readonly addresses: readonly Address[] | undefined;
  /** Nothing may stand between the addresses. */
  readonly strict: boolean;
}

/** IP6T_RT_HOPS. */
const MAX_ADDRESSES = 16;
const MAX_SEGMENTS = 0xffffffff;

function parseAddresses(text: string): readonly Address[] | Refusal {
  const items = text.split(",");
  if (items.length > MAX_ADDRESSES)
    return refuse(
      "xt/too-many-values",
      `the list has ${items.length} addresses, at most ${MAX_ADDRESSES} fit`,
      "shorten it",
    );
  const addresses: Address[] = [];
  for (const item of items) {
    const address = parseAddress(item, "ipv6");
    if (address === undefined) return refuseHost(item, "ipv6");
    addresses.push(address);
  }
  return addresses;
}

const isBefore = (first: Occurrence<unknown> | undefined, second: Occurrence<unknown>): boolean =>
  first !== undefined && (first.start ?? 0) <= (second.start ?? 0);

export const rt = defineMatch({
  name: "rt",
  revision: 0,
  families: ["ipv6"],
  summary: "the IPv6 routing header",
  options: {
    "--rt-type": optional(uint32, { invertible: true, operand: "type" }),
    "--rt-segsleft": optional(uintRange(MAX_SEGMENTS), { invertible: true, operand: "num[:num]" }),
    "--rt-len": optional(uint32, { invertible: true, operand: "length" }),
    "--rt-0-res": flag(),
    "--rt-0-addrs": optional(parseAddresses, { operand: "addr[,addr…]" }),
    "--rt-0-not-strict": flag(),
  },

  build: (given) => {
    const {
      "--rt-type": type,
      "--rt-segsleft": segments,
      "--rt-0-addrs": addresses,
      "--rt-0-not-strict": notStrict,
    } = given;
    for (const option of ["--rt-0-res", "--rt-0-addrs"] as const) {
      const use = given[option];
      if (use === undefined || (type?.value === 0 && !type.invert && isBefore(type, use))) continue;
      return refuseOption(
        "xt/missing-option",
        option,
        `"${option}" works only behind "--rt-type 0"`,
        `write --rt-type 0 before ${option}`,
      );
    }
    if (notStrict !== undefined && !isBefore(addresses, notStrict)) {
      return refuseOption(
        "xt/missing-option",
        "--rt-0-not-strict",
        `"--rt-0-not-strict" works only behind "--rt-0-addrs"`,
        "write --rt-0-addrs before it",
      );
    }
    const all = segments !== undefined && segments.value.low === 0 && segments.value.high === MAX_SEGMENTS;
    if (all && segments.invert) {
      return refuseOption(
        "xt/never-matches",
        "--rt-segsleft",
        `"! --rt-segsleft 0:${MAX_SEGMENTS}" can match nothing, and iptables-save does not print it`,
        "name the numbers to exclude",
      );
    }
    const info: RtInfo = {
      type,
      segmentsLeft: all ? undefined : segments,
      length: given["--rt-len"],
      reserved: given["--rt-0-res"] !== undefined,
      addresses: addresses?.value,
      strict: notStrict === undefined,
    };
    return info;
  },

  print: ({ type, segmentsLeft, length, reserved, addresses, strict }) => {
    const parts: string[] = [];
    if (type !== undefined) parts.push(`${type.invert ? "! " : ""}--rt-type ${type.value}`);
    if (segmentsLeft !== undefined)
      parts.push(`${segmentsLeft.invert ? "! " : ""}--rt-segsleft ${printUintRange(segmentsLeft.value)}`);
    if (length !== undefined) parts.push(`${length.invert ? "! " : ""}--rt-len ${length.value}`);
    if (reserved) parts.push("--rt-0-res");
    if (addresses !== undefined) parts.push(`--rt-0-addrs ${addresses.map(printAddress).join(",")}`);
    if (!strict) parts.push("--rt-0-not-strict");
    return parts.join(" ");
  },

  evaluate:
    ({ type, segmentsLeft, length, reserved, addresses, strict }) =>
    ({ bytes }) => {
      const found = findIpv6Header(bytes, 43);
      if (found === undefined || found === "later-fragment") return false;
      const at = found.offset;
      const size = ((bytes[at + 1] as number) + 1) * 8;
      if (bytes.length - at < size) return false;
      if (type !== undefined && (bytes[at + 2] === type.value) === type.invert) return false;
      if (segmentsLeft !== undefined && !inRange(segmentsLeft, bytes[at + 3] as number)) return false;
      if (length !== undefined && (size === length.value) === length.invert) return false;
      if (reserved && get32(bytes, at + 4) !== 0) return false;
      if (addresses === undefined || addresses.length === 0) return true;
      const listed: string[] = [];
      for (let next = at + 8; next + 16 <= at + size; next += 16)
        listed.push(addressKey(readWords("ipv6", bytes, next)));
      const wanted = addresses.map((address) => addressKey(toWords(address)));
      if (strict)
        return listed.length === wanted.length && wanted.every((key, index) => listed[index] === key);
      let next = 0;
      for (const key of listed) if (key === wanted[next]) next++;
      return next === wanted.length;
    },

  symbolic: () => unknown("rt: extension headers are in no field"),
});
