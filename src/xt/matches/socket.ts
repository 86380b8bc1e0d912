/**
 * The `socket` match: whether an open socket of this host belongs to the packet, as the kernel's lookup finds it.
 *
 *     [--transparent] [--nowildcard] [--restore-skmark]
 *
 * A listening socket that is bound to no address does not count, unless `--nowildcard` says so (the name says the
 * opposite of what it does). `--transparent` wants the socket to be IP_TRANSPARENT. `--restore-skmark` makes the
 * match change the packet: it takes the socket's mark. Kernel: net/netfilter/xt_socket.c, socket_mt4_v1_v2_v3() and
 * socket_mt6_v1_v2_v3(), revision 3.
 */
import { unknown } from "../../pktset/index.ts";
import { defineMatch, flag } from "../contract.ts";

export interface SocketInfo {
  readonly transparent: boolean;
  /** Sockets bound to no address count too. */
  readonly nowildcard: boolean;
  readonly restoreSkmark: boolean;
}

export const socket = defineMatch({
  name: "socket",
  revision: 3,
  families: ["ipv4", "ipv6"],
  summary: "whether a socket of this host belongs to the packet",
  hooks: ["PREROUTING", "INPUT"],
  options: { "--transparent": flag(), "--nowildcard": flag(), "--restore-skmark": flag() },

  build: (given): SocketInfo => ({
    transparent: given["--transparent"] !== undefined,
    nowildcard: given["--nowildcard"] !== undefined,
    restoreSkmark: given["--restore-skmark"] !== undefined,
  }),
  print: ({ transparent, nowildcard, restoreSkmark }) =>
    [transparent && "--transparent", nowildcard && "--nowildcard", restoreSkmark && "--restore-skmark"]
      .filter(Boolean)
      .join(" "),

  evaluate:
    ({ transparent }, machine) =>
    (skb) => {
      const found = machine.hasSocket(skb);
      return found === true && transparent ? "unknown" : (found ?? "unknown");
    },

  symbolic: () => unknown("socket: which sockets are open"),
});
