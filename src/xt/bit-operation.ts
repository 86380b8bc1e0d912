/**
 * Changes of a field of bits. Whatever the option is called, the kernel clears the bits of `mask` and then
 * exclusive-ors `value`: `field = (field & ~mask) ^ value`. Kernel: net/netfilter/xt_mark.c, mark_tg();
 * net/netfilter/xt_DSCP.c, tos_tg().
 */
import { type Given, optional } from "./contract.ts";
import { type Masked, parseMasked } from "./masked.ts";
import { uint32 } from "./numbers.ts";

/** Clears all bits but `bits`, in a field whose bits are `all`. */
export function andBits(bits: number, all: number): Masked {
  return { value: 0, mask: (~bits & all) >>> 0 };
}

export function orBits(bits: number): Masked {
  return { value: bits, mask: bits };
}

export function xorBits(bits: number): Masked {
  return { value: bits, mask: 0 };
}

const SINGLE = ["--set-xmark", "--set-mark", "--and-mark", "--or-mark", "--xor-mark"] as const;
const after = (index: number): readonly string[] => SINGLE.slice(index + 1);

/** The options by which MARK and CONNMARK change a mark; at most one may be given. */
export const MARK_OPERATIONS = {
  "--set-xmark": optional(parseMasked, { excludes: after(0), operand: "value[/mask]" }),
  "--set-mark": optional(parseMasked, { excludes: after(1), operand: "value[/mask]" }),
  "--and-mark": optional(uint32, { excludes: after(2), operand: "bits" }),
  "--or-mark": optional(uint32, { excludes: after(3), operand: "bits" }),
  "--xor-mark": optional(uint32, { operand: "bits" }),
};

/** The change that was asked for, and where its option stands; undefined if none was. */
export function markOperation(
  given: Given<typeof MARK_OPERATIONS>,
): (Masked & { readonly start: number }) | undefined {
  const xmark = given["--set-xmark"];
  if (xmark !== undefined)
    return { value: xmark.value.value, mask: xmark.value.mask, start: xmark.start ?? 0 };
  // Clears the bits of the value too, so that exclusive-or becomes "or": bits outside the mask are set as well.
  const mark = given["--set-mark"];
  if (mark !== undefined)
    return {
      value: mark.value.value,
      mask: (mark.value.value | mark.value.mask) >>> 0,
      start: mark.start ?? 0,
    };
  const and = given["--and-mark"];
  if (and !== undefined) return { ...andBits(and.value, 0xffffffff), start: and.start ?? 0 };
  const or = given["--or-mark"];
  if (or !== undefined) return { ...orBits(or.value), start: or.start ?? 0 };
  const xor = given["--xor-mark"];
  return xor === undefined ? undefined : { ...xorBits(xor.value), start: xor.start ?? 0 };
}

/** `--set-xmark 0x1/0xff`; iptables-save knows only this spelling, always with the mask. */
export function printMarkOperation({ value, mask }: Masked): string {
  return `--set-xmark 0x${value.toString(16)}/0x${mask.toString(16)}`;
}
