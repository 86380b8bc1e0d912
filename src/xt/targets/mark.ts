/**
 * The `MARK` target: changes the packet's mark.
 *
 *     --set-xmark value[/mask]  --set-mark value[/mask]  --and-mark bits  --or-mark bits  --xor-mark bits
 *
 * All are printed as the first: clear the bits of the mask, then exclusive-or the value. In mangle OUTPUT a changed
 * mark makes the kernel look up the route again. Kernel: net/netfilter/xt_mark.c, mark_tg(), revision 2.
 */
import { MARK_OPERATIONS, markOperation, printMarkOperation } from "../bit-operation.ts";
import { defineTarget } from "../contract.ts";
import type { Masked } from "../masked.ts";
import { type Refusal, refuse } from "../refusal.ts";

export const mark = defineTarget({
  name: "MARK",
  revision: 2,
  families: ["ipv4", "ipv6"],
  summary: "change the packet's mark",
  options: MARK_OPERATIONS,

  build: (given): Masked | Refusal => {
    const change = markOperation(given);
    if (change === undefined)
      return refuse(
        "xt/missing-option",
        "no mark is given",
        `add one of ${Object.keys(MARK_OPERATIONS).join(", ")}`,
      );
    return { value: change.value, mask: change.mask };
  },
  print: printMarkOperation,

  evaluate:
    ({ value, mask }) =>
    (skb) => {
      skb.mark = ((skb.mark & ~mask) ^ value) >>> 0;
      return "continue";
    },

  symbolic: ({ value, mask }) => ({
    kind: "write",
    writes: [{ kind: "bits", field: "mark", clear: mask, flip: value }],
  }),
});
