/**
 * The `TEE` target: sends a copy of the packet to another machine of the local network; the packet itself goes on.
 *
 *     --gateway address
 *     --oif name
 *
 * The copy takes no part in the rules again. `--oif`, which the manual leaves out, names the interface to route the
 * copy by; it need not exist yet, and a `+` in it is no wildcard. Source: extensions/libxt_TEE.c. Kernel:
 * net/netfilter/xt_TEE.c, tee_tg_check(), revision 1.
 */
import { type Address, printAddress } from "../../net/index.ts";
import { bareWord } from "../bare-word.ts";
import { defineTarget, optional, required } from "../contract.ts";
import { refuse } from "../refusal.ts";
import { resolvedHost } from "../resolved-hosts.ts";

export interface TeeInfo {
  readonly gateway: Address;
  readonly outInterface: string | undefined;
}

export const tee = defineTarget({
  name: "TEE",
  revision: 1,
  families: ["ipv4", "ipv6"],
  summary: "send a copy of the packet to another machine",
  options: {
    "--gateway": required(resolvedHost, { operand: "address" }),
    "--oif": optional(bareWord(15), { operand: "name" }),
  },

  build: ({ "--gateway": gateway, "--oif": oif }): TeeInfo => ({
    gateway: gateway.value,
    outInterface: oif?.value,
  }),
  print: ({ gateway, outInterface }) =>
    `--gateway ${printAddress(gateway)}${outInterface === undefined ? "" : ` --oif ${outInterface}`}`,

  check: ({ gateway }) =>
    gateway === 0 || gateway === 0n
      ? refuse(
          "xt/bad-address",
          `--gateway ${printAddress(gateway)} is no machine`,
          "write the address of the machine that gets the copies",
        )
      : undefined,

  evaluate:
    ({ gateway, outInterface }, machine) =>
    (skb) => {
      machine.tee(skb, gateway, outInterface);
      return "continue";
    },

  // The copy goes its own way.
  symbolic: () => ({ kind: "continue" }),
});
