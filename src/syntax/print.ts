/** Rules as `iptables-save` prints them. Source: iptables/xshared.c, save_rule_details() and print_match_save(). */
import { assertNever, encodeText } from "../base/index.ts";
import { type Address, type Family, maskBits, printAddress } from "../net/index.ts";
import {
  type AddressTest,
  type Chain,
  type HeaderMatch,
  type InterfaceTest,
  isOpaque,
  type Jump,
  type MatchUse,
  type OpaqueUse,
  type Rule,
  type Ruleset,
  TABLE_NAMES,
  type Table,
} from "../ruleset/index.ts";
import type { PrintContext } from "../xt/index.ts";
import { printProtocol } from "./header.ts";

/** A whole ruleset as `iptables-save` prints it, without comment lines; counters of policies are zero. */
export function printSaved(ruleset: Ruleset): string {
  let text = "";
  for (const piece of savedPieces(ruleset)) text += piece;
  return text;
}

/** Size in characters from which a piece is handed on. */
const PIECE = 1 << 16;

/** As `printSaved`, in pieces of whole lines, so that a large ruleset is written while it is printed. */
export function* savedPieces(ruleset: Ruleset): Generator<string> {
  const context: PrintContext = { family: ruleset.family };
  for (const name of TABLE_NAMES) {
    const table = ruleset.tables.get(name);
    if (table !== undefined) yield* tablePieces(table, context);
  }
}

function* tablePieces(table: Table, context: PrintContext): Generator<string> {
  const chains = savedOrder(table);
  let piece = `*${table.name}\n`;
  for (const { name, policy } of chains) piece += `:${name} ${policy ?? "-"} [0:0]\n`;
  for (const { name, rules } of chains) {
    const head = `-A ${name}`;
    for (const rule of rules) {
      piece += `${head}${printRule(rule, context)}\n`;
      if (piece.length > PIECE) {
        yield piece;
        piece = "";
      }
    }
  }
  yield `${piece}COMMIT\n`;
}

/** Built-in chains in hook order, then the others by the bytes of their names. */
function savedOrder(table: Table): readonly Chain[] {
  const chains = [...table.chains.values()];
  const own = chains
    .filter((chain) => chain.policy === undefined)
    .sort((a, b) => compareBytes(a.name, b.name));
  return [...chains.filter((chain) => chain.policy !== undefined), ...own];
}

/** As strcmp(3) orders two names. */
function compareBytes(a: string, b: string): number {
  return Buffer.compare(encodeText(a), encodeText(b));
}

/** Everything after `-A CHAIN`, with a space in front of each part. */
export function printRule({ header, matches, jump }: Rule, context: PrintContext): string {
  let text = printHeader(header);
  for (const use of matches.length > 1 ? listedMatches(matches) : matches) text += printMatch(use, context);
  return jump === undefined ? text : text + printJump(jump, context);
}

/** The matches with those put together that are listed as one, where the first of them stands. */
function listedMatches(matches: readonly (MatchUse | OpaqueUse)[]): readonly (MatchUse | OpaqueUse)[] {
  const listed: (MatchUse | OpaqueUse)[] = [];
  for (const use of matches) if (isOpaque(use) || !joins(listed, use)) listed.push(use);
  return listed;
}

/** Puts `use` to the first listed use that takes it in. */
function joins(listed: (MatchUse | OpaqueUse)[], use: MatchUse): boolean {
  const { extension } = use;
  if (extension.listAsOne === undefined) return false;
  for (const [index, earlier] of listed.entries()) {
    if (isOpaque(earlier) || earlier.extension !== extension) continue;
    const info = extension.listAsOne(earlier.info, use.info);
    if (info === undefined) continue;
    listed[index] = { ...earlier, info };
    return true;
  }
  return false;
}

function printHeader({
  source,
  destination,
  inInterface,
  outInterface,
  protocol,
  fragment,
}: HeaderMatch): string {
  let text = "";
  if (source !== undefined) text += printAddressTest("-s", source);
  if (destination !== undefined) text += printAddressTest("-d", destination);
  if (inInterface !== undefined) text += printInterfaceTest("-i", inInterface);
  if (outInterface !== undefined) text += printInterfaceTest("-o", outInterface);
  if (protocol !== undefined) text += `${protocol.invert ? " !" : ""} -p ${printProtocol(protocol.number)}`;
  if (fragment !== undefined) text += fragment.invert ? " ! -f" : " -f";
  return text;
}

/** ` -s 192.0.2.0/24`, with the `!` in front. */
export function printAddressTest(option: string, { address, mask, invert }: AddressTest): string {
  return `${invert ? " !" : ""} ${option} ${printMaskedAddress(address, mask)}`;
}

/** `address/length`, or `address/mask` for a mask with holes. */
export function printMaskedAddress(address: Address, mask: Address): string {
  return `${printAddress(address)}/${maskBits(mask) ?? printAddress(mask)}`;
}

/** `-i +` tests nothing and is not printed, unless it is negated. */
export function printInterfaceTest(option: string, { name, invert }: InterfaceTest): string {
  return name === "+" && !invert ? "" : `${invert ? " !" : ""} ${option} ${name}`;
}

export function printMatch(use: MatchUse | OpaqueUse, context: PrintContext): string {
  if (isOpaque(use)) return ` -m ${use.name}${use.text === "" ? "" : ` ${use.text}`}`;
  const { extension, info } = use;
  const operands: string = extension.print(info, context);
  const name: string = extension.printName === undefined ? extension.name : extension.printName(info);
  return operands === "" ? ` -m ${name}` : ` -m ${name} ${operands}`;
}

export function printJump(jump: Jump, context: PrintContext): string {
  switch (jump.kind) {
    case "jump":
      return ` -j ${jump.chain}`;
    case "goto":
      return ` -g ${jump.chain}`;
    case "opaque":
      return ` -j ${jump.name}${jump.text === "" ? "" : ` ${jump.text}`}`;
    case "target": {
      const operands = jump.extension.print(jump.info, context);
      const name = jump.extension.printName?.(jump.info) ?? jump.extension.name;
      return operands === "" ? ` -j ${name}` : ` -j ${name} ${operands}`;
    }
    default:
      return assertNever(jump);
  }
}

/** A rule's text without its chain, by which `-D` and `-C` compare rules. */
export function ruleKey(rule: Rule, family: Family): string {
  return printRule(rule, { family });
}
