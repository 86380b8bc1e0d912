/**
 * The `CONNMARK` target: changes the mark of the connection, or copies it from or to the packet's mark.
 *
 *     --set-xmark value[/mask]  --set-mark value[/mask]  --and-mark bits  --or-mark bits  --xor-mark bits
 *     --save-mark | --restore-mark  [--nfmask bits] [--ctmask bits] | [--mask bits]
 *     [--left-shift-mark n | --right-shift-mark n]
 *
 * Saving computes `ctmark = (ctmark & ~ctmask) ^ (nfmark & nfmask)`, with the shift applied to what is written;
 * restoring does it the other way round. Beside --set and the like, iptables takes --mask or --ctmask as the mask of
 * the change if it stands behind, and forgets it if it stands before; Postern refuses the latter.
 * Kernel: net/netfilter/xt_connmark.c, connmark_tg_v2(), revision 2.
 */
import { MARK_OPERATIONS, markOperation, printMarkOperation } from "../bit-operation.ts";
import { defineTarget, flag, optional } from "../contract.ts";
import type { Masked } from "../masked.ts";
import { uint, uint32 } from "../numbers.ts";
import { type Refusal, refuse, refuseOption } from "../refusal.ts";

/** `shiftLeft` is negative for a shift to the right. */
export type ConnmarkInfo = { readonly shiftLeft: number } & (
  | (Masked & { readonly action: "set" })
  | { readonly action: "save" | "restore"; readonly nfmask: number; readonly ctmask: number }
);

const CHANGES = Object.keys(MARK_OPERATIONS);
const ALL_BITS = 0xffffffff;
/** iptables takes 32 too, and the kernel refuses it. */
const shift = uint(0, 31);

export const connmark = defineTarget({
  name: "CONNMARK",
  revision: 2,
  families: ["ipv4", "ipv6"],
  summary: "change the connection's mark, or copy it from or to the packet",
  options: {
    ...MARK_OPERATIONS,
    "--save-mark": flag({ excludes: ["--restore-mark", ...CHANGES] }),
    "--restore-mark": flag({ excludes: CHANGES }),
    "--left-shift-mark": optional(shift, { excludes: ["--right-shift-mark"], operand: "n" }),
    "--right-shift-mark": optional(shift, { operand: "n" }),
    "--ctmask": optional(uint32, { excludes: ["--mask"], operand: "bits" }),
    "--nfmask": optional(uint32, { excludes: ["--mask"], operand: "bits" }),
    "--mask": optional(uint32, { operand: "bits" }),
  },

  build: (given): ConnmarkInfo | Refusal => {
    const {
      "--nfmask": nfmask,
      "--ctmask": ctmask,
      "--mask": both,
      "--left-shift-mark": left,
      "--right-shift-mark": right,
    } = given;
    const shiftLeft = (left?.value ?? 0) - (right?.value ?? 0);
    const change = markOperation(given);
    if (change !== undefined) {
      if (nfmask !== undefined) {
        return refuseOption(
          "xt/conflicting-options",
          "--nfmask",
          "--nfmask says nothing unless a mark is copied",
          "remove it, or use --save-mark or --restore-mark",
        );
      }
      const late = ctmask ?? both;
      if (late !== undefined && (late.start ?? 0) < change.start) {
        const option = ctmask === undefined ? "--mask" : "--ctmask";
        return refuseOption(
          "xt/conflicting-options",
          option,
          `iptables ignores ${option} before the new mark`,
          "write the mask behind the value, as in --set-xmark 0x1/0xff",
        );
      }
      return {
        action: "set",
        value: change.value,
        mask: late?.value ?? change.mask,
        shiftLeft,
      };
    }
    const action =
      given["--save-mark"] !== undefined
        ? "save"
        : given["--restore-mark"] !== undefined
          ? "restore"
          : undefined;
    if (action === undefined) {
      return refuse(
        "xt/missing-option",
        "nothing is to be done",
        `add --save-mark, --restore-mark or one of ${CHANGES.join(", ")}`,
      );
    }
    const mask = both?.value ?? ALL_BITS;
    return {
      action,
      nfmask: nfmask?.value ?? mask,
      ctmask: ctmask?.value ?? mask,
      shiftLeft,
    };
  },

  print: (info) => {
    const { shiftLeft } = info;
    const text =
      info.action === "set"
        ? printMarkOperation(info)
        : `--${info.action}-mark --nfmask 0x${info.nfmask.toString(16)} --ctmask 0x${info.ctmask.toString(16)}`;
    if (shiftLeft === 0) return text;
    return shiftLeft > 0
      ? `${text} --left-shift-mark ${shiftLeft}`
      : `${text} --right-shift-mark ${-shiftLeft}`;
  },

  evaluate: (info) => (skb) => {
    const { ct } = skb;
    if (ct === undefined) return "continue";
    const shift = (value: number): number =>
      info.shiftLeft >= 0 ? (value << info.shiftLeft) >>> 0 : value >>> -info.shiftLeft;
    switch (info.action) {
      case "set":
        ct.mark = shift(((ct.mark & ~info.mask) ^ info.value) >>> 0);
        break;
      case "save":
        ct.mark = ((ct.mark & ~info.ctmask) ^ shift((skb.mark & info.nfmask) >>> 0)) >>> 0;
        break;
      case "restore":
        skb.mark = ((skb.mark & ~info.nfmask) ^ shift((ct.mark & info.ctmask) >>> 0)) >>> 0;
        break;
    }
    return "continue";
  },

  symbolic: (info) => {
    if (info.shiftLeft !== 0) {
      const field = info.action === "restore" ? "mark" : "connmark";
      return { kind: "write", writes: [{ kind: "some", field, reason: "CONNMARK: a shifted mark" }] };
    }
    switch (info.action) {
      case "set":
        return {
          kind: "write",
          writes: [{ kind: "bits", field: "connmark", clear: info.mask, flip: info.value }],
        };
      case "save":
        return {
          kind: "write",
          writes: [{ kind: "copy", field: "connmark", from: "mark", mask: info.nfmask, clear: info.ctmask }],
        };
      case "restore":
        return {
          kind: "write",
          writes: [{ kind: "copy", field: "mark", from: "connmark", mask: info.ctmask, clear: info.nfmask }],
        };
    }
  },
});
