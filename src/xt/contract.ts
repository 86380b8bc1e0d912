/**
 * What a match or target extension is. One file an extension, holding all that Postern knows of it, so that a
 * reviewer compares one file with one section of iptables-extensions(8) and one kernel file.
 *
 * A facet that is missing does not compile (`check` alone may be absent).
 */
import type { Address, Family } from "../net/index.ts";
import type { Condition, Effect } from "../pktset/index.ts";
import type { Machine, MatchTest, TargetAction } from "./evaluation.ts";
import { Refusal } from "./refusal.ts";
import type { SymbolicContext } from "./symbolic.ts";

export type TableName = "raw" | "mangle" | "nat" | "filter" | "security";
export type Hook = "PREROUTING" | "INPUT" | "FORWARD" | "OUTPUT" | "POSTROUTING";

/** The `-p` of a rule. `number` 0 is "all". */
export interface ProtocolTest {
  readonly number: number;
  readonly invert: boolean;
}

/** What is known while an option's operand is read: `protocol` only if `-p` stands before it. */
export interface ValueContext {
  readonly family: Family;
  readonly protocol: ProtocolTest | undefined;
}

/** What is known when an extension's operands are put together: the whole rule has been read. */
export interface BuildContext extends ValueContext {
  readonly table: TableName;
  /** The chain that the rule is written into, built-in or user-defined. */
  readonly chain: string;
}

/** Where a rule is reached from; what the kernel's `struct xt_mtchk_param` and `xt_tgchk_param` tell `checkentry`. */
export interface RulePlace extends ValueContext {
  readonly table: TableName;
  /** Hooks from which packets can come to the rule: one for a built-in chain, any number for a user-defined one. */
  readonly hooks: readonly Hook[];
}

export interface PrintContext {
  readonly family: Family;
}

/** Reads one operand. */
export type ValueParser<T> = (text: string, context: ValueContext) => T | Refusal;

/** One use of an option: its value and whether a `!` stood before it. */
export interface Occurrence<T> {
  readonly value: T;
  readonly invert: boolean;
  /** Where the reader found it, for extensions to which the order of options matters; only the order means anything. */
  readonly start?: number;
}

/** How often an option may be written: the second time is an error, replaces the first, or adds to it. */
export type Repetition = "once" | "last-wins" | "collect";

export interface OptionSpec<T = unknown, Required extends boolean = boolean, Many extends boolean = boolean> {
  /** undefined: the option takes no operand. */
  readonly parse: ValueParser<T> | undefined;
  readonly required: Required;
  readonly repetition: Repetition;
  readonly many: Many;
  readonly invertible: boolean;
  /** Other spellings: "--destination-port". */
  readonly aliases: readonly string[];
  /** Options that must not stand beside this one. */
  readonly excludes: readonly string[];
  /** Options that must stand beside this one. */
  readonly requires: readonly string[];
  /** The operand as a manual writes it: "value[/mask]". Empty for a flag. */
  readonly operand: string;
  /**
   * How many words the operand has. `parse` gets two as one text, a space between them, or one if only one is there.
   * One that may be missing must be a word of its own; without it the value is `true`, as a flag's.
   */
  readonly words: OperandWords;
}

export type OperandWords = 1 | 2 | "optional";

interface OptionExtras {
  readonly invertible?: boolean;
  readonly aliases?: readonly string[];
  readonly excludes?: readonly string[];
  readonly requires?: readonly string[];
  readonly operand?: string;
  readonly words?: OperandWords;
}

/** `repetition` of an option that gives one value. */
interface SingleExtras extends OptionExtras {
  readonly repetition?: "once" | "last-wins";
}

function spec<T, Required extends boolean, Many extends boolean>(
  parse: ValueParser<T> | undefined,
  kind: { readonly required: Required; readonly many: Many; readonly repetition: Repetition },
  extras: OptionExtras,
): OptionSpec<T, Required, Many> {
  return {
    parse,
    ...kind,
    invertible: extras.invertible ?? false,
    aliases: extras.aliases ?? [],
    excludes: extras.excludes ?? [],
    requires: extras.requires ?? [],
    operand: parse === undefined ? "" : (extras.operand ?? "value"),
    words: extras.words ?? 1,
  };
}

/** An option that every use of the extension must have. */
export function required<T>(parse: ValueParser<T>, extras: SingleExtras = {}): OptionSpec<T, true, false> {
  return spec(parse, { required: true, many: false, repetition: extras.repetition ?? "once" }, extras);
}

/** An option that may be left out. */
export function optional<T>(parse: ValueParser<T>, extras: SingleExtras = {}): OptionSpec<T, false, false> {
  return spec(parse, { required: false, many: false, repetition: extras.repetition ?? "once" }, extras);
}

