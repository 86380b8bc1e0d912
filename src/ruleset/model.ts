/** Tables, chains and rules of one family, as the kernel would hold them after loading. */
import type { Span } from "../base/index.ts";
import type { Family, MaskedAddress } from "../net/index.ts";
import type { AnyMatch, AnyTarget, ProtocolTest, TableName } from "../xt/index.ts";

/** An address test of `-s` or `-d`. */
export interface AddressTest extends MaskedAddress {
  readonly invert: boolean;
}

/** An interface test of `-i` or `-o`; a trailing `+` in `name` stands for any end. */
export interface InterfaceTest {
  readonly name: string;
  readonly invert: boolean;
}

/** What a rule tests by itself, before any extension; undefined tests nothing. */
export interface HeaderMatch {
  readonly source: AddressTest | undefined;
  readonly destination: AddressTest | undefined;
  readonly inInterface: InterfaceTest | undefined;
  readonly outInterface: InterfaceTest | undefined;
  readonly protocol: ProtocolTest | undefined;
  /** `-f`: second and further fragments (IPv4). */
  readonly fragment: { readonly invert: boolean } | undefined;
}

/** One `-m` of a rule. `start` and `end` are offsets in the rule's source. */
export interface MatchUse {
  readonly extension: AnyMatch;
  // biome-ignore lint/suspicious/noExplicitAny: the Info of `extension`, which alone reads it.
  readonly info: any;
  readonly start: number;
  readonly end: number;
}

/** An extension that Postern does not know: kept word for word, and nothing is known of what it does. */
export interface OpaqueUse {
  readonly name: string;
  /** Its operands as written, quoting included. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** Where a matching rule goes. */
export type Jump =
  | {
      readonly kind: "target";
      readonly extension: AnyTarget;
      readonly info: unknown;
      readonly start: number;
      readonly end: number;
    }
  | { readonly kind: "jump" | "goto"; readonly chain: string; readonly start: number; readonly end: number }
  | ({ readonly kind: "opaque" } & OpaqueUse);

export interface Counters {
  readonly packets: bigint;
  readonly bytes: bigint;
}

export interface Rule {
  readonly header: HeaderMatch;
  readonly matches: readonly (MatchUse | OpaqueUse)[];
  /** undefined: the rule only counts. */
  readonly jump: Jump | undefined;
  readonly counters: Counters | undefined;
  readonly span: Span;
}

export function isOpaque(use: MatchUse | OpaqueUse): use is OpaqueUse {
  return !("extension" in use);
}

/** ACCEPT or DROP at the end of a built-in chain. */
export type ChainPolicy = "ACCEPT" | "DROP";

export interface Chain {
  readonly name: string;
  /** undefined: user-defined. */
  readonly policy: ChainPolicy | undefined;
  /** Whether the source states the policy, or it is what the kernel starts with. */
  readonly policyStated: boolean;
  readonly counters: Counters | undefined;
  readonly rules: readonly Rule[];
  /** Where the chain is declared; for a built-in one that nothing declares, where its table starts. */
  readonly span: Span;
}

export interface Table {
  readonly name: TableName;
  /** Built-in chains in hook order, then user-defined ones in the order in which they were made. */
  readonly chains: ReadonlyMap<string, Chain>;
  readonly span: Span;
}

export interface Ruleset {
  readonly family: Family;
  readonly tables: ReadonlyMap<TableName, Table>;
}
