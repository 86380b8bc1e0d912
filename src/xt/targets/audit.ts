/**
 * The `AUDIT` target: writes an audit record of the packet, and traversal goes on.
 *
 *     --type {accept|drop|reject}
 *
 * The type only names what the following rule does; nothing checks that it does so. Kernel: net/netfilter/xt_AUDIT.c,
 * audit_tg(), revision 0.
 */
import { defineTarget, required } from "../contract.ts";
import { type Refusal, refuse } from "../refusal.ts";

const TYPES = ["accept", "drop", "reject"] as const;

export interface AuditInfo {
  readonly type: (typeof TYPES)[number];
}

function parseType(text: string): AuditInfo["type"] | Refusal {
  const lower = text.toLowerCase();
  return (
    TYPES.find((type) => type === lower) ??
    refuse("xt/unknown-keyword", `"${text}" is not a type of audit record`, "write accept, drop or reject")
  );
}

export const audit = defineTarget({
  name: "AUDIT",
  revision: 0,
  families: ["ipv4", "ipv6"],
  summary: "write an audit record",
  options: { "--type": required(parseType, { operand: "{accept|drop|reject}" }) },

  build: ({ "--type": type }): AuditInfo => ({ type: type.value }),
  print: ({ type }) => `--type ${type}`,

  evaluate:
    ({ type }, machine) =>
    (skb) => {
      machine.log(skb, { kind: "AUDIT", prefix: type });
      return "continue";
    },

  symbolic: () => ({ kind: "continue" }),
});