/** An option that may be written any number of times; every use counts. */
export function collected<T>(parse: ValueParser<T>, extras: OptionExtras = {}): OptionSpec<T, false, true> {
  return spec(parse, { required: false, many: true, repetition: "collect" }, extras);
}

/** An option without operand. Its value is `true`; what counts is that it is there, and its `!`. */
export function flag(extras: SingleExtras = {}): OptionSpec<true, false, false> {
  return spec<true, false, false>(
    undefined,
    { required: false, many: false, repetition: extras.repetition ?? "once" },
    extras,
  );
}

/** Options by their canonical spelling, "--dport". */
// biome-ignore lint/suspicious/noExplicitAny: a table holds options of every operand type; `Given` recovers each.
export type OptionTable = { readonly [name: `--${string}`]: OptionSpec<any> };

/** The operands that were given, by option: always there if required, a list if repeatable, else perhaps undefined. */
export type Given<Options extends OptionTable> = {
  readonly [Name in keyof Options]: Options[Name] extends OptionSpec<infer T, infer Required, infer Many>
    ? Many extends true
      ? readonly Occurrence<T>[] | undefined
      : Required extends true
        ? Occurrence<T>
        : Occurrence<T> | undefined
    : never;
};

/** The Info of an extension without operands: one object for all its uses. */
export const NO_OPERANDS: Readonly<Record<string, never>> = Object.freeze({});

/** Something that the kernel keeps once for all rules that name it, in every table. */
export interface SharedState {
  readonly name: string;
  /** As options, for messages; the kernel refuses a rule of the same name with others. */
  readonly options: string;
}

interface Extension<Options extends OptionTable, Info> {
  /** As written after `-m` or `-j`. */
  readonly name: string;
  /** Other names that load the same extension. */
  readonly aliases?: readonly string[];
  /** The revision whose meaning and printing this file describes. */
  readonly revision: number;
  readonly families: readonly Family[];
  /** One line for help and documentation. */
  readonly summary: string;
  readonly options: Options;
  /** Tables in which the kernel accepts it; absent: all. */
  readonly tables?: readonly TableName[];
  /** Hooks from which the kernel lets packets reach it; absent: all. */
  readonly hooks?: readonly Hook[];
  /** Protocols of which the rule's `-p` must name one, without `!`; absent: none needed. */
  readonly protocols?: readonly number[];
  /** Puts the operands together; refuses what iptables itself refuses across options. */
  build(given: Given<Options>, context: BuildContext): Info | Refusal;
  /** The operands as `iptables-save` prints them, without `-m name`; empty for none. */
  print(info: Info, context: PrintContext): string;
  /** The name as `iptables-save` prints it, where that depends on the operands. */
  printName?(info: Info): string;
  /** What rules of one name share in the kernel, and in what they must agree; absent: nothing. */
  shared?(info: Info): SharedState;
  /** What the kernel's `checkentry` refuses beyond `tables`, `hooks` and `protocols`. */
  check?(info: Info, place: RulePlace): Refusal | undefined;
}

export interface MatchExtension<Options extends OptionTable, Info> extends Extension<Options, Info> {
  readonly kind: "match";
  /**
   * What is listed for two uses in one rule: iptables-nft keeps tests of packet fields instead of some matches, and does
   * not know which use asked what. Nothing if both are listed; absent: they always are.
   */
  listAsOne?(first: Info, second: Info): Info | undefined;
  /** Prepares the test of one rule's use: what it answers for a packet, and what it remembers between packets. */
  evaluate(info: Info, machine: Machine): MatchTest;
  /** The same meaning for all packets: those for which it holds. Speaks of whole headers; a hotdrop counts as not holding. */
  symbolic(info: Info, context: SymbolicContext): Condition;
}

export interface TargetExtension<Options extends OptionTable, Info> extends Extension<Options, Info> {
  readonly kind: "target";
  /** Prepares what one rule's use does to a packet. */
  evaluate(info: Info, machine: Machine): TargetAction;
  /** The same meaning for all packets. */
  symbolic(info: Info, context: SymbolicContext): Effect;
}

// biome-ignore lint/suspicious/noExplicitAny: callers hand each extension only the Info that it built itself.
export type AnyMatch = MatchExtension<any, any>;
// biome-ignore lint/suspicious/noExplicitAny: as AnyMatch.
export type AnyTarget = TargetExtension<any, any>;

export function defineMatch<Options extends OptionTable, Info>(
  definition: Omit<MatchExtension<Options, Info>, "kind">,
): MatchExtension<Options, Info> {
  return { kind: "match", ...definition };
}

export function defineTarget<Options extends OptionTable, Info>(
  definition: Omit<TargetExtension<Options, Info>, "kind">,
): TargetExtension<Options, Info> {
  return { kind: "target", ...definition };
}

export { type Address, Refusal };
