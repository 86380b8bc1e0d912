/**
 * The `srh` match: the IPv6 segment routing header (RFC 8754).
 *
 *     [!] --srh-next-hdr next-header
 *     [!] --srh-hdr-len-eq | --srh-hdr-len-gt | --srh-hdr-len-lt length
 *     [!] --srh-segs-left-eq | --srh-segs-left-gt | --srh-segs-left-lt number
 *     [!] --srh-last-entry-eq | --srh-last-entry-gt | --srh-last-entry-lt number
 *     [!] --srh-tag tag
 *     [!] --srh-psid | --srh-nsid | --srh-lsid address[/mask]
 *
 * `-eq`, `-gt` and `-lt` of one field share one number in the kernel's structure, so that iptables silently gives all
 * three the value written last; Postern refuses different ones. The segment addresses are the previous, the next and
 * the last. The kernel compares the tag without regard to byte order: on a little-endian host 0x0100 means tag 1. Kernel: net/ipv6/netfilter/ip6t_srh.c, srh1_mt6(), revision 1.
 */

import { findIpv6Header, type MaskedAddress, maskBits, printAddress } from "../../net/index.ts";
import { unknown } from "../../pktset/index.ts";
import { defineMatch, type Occurrence, optional } from "../contract.ts";
import { uint8, uint16 } from "../numbers.ts";
import { type Refusal, refuseOption } from "../refusal.ts";
import { resolvedHostWithMask } from "../resolved-hosts.ts";

const NUMBERS = [
  "--srh-next-hdr",
  "--srh-hdr-len-eq",
  "--srh-hdr-len-gt",
  "--srh-hdr-len-lt",
  "--srh-segs-left-eq",
  "--srh-segs-left-gt",
  "--srh-segs-left-lt",
  "--srh-last-entry-eq",
  "--srh-last-entry-gt",
  "--srh-last-entry-lt",
  "--srh-tag",
] as const;
const SEGMENTS = ["--srh-psid", "--srh-nsid", "--srh-lsid"] as const;

/** Options that share one number in the kernel. */
const SHARED: readonly (readonly (typeof NUMBERS)[number][])[] = [
  NUMBERS.slice(1, 4),
  NUMBERS.slice(4, 7),
  NUMBERS.slice(7, 10),
];

/** The tests by their option, in the order of printing. */
export interface SrhInfo {
  readonly numbers: readonly {
    readonly option: (typeof NUMBERS)[number];
    readonly value: number;
    readonly invert: boolean;
  }[];
  readonly segments: readonly {
    readonly option: (typeof SEGMENTS)[number];
    readonly value: MaskedAddress;
    readonly invert: boolean;
  }[];
}

const byte = (operand: string) => optional(uint8, { invertible: true, operand });
const segment = optional(resolvedHostWithMask, { invertible: true, operand: "address[/mask]" });

function tests<Name extends string, T>(
  names: readonly Name[],
  given: { readonly [N in Name]: Occurrence<T> | undefined },
) {
  return names.flatMap((option) => {
    const use: Occurrence<T> | undefined = given[option];
    return use === undefined ? [] : [{ option, value: use.value, invert: use.invert }];
  });
}

export const srh = defineMatch({
  name: "srh",
  revision: 1,
  families: ["ipv6"],
  summary: "the IPv6 segment routing header",
  options: {
    "--srh-next-hdr": byte("next-header"),
    "--srh-hdr-len-eq": byte("length"),
    "--srh-hdr-len-gt": byte("length"),
    "--srh-hdr-len-lt": byte("length"),
    "--srh-segs-left-eq": byte("number"),
    "--srh-segs-left-gt": byte("number"),
    "--srh-segs-left-lt": byte("number"),
    "--srh-last-entry-eq": byte("number"),
    "--srh-last-entry-gt": byte("number"),
    "--srh-last-entry-lt": byte("number"),
    "--srh-tag": optional(uint16, { invertible: true, operand: "tag" }),
    "--srh-psid": segment,
    "--srh-nsid": segment,
    "--srh-lsid": segment,
  },

  build: (given): SrhInfo | Refusal => {
    for (const options of SHARED) {
      const uses = tests(options, given);
      const [first] = uses;
      const other = uses.find(({ value }) => value !== first?.value);
      if (first !== undefined && other !== undefined) {
        return refuseOption(
          "xt/conflicting-options",
          other.option,
          `"${first.option} ${first.value}" and "${other.option} ${other.value}" share one number, and iptables would keep only the last`,
          'give each a "-m srh" of its own',
        );
      }
    }
    return {
      numbers: tests(NUMBERS, given),
      segments: tests<(typeof SEGMENTS)[number], MaskedAddress>(SEGMENTS, given),
    };
  },

  print: ({ numbers, segments }) =>
    [
      ...numbers.map(({ option, value, invert }) => `${invert ? "! " : ""}${option} ${value}`),
      ...segments.map(
        ({ option, value: { address, mask }, invert }) =>
          `${invert ? "! " : ""}${option} ${printAddress(address)}/${maskBits(mask)}`,
      ),
    ].join(" "),

  evaluate:
    () =>
    ({ bytes }) => {
      const found = findIpv6Header(bytes, 43);
      return found === undefined || found === "later-fragment" ? false : "unknown";
    },

  symbolic: () => unknown("srh: extension headers are in no field"),
});
