/**
 * Where tables hook into the packet path: the one place that knows hook, priority and order.
 * Source: include/uapi/linux/netfilter_ipv4.h, enum nf_ip_hook_priorities; the kernel's iptable_*.c and nf_nat.
 */
import type { Hook, TableName } from "../xt/index.ts";

export const HOOKS: readonly Hook[] = ["PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"];

export interface TableHooks {
  /** Built-in chains, in the order in which iptables-save prints them. */
  readonly hooks: readonly Hook[];
  /** Lower runs first; nat's source side has a priority of its own. */
  readonly priority: Readonly<Partial<Record<Hook, number>>>;
}

const all = (hooks: readonly Hook[], priority: number): TableHooks => ({
  hooks,
  priority: Object.fromEntries(hooks.map((hook) => [hook, priority])),
});

/** Tables in the order in which `iptables-save` of iptables-nft 1.8.9 prints them. */
export const TABLE_HOOKS: Readonly<Record<TableName, TableHooks>> = {
  mangle: all(HOOKS, -150),
  security: all(["INPUT", "FORWARD", "OUTPUT"], 50),
  raw: all(["PREROUTING", "OUTPUT"], -300),
  filter: all(["INPUT", "FORWARD", "OUTPUT"], 0),
  nat: {
    hooks: ["PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"],
    priority: { PREROUTING: -100, INPUT: 100, OUTPUT: -100, POSTROUTING: 100 },
  },
};

/** Where iptables-nft puts the security table: behind nat INPUT, which the legacy one runs before. */
export const NFT_SECURITY_PRIORITY = 150;

export const TABLE_NAMES = Object.keys(TABLE_HOOKS) as readonly TableName[];

export function isTableName(name: string): name is TableName {
  return Object.hasOwn(TABLE_HOOKS, name);
}

/** The hook of a built-in chain; undefined for a user-defined one. */
export function builtinHook(table: TableName, chain: string): Hook | undefined {
  return TABLE_HOOKS[table].hooks.find((hook) => hook === chain);
}
