/**
 * The `helper` match: packets of connections that a conntrack helper announced.
 *
 *     [!] --helper name
 *
 * It tests the helper of the connection's master: data connections match, the control connection does not. The helper's
 * name need only be the beginning of the given one, so that `ftp-2121`, a helper for another port, holds for `ftp` too;
 * an empty name is any helper. Where connection, master or helper is missing it holds only under `!`.
 * Kernel: net/netfilter/xt_helper.c, helper_mt(), revision 0.
 */
import { unknown } from "../../pktset/index.ts";
import { ofConnection } from "../conditions.ts";
import { defineMatch, required } from "../contract.ts";
import { printString, string } from "../strings.ts";

export interface HelperInfo {
  readonly helper: string;
  readonly invert: boolean;
}

/** The kernel's `name[30]` less its zero byte. */
const NAME_BYTES = 29;

export const helper = defineMatch({
  name: "helper",
  revision: 0,
  families: ["ipv4", "ipv6"],
  summary: "the conntrack helper that announced the packet's connection",
  options: { "--helper": required(string(NAME_BYTES), { invertible: true, operand: "name" }) },

  build: ({ "--helper": { value, invert } }): HelperInfo => ({ helper: value, invert }),
  print: (info) => `${info.invert ? "! " : ""}--helper ${printString(info.helper)}`,

  evaluate:
    ({ helper, invert }) =>
    ({ ct }) => {
      const watcher = ct?.master?.helper;
      if (ct === undefined || watcher === undefined) return invert;
      return (helper === "" || helper.startsWith(watcher)) !== invert;
    },

  symbolic: ({ invert }) => ofConnection(unknown("helper: which helper announced a connection"), invert),
});
