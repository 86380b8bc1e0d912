/**
 * The `CONNSECMARK` target: copies the security mark from the packet to its connection, or back.
 *
 *     --save | --restore
 *
 * Saving does nothing if the connection has a mark, restoring nothing if the packet has one.
 * Kernel: net/netfilter/xt_CONNSECMARK.c, connsecmark_tg_check(), revision 0.
 */
import { defineTarget, flag } from "../contract.ts";
import { type Refusal, refuse } from "../refusal.ts";

export interface ConnsecmarkInfo {
  readonly action: "save" | "restore";
}

export const connsecmark = defineTarget({
  name: "CONNSECMARK",
  revision: 0,
  families: ["ipv4", "ipv6"],
  summary: "copy the security mark between packet and connection",
  tables: ["mangle", "security"],
  options: { "--save": flag({ excludes: ["--restore"] }), "--restore": flag() },

  build: ({ "--save": save, "--restore": restore }): ConnsecmarkInfo | Refusal => {
    if (save === undefined && restore === undefined)
      return refuse("xt/missing-option", "nothing is to be done", "add --save or --restore");
    return { action: save === undefined ? "restore" : "save" };
  },
  print: ({ action }) => `--${action}`,

  evaluate:
    ({ action }) =>
    (skb) => {
      const { ct } = skb;
      if (ct === undefined) return "continue";
      if (action === "save" && skb.secmark !== 0 && ct.secmark === 0) ct.secmark = skb.secmark;
      if (action === "restore" && skb.secmark === 0) skb.secmark = ct.secmark;
      return "continue";
    },

  symbolic: () => ({ kind: "continue" }),
});
