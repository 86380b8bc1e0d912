/** The `value[/mask]` operands of marks: 32 bits each. Source: libxtables/xtoptions.c, xtables_parse_mark_mask(). */
import { numberPrefix } from "./numbers.ts";
import { type Refusal, refuse } from "./refusal.ts";

/** A 32-bit value under a mask; bits of `value` outside `mask` are legal. */
export interface Masked {
  readonly value: number;
  readonly mask: number;
}

const MAX = 0xffffffffn;

export function parseMasked(text: string): Masked | Refusal {
  const value = numberPrefix(text);
  if (value !== undefined && value.value <= MAX) {
    if (value.end === text.length) return { value: Number(value.value), mask: 0xffffffff };
    if (text[value.end] === "/") {
      const mask = numberPrefix(text, value.end + 1);
      if (mask !== undefined && mask.end === text.length && mask.value <= MAX) {
        return { value: Number(value.value), mask: Number(mask.value) };
      }
    }
  }
  return refuse(
    "xt/bad-mark",
    `"${text}" is not a 32-bit value with an optional mask`,
    "write value or value/mask, such as 0x10/0xf0",
  );
}

/** `0x1`, or `0x10/0xf0` where the mask is not all ones. */
export function printMasked({ value, mask }: Masked): string {
  return mask === 0xffffffff ? `0x${value.toString(16)}` : `0x${value.toString(16)}/0x${mask.toString(16)}`;
}
