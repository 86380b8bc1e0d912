/**
 * A ruleset made ready to run: each rule with its header test unpacked, its matches and target prepared by their
 * extensions, and its counters. Kernel: struct ipt_entry and what nf_tables makes of the same rule.
 */
import { InvariantError } from "../base/index.ts";
import { type Family, findIpv6Header, PROTOCOL, toWords } from "../net/index.ts";
import {
  builtinHook,
  type Chain,
  HOOKS,
  isOpaque,
  type MatchUse,
  type OpaqueUse,
  type Rule,
  type Ruleset,
  type Table,
} from "../ruleset/index.ts";
import type { Backend, Hook, Machine, MatchTest, Skb, TableName, TargetAction } from "../xt/index.ts";

/** What happens to a packet that a rule matches. */
export type Action =
  | { readonly kind: "continue" | "accept" | "drop" | "return" }
  | { readonly kind: "jump" | "goto"; readonly chain: RunningChain }
  | { readonly kind: "target"; readonly run: TargetAction; readonly name: string }
  | { readonly kind: "unknown"; readonly name: string };

export interface RunningMatch {
  readonly name: string;
  readonly test: MatchTest;
}

/** Header tests that a rule makes; bits of `RunningRule.tests`. */
const TEST = { SOURCE: 1, DESTINATION: 2, IN: 4, OUT: 8, PROTOCOL: 16, FRAGMENT: 32 } as const;

interface WordTest {
  readonly w0: number;
  readonly w1: number;
  readonly w2: number;
  readonly w3: number;
  readonly m0: number;
  readonly m1: number;
  readonly m2: number;
  readonly m3: number;
  readonly invert: boolean;
}

const NO_WORDS: WordTest = { w0: 0, w1: 0, w2: 0, w3: 0, m0: 0, m1: 0, m2: 0, m3: 0, invert: false };

export class RunningRule {
  readonly table: TableName;
  readonly chain: string;
  /** From 1. */
  readonly index: number;
  readonly source: Rule;
  packets = 0;
  bytes = 0;
  /** What the counters were when they were last reported. */
  reportedPackets = 0;
  reportedBytes = 0;
  matches: readonly RunningMatch[] = [];
  action: Action = { kind: "continue" };
  readonly family: Family;
  readonly #tests: number;
  readonly #source: WordTest;
  readonly #destination: WordTest;
  readonly #in: string;
  readonly #inWild: boolean;
  readonly #inInvert: boolean;
  readonly #out: string;
  readonly #outWild: boolean;
  readonly #outInvert: boolean;
  readonly #protocol: number;
  readonly #protocolInvert: boolean;
  readonly #fragmentInvert: boolean;
  readonly #legacy: boolean;

