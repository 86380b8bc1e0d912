/**
 * The `frag` match: the IPv6 fragment header.
 *
 *     [!] --fragid id[:id]
 *     [!] --fraglen length
 *     --fragres
 *     --fragfirst
 *     --fragmore | --fraglast
 *
 * A packet without the header does not match. The kernel keeps `--fraglen` and never looks at it (since 2.6.10):
 * the header is always 8 bytes. Kernel: net/ipv6/netfilter/ip6t_frag.c, frag_mt6(), revision 0.
 */

import { findIpv6Header, get16, get32 } from "../../net/index.ts";
import { both, either, is, nothing, unknown } from "../../pktset/index.ts";
import { defineMatch, flag, type Occurrence, optional } from "../contract.ts";
import { inRange, type NumberRange, printUintRange, uint32, uintRange } from "../numbers.ts";
import { refuseOption } from "../refusal.ts";

export interface FragInfo {
  readonly ids: Occurrence<NumberRange> | undefined;
  readonly length: Occurrence<number> | undefined;
  /** The reserved bits must be zero. */
  readonly reserved: boolean;
  /** Offset 0. */
  readonly first: boolean;
  /** The flag "more fragments": true if it must be set, false if it must not. */
  readonly more: boolean | undefined;
}

const MAX_ID = 0xffffffff;

export const frag = defineMatch({
  name: "frag",
  revision: 0,
  families: ["ipv6"],
  summary: "the IPv6 fragment header",
  options: {
    "--fragid": optional(uintRange(MAX_ID), { invertible: true, operand: "id[:id]" }),
    "--fraglen": optional(uint32, { invertible: true, operand: "length" }),
    "--fragres": flag(),
    "--fragfirst": flag(),
    "--fragmore": flag({ excludes: ["--fraglast"] }),
    "--fraglast": flag({ excludes: ["--fragmore"] }),
  },

  build: (given) => {
    const id = given["--fragid"];
    const all = id !== undefined && id.value.low === 0 && id.value.high === MAX_ID;
    if (all && id.invert) {
      return refuseOption(
        "xt/never-matches",
        "--fragid",
        `"! --fragid 0:${MAX_ID}" can match nothing, and iptables-save does not print it`,
        "name the ids to exclude",
      );
    }
    const info: FragInfo = {
      ids: all ? undefined : id,
      length: given["--fraglen"],
      reserved: given["--fragres"] !== undefined,
      first: given["--fragfirst"] !== undefined,
      more: given["--fragmore"] !== undefined ? true : given["--fraglast"] !== undefined ? false : undefined,
    };
    return info;
  },

  print: ({ ids, length, reserved, first, more }) => {
    const parts: string[] = [];
    if (ids !== undefined) parts.push(`${ids.invert ? "! " : ""}--fragid ${printUintRange(ids.value)}`);
    if (length !== undefined) parts.push(`${length.invert ? "! " : ""}--fraglen ${length.value}`);
    if (reserved) parts.push("--fragres");
    if (first) parts.push("--fragfirst");
    if (more !== undefined) parts.push(more ? "--fragmore" : "--fraglast");
    return parts.join(" ");
  },

  evaluate:
    ({ ids, length, reserved, first, more }) =>
    ({ bytes }) => {
      const found = findIpv6Header(bytes, 44);
      if (found === undefined || found === "later-fragment") return false;
      const at = found.offset;
      const field = get16(bytes, at + 2);
      if (ids !== undefined && !inRange(ids, get32(bytes, at + 4))) return false;
      if (length !== undefined && length.value !== 0 && (length.value === 8) === length.invert) return false;
      if (reserved && ((bytes[at + 1] as number) !== 0 || (field & 6) !== 0)) return false;
      if (first && (field & 0xfff8) !== 0) return false;
      return more === undefined || ((field & 1) === 1) === more;
    },

  // Only a later fragment surely has the header.
  symbolic: ({ ids, length, reserved, first, more }) => {
    if (length !== undefined && length.value !== 0 && (length.value === 8) === length.invert) return nothing;
    const header = unknown("frag: the fragment header is in no field");
    if (first) return both(is("fragment", 0), header);
    return ids === undefined && !reserved && more === undefined ? either(is("fragment", 1), header) : header;
  },
});
