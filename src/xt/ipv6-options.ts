/**
 * The IPv6 headers that hold a list of options: hop-by-hop (`hbh`) and destination (`dst`) options. Both matches are
 * one in the kernel and differ only in the names of their command-line options.
 * Source: extensions/libip6t_hbh.c; kernel net/ipv6/netfilter/ip6t_hbh.c, hbh_mt6().
 */

import { findIpv6Header } from "../net/index.ts";
import type { Occurrence } from "./contract.ts";
import type { MatchTest } from "./evaluation.ts";
import { wholeNumber } from "./numbers.ts";
import { type Refusal, refuse } from "./refusal.ts";

/** One option of the header; `lengthBytes` undefined: any length. */
export interface HeaderOption {
  readonly type: number;
  readonly lengthBytes: number | undefined;
}

/** `length` is that of the whole header in bytes; `options` are looked for in this order, one after the other. */
export interface OptionsHeaderInfo {
  readonly length: Occurrence<number> | undefined;
  readonly options: readonly HeaderOption[] | undefined;
}

/** IP6T_OPTS_OPTSNR. */
const MAX_OPTIONS = 16;
/** The kernel's mark for "any length", so that a length of 255 cannot be asked for. */
const ANY_LENGTH = 255;

/** `type[:length],type[:length]…`. */
export function parseHeaderOptions(text: string): readonly HeaderOption[] | Refusal {
  const items = text.split(",");
  if (items.length > MAX_OPTIONS)
    return refuse(
      "xt/too-many-values",
      `the list has ${items.length} options, at most ${MAX_OPTIONS} fit`,
      "split the rule",
    );
  const options: HeaderOption[] = [];
  for (const [index, item] of items.entries()) {
    const option = parseHeaderOption(item);
    if (!("type" in option)) return option;
    // Oddly, iptables takes no length for the last place of a full list.
    if (index === MAX_OPTIONS - 1 && option.lengthBytes !== undefined) {
      return refuse(
        "xt/too-many-values",
        `option ${MAX_OPTIONS}, "${item}", cannot have a length`,
        `write ${option.type} alone, or put it further to the front`,
      );
    }
    options.push(option);
  }
  return options;
}

function parseHeaderOption(item: string): HeaderOption | Refusal {
  const colon = item.indexOf(":");
  const type = wholeNumber(colon < 0 ? item : item.slice(0, colon), 0, 255);
  const lengthBytes = colon < 0 ? undefined : wholeNumber(item.slice(colon + 1), 0, ANY_LENGTH - 1);
  if (type === undefined || (colon >= 0 && lengthBytes === undefined)) {
    return refuse(
      "xt/bad-number",
      `"${item}" is not an option type (0 to 255) with an optional length (0 to ${ANY_LENGTH - 1})`,
      "write type or type:length, such as 5:2",
    );
  }
  if (type === 0 && lengthBytes !== undefined)
    return refuse(
      "xt/out-of-range",
      `"${item}" gives a length to Pad1, which is one byte without length`,
      "write 0",
    );
  return { type, lengthBytes };
}

export function printOptionsHeader(name: "dst" | "hbh", { length, options }: OptionsHeaderInfo): string {
  const parts: string[] = [];
  if (length !== undefined) parts.push(`${length.invert ? "! " : ""}--${name}-len ${length.value}`);
  if (options !== undefined) {
    parts.push(
      `--${name}-opts ${options.map(({ type, lengthBytes }) => (lengthBytes === undefined ? type : `${type}:${lengthBytes}`)).join(",")}`,
    );
  }
  return parts.join(" ");
}

/**
 * The test of an options header: its length, and its options in order as far as they are named.
 * Kernel: net/ipv6/netfilter/ip6t_hbh.c, hbh_mt6().
 */
export function optionsHeaderTest(header: 0 | 60, { length, options }: OptionsHeaderInfo): MatchTest {
  return ({ bytes }) => {
    const found = findIpv6Header(bytes, header);
    if (found === undefined || found === "later-fragment") return false;
    const at = found.offset;
    if (bytes.length - at < 2) return "hotdrop";
    const size = ((bytes[at + 1] as number) + 1) * 8;
    if (bytes.length - at < size) return false;
    if (length !== undefined && (size === length.value) === length.invert) return false;
    if (options === undefined || options.length === 0) return true;
    let next = at + 2;
    const end = at + size;
    for (const { type, lengthBytes } of options) {
      if (next >= end || bytes[next] !== type) return false;
      if (type === 0) {
        next++;
        continue;
      }
      if (next + 1 >= end) return false;
      const actual = bytes[next + 1] as number;
      if (lengthBytes !== undefined && lengthBytes !== actual) return false;
      next += 2 + actual;
    }
    return true;
  };
}
