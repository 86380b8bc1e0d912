/** What a packet of a case did: the same shape from the machine and from a real kernel. */

export interface RuleCount {
  readonly table: string;
  readonly chain: string;
  /** From 1. */
  readonly index: number;
  readonly pkts: number;
  readonly bytes: number;
  readonly family?: "ipv6";
}

export interface PolicyCount {
  readonly table: string;
  readonly chain: string;
  readonly pkts: number;
  readonly bytes: number;
  readonly family?: "ipv6";
}

export interface PacketResult {
  readonly id: string | number;
  readonly in: string;
  /** As the sending program would see it. */
  readonly send_error?: string;
  readonly rules: readonly RuleCount[];
  readonly policies: readonly PolicyCount[];
  readonly out: readonly { readonly iface: string; readonly hex: string }[];
  readonly local: readonly object[];
  readonly conntrack?: readonly string[];
  /** Why the machine dropped packets without any rule: what is no IP packet, has no route, is too long, … */
  readonly discarded?: readonly string[];
}

export interface CommandResult {
  readonly cmd: string;
  readonly rc: number;
  readonly out: string;
}

export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Order of counts in a result: IPv4 first, then by table, chain and index. */
export const compareCounts = (
  a: PolicyCount & { readonly index?: number },
  b: PolicyCount & { readonly index?: number },
): number =>
  compareText(a.family ?? "", b.family ?? "") ||
  compareText(a.table, b.table) ||
  compareText(a.chain, b.chain) ||
  (a.index ?? 0) - (b.index ?? 0);

/** A connection's line without what runs down. */
export const withoutTimeout = (line: string): string => line.replace(/^(\w+) \d+ /, "$1 ");

/** Protocols whose delivery is shown unless the case names others, by family. */
export const SHOWN_PROTOCOLS = { ipv4: [1, 6, 17], ipv6: [6, 17, 58] } as const;
