/**
 * The `DROP` target: the packet vanishes here, without a word to its sender. The reader refuses it in table nat, where
 * only the first packet of a connection would be seen. Kernel: NF_DROP.
 */
import { defineTarget, NO_OPERANDS } from "../contract.ts";

export const drop = defineTarget({
  name: "DROP",
  revision: 0,
  families: ["ipv4", "ipv6"],
  summary: "discard the packet silently",
  options: {},
  build: () => NO_OPERANDS,
  print: () => "",

  evaluate: () => () => "drop",

  symbolic: () => ({ kind: "drop" }),
});