  constructor(table: TableName, chain: string, index: number, source: Rule, family: Family, legacy: boolean) {
    this.table = table;
    this.chain = chain;
    this.index = index;
    this.source = source;
    this.family = family;
    this.#legacy = legacy;
    const { header } = source;
    let tests = 0;
    const words = (test: typeof header.source, bit: number): WordTest => {
      if (test === undefined) return NO_WORDS;
      const { address, mask, invert } = test;
      // 0/0 tests nothing, but `! 0/0` nothing can pass.
      tests |= bit;
      const value = toWords(address);
      const bits = toWords(mask);
      return { ...value, m0: bits.w0, m1: bits.w1, m2: bits.w2, m3: bits.w3, invert };
    };
    this.#source = words(header.source, TEST.SOURCE);
    this.#destination = words(header.destination, TEST.DESTINATION);
    const device = (test: typeof header.inInterface, bit: number): [string, boolean, boolean] => {
      if (test === undefined) return ["", false, false];
      tests |= bit;
      const wild = test.name.endsWith("+");
      return [wild ? test.name.slice(0, -1) : test.name, wild, test.invert];
    };
    [this.#in, this.#inWild, this.#inInvert] = device(header.inInterface, TEST.IN);
    [this.#out, this.#outWild, this.#outInvert] = device(header.outInterface, TEST.OUT);
    const { protocol, fragment } = header;
    if (protocol !== undefined && protocol.number !== 0) tests |= TEST.PROTOCOL;
    this.#protocol = protocol?.number ?? 0;
    this.#protocolInvert = protocol?.invert ?? false;
    if (fragment !== undefined) tests |= TEST.FRAGMENT;
    this.#fragmentInvert = fragment?.invert ?? false;
    this.#tests = tests;
  }

  /** The header tests that fail, as options, in the order in which they are made; for reports. */
  headerFailures(skb: Skb): readonly string[] {
    const tests = this.#tests;
    const failed: string[] = [];
    if ((tests & TEST.SOURCE) !== 0 && !this.#addressHolds(this.#source, skb, true)) failed.push("-s");
    if ((tests & TEST.DESTINATION) !== 0 && !this.#addressHolds(this.#destination, skb, false))
      failed.push("-d");
    if ((tests & TEST.IN) !== 0 && !deviceHolds(skb.inDevice, this.#in, this.#inWild, this.#inInvert))
      failed.push("-i");
    if ((tests & TEST.OUT) !== 0 && !deviceHolds(skb.outDevice, this.#out, this.#outWild, this.#outInvert))
      failed.push("-o");
    if ((tests & TEST.PROTOCOL) !== 0 && this.#protocolOutcome(skb) !== true) failed.push("-p");
    if ((tests & TEST.FRAGMENT) !== 0 && (skb.fragmentOffset !== 0) === this.#fragmentInvert)
      failed.push("-f");
    return failed;
  }

  /** Whether the rule's own tests hold. */
  headerHolds(skb: Skb): boolean | "hotdrop" {
    const tests = this.#tests;
    if (tests === 0) return true;
    if ((tests & TEST.SOURCE) !== 0 && !this.#addressHolds(this.#source, skb, true)) return false;
    if ((tests & TEST.DESTINATION) !== 0 && !this.#addressHolds(this.#destination, skb, false)) return false;
    if ((tests & TEST.IN) !== 0 && !deviceHolds(skb.inDevice, this.#in, this.#inWild, this.#inInvert))
      return false;
    if ((tests & TEST.OUT) !== 0 && !deviceHolds(skb.outDevice, this.#out, this.#outWild, this.#outInvert))
      return false;
    if ((tests & TEST.PROTOCOL) !== 0) {
      const outcome = this.#protocolOutcome(skb);
      if (outcome !== true) return outcome;
    }
    return (tests & TEST.FRAGMENT) === 0 || (skb.fragmentOffset !== 0) !== this.#fragmentInvert;
  }

  /** An IPv6 header chain that breaks off: legacy drops the packet, nf_tables takes the test as failed. */
  #protocolOutcome(skb: Skb): boolean | "hotdrop" {
    if (skb.protocol < 0) return this.#legacy ? "hotdrop" : false;
    const protocol = this.#legacy ? skb.protocol : nftProtocol(skb);
    return (protocol === this.#protocol) !== this.#protocolInvert;
  }

  #addressHolds(test: WordTest, { bytes }: Skb, source: boolean): boolean {
    if (this.family === "ipv4") {
      const at = source ? 12 : 16;
      const word =
        ((bytes[at] as number) << 24) |
        ((bytes[at + 1] as number) << 16) |
        ((bytes[at + 2] as number) << 8) |
        (bytes[at + 3] as number);
      return ((word & test.m3) === test.w3) !== test.invert;
    }
    const at = source ? 8 : 24;
    return (
      ((read(bytes, at) & test.m0) === test.w0 &&
        (read(bytes, at + 4) & test.m1) === test.w1 &&
        (read(bytes, at + 8) & test.m2) === test.w2 &&
        (read(bytes, at + 12) & test.m3) === test.w3) !== test.invert
    );
  }
}

const read = (bytes: Uint8Array, at: number): number =>
  ((bytes[at] as number) << 24) |
  ((bytes[at + 1] as number) << 16) |
  ((bytes[at + 2] as number) << 8) |
  (bytes[at + 3] as number);

const deviceHolds = (device: string, name: string, wild: boolean, invert: boolean): boolean =>
  (wild ? device.startsWith(name) : device === name) !== invert;

export interface RuleIndex {
  /**
   * The first rule from `from` on that must be asked; the chain's length if there is none. 0 is asked for whenever a packet
   * enters the chain.
   */
  next(from: number, skb: Skb): number;
  /** Whether the rule that `next` gave surely matches, so that even it need not be asked. */
  readonly sure: boolean;
}

export class RunningChain {
  readonly family: Family;
  readonly table: TableName;
  readonly name: string;
  /** undefined: user-defined. */
  readonly policy: "ACCEPT" | "DROP" | undefined;
  rules: readonly RunningRule[] = [];
  /** Tells rules that a packet surely does not match, so that they need not be asked. */
  index: RuleIndex | undefined = undefined;
  packets = 0;
  bytes = 0;
  reportedPackets = 0;
  reportedBytes = 0;

  constructor(family: Family, table: TableName, name: string, policy: "ACCEPT" | "DROP" | undefined) {
    this.family = family;
    this.table = table;
    this.name = name;
    this.policy = policy;
  }
}

/** The tables of one family, each with the chains that hooks call. */
export class RunningTables {
  readonly family: Family;
  readonly chains = new Map<TableName, Map<string, RunningChain>>();
  readonly hooks = new Map<TableName, Map<Hook, RunningChain>>();

  constructor(ruleset: Ruleset, machine: Machine) {
    this.family = ruleset.family;
    // Tables are loaded as they are written: the first rule of those that share a state is the first of the file.
    const written = [...ruleset.tables].sort(([, a], [, b]) => a.span.start - b.span.start);
    for (const [name, table] of written) {
      const chains = new Map<string, RunningChain>();
      for (const chain of table.chains.values())
        chains.set(chain.name, new RunningChain(ruleset.family, name, chain.name, chain.policy));
      this.chains.set(name, chains);
      const hooks = new Map<Hook, RunningChain>();
      for (const chain of chains.values()) {
        const hook = builtinHook(name, chain.name);
        if (hook !== undefined && isMade(table, chain.name, machine.backend)) hooks.set(hook, chain);
      }
      this.hooks.set(name, hooks);
      const prepared = new Map<Rule, RunningRule>();
      for (const { chain, rule, index } of inLoadingOrder(name, table, machine.backend))
        prepared.set(rule, prepareRule(name, chain, index, rule, chains, machine));
      for (const { name: own, rules } of table.chains.values())
        (chains.get(own) as RunningChain).rules = rules.map((rule) => prepared.get(rule) as RunningRule);
    }
  }

  /** Whether the table has a chain at some hook. */
  hasChains(table: TableName): boolean {
    return (this.hooks.get(table)?.size ?? 0) > 0;
  }

  /** The chain that a table has at a hook; undefined if the table is not there. */
  chainAt(table: TableName, hook: Hook): RunningChain | undefined {
    return this.hooks.get(table)?.get(hook);
  }
}

/** Legacy tables have all their chains; of nft's, those that are declared or have rules. iptables: nft.c, nft_xt_builtin_init(). */
function isMade({ chains }: Table, name: string, backend: Backend): boolean {
  const chain = chains.get(name);
  return backend === "legacy" || chain?.policyStated === true || (chain?.rules.length ?? 0) > 0;
}

/** nf_tables looks no further than an authentication header. Kernel: nft_set_pktinfo_ipv6(), IP6_FH_F_AUTH. */
function nftProtocol({ family, bytes, protocol }: Skb): number {
  if (family === "ipv4" || bytes[6] === protocol) return protocol;
  return typeof findIpv6Header(bytes, PROTOCOL.ah) === "object" ? PROTOCOL.ah : protocol;
}

interface PlacedRule {
  readonly chain: string;
  readonly rule: Rule;
  /** From 1. */
  readonly index: number;
}

/**
 * The rules of a table in the order in which the kernel meets them, which tells the first of those that share a state.
 * nft sends them as they are written; legacy as a table, its own chains first and the others by name.
 * Kernel: nft_expr_init(); iptables: libiptc.c iptcc_insert_chain().
 */
function inLoadingOrder(table: TableName, { chains }: Table, backend: Backend): readonly PlacedRule[] {
  const placed = (each: Iterable<Chain>): PlacedRule[] =>
    [...each].flatMap(({ name, rules }) => rules.map((rule, at) => ({ chain: name, rule, index: at + 1 })));
  if (backend === "nft") return placed(chains.values()).sort((a, b) => a.rule.span.start - b.rule.span.start);
  const place = ({ name }: Chain): string => {
    const hook = builtinHook(table, name);
    return hook === undefined ? `~${name}` : `${HOOKS.indexOf(hook)}`;
  };
  return placed([...chains.values()].sort((a, b) => (place(a) < place(b) ? -1 : 1)));
}

function prepareRule(
  table: TableName,
  chain: string,
  index: number,
  source: Rule,
  chains: ReadonlyMap<string, RunningChain>,
  machine: Machine,
): RunningRule {
  const rule = new RunningRule(table, chain, index, source, machine.family, machine.backend === "legacy");
  rule.matches = source.matches.map((use) => prepareMatch(use, machine));
  rule.action = prepareAction(source, chains, machine);
  return rule;
}

function prepareMatch(use: MatchUse | OpaqueUse, machine: Machine): RunningMatch {
  if (isOpaque(use)) return { name: use.name, test: () => "unknown" };
  return { name: use.extension.name, test: use.extension.evaluate(use.info, machine) };
}

const STANDARD: ReadonlyMap<string, Action> = new Map([
  ["ACCEPT", { kind: "accept" }],
  ["DROP", { kind: "drop" }],
  ["RETURN", { kind: "return" }],
]);

function prepareAction({ jump }: Rule, chains: ReadonlyMap<string, RunningChain>, machine: Machine): Action {
  if (jump === undefined) return { kind: "continue" };
  if (jump.kind === "opaque") return { kind: "unknown", name: jump.name };
  if (jump.kind === "target") {
    const { name } = jump.extension;
    return STANDARD.get(name) ?? { kind: "target", name, run: jump.extension.evaluate(jump.info, machine) };
  }
  const chain = chains.get(jump.chain);
  if (chain === undefined)
    throw new InvariantError(`a checked ruleset jumps to the missing chain ${jump.chain}`);
  return { kind: jump.kind, chain };
}
