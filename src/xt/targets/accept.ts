/** The `ACCEPT` target: the packet passes this table; later tables still see it. Kernel: NF_ACCEPT. */
import { defineTarget, NO_OPERANDS } from "../contract.ts";

export const accept = defineTarget({
  name: "ACCEPT",
  revision: 0,
  families: ["ipv4", "ipv6"],
  summary: "let the packet pass this table",
  options: {},
  build: () => NO_OPERANDS,
  print: () => "",

  evaluate: () => () => "accept",

  symbolic: () => ({ kind: "accept" }),
});
