/** Rules in the words of `iptables-save`, for quoting them. */
import { maskBits, printAddress, protocolName } from "../net/index.ts";
import {
  type AddressTest,
  type InterfaceTest,
  isOpaque,
  type Jump,
  type MatchUse,
  type OpaqueUse,
  type Rule,
} from "../ruleset/index.ts";
import type { PrintContext } from "../xt/index.ts";

/** Longer rules are cut when they are quoted; the diagnostic's span shows them whole. */
const QUOTE_LENGTH = 120;

/** A rule without `-A CHAIN`: "-i eth0 -p tcp -m tcp --dport 22 -j ACCEPT". */
export function ruleText(rule: Rule, context: PrintContext): string {
  const condition = conditionText(rule, context);
  if (rule.jump === undefined) return condition;
  return condition === "" ? jumpText(rule.jump, context) : `${condition} ${jumpText(rule.jump, context)}`;
}

/** What a rule tests, empty if it tests nothing. */
export function conditionText({ header, matches }: Rule, context: PrintContext): string {
  const words: string[] = [];
  const { source, destination, inInterface, outInterface, protocol, fragment } = header;
  if (source !== undefined) words.push(addressText("-s", source));
  if (destination !== undefined) words.push(addressText("-d", destination));
  if (inInterface !== undefined) words.push(interfaceText("-i", inInterface));
  if (outInterface !== undefined) words.push(interfaceText("-o", outInterface));
  if (protocol !== undefined) words.push(`${protocol.invert ? "! " : ""}-p ${protocolText(protocol.number)}`);
  if (fragment !== undefined) words.push(fragment.invert ? "! -f" : "-f");
  for (const use of matches) words.push(matchText(use, context));
  return words.join(" ");
}

/** `"-s 192.0.2.0/24 -j DROP"`, shortened in the middle of nothing: only its end may be cut. */
export function quoteRule(rule: Rule, context: PrintContext): string {
  return quote(ruleText(rule, context));
}

export function quote(text: string): string {
  return `"${text.length > QUOTE_LENGTH ? `${text.slice(0, QUOTE_LENGTH - 1)}…` : text}"`;
}

export function addressText(option: "-s" | "-d", { address, mask, invert }: AddressTest): string {
  return `${invert ? "! " : ""}${option} ${printAddress(address)}/${maskBits(mask) ?? printAddress(mask)}`;
}

export function interfaceText(option: "-i" | "-o", { name, invert }: InterfaceTest): string {
  return `${invert ? "! " : ""}${option} ${name}`;
}

/** 58 prints as "ipv6-icmp", a number without a name as itself. */
export function protocolText(number: number): string {
  return protocolName(number) ?? `${number}`;
}

export function matchText(use: MatchUse | OpaqueUse, context: PrintContext): string {
  if (isOpaque(use)) return `-m ${use.name}${use.text === "" ? "" : ` ${use.text}`}`;
  const { extension, info } = use;
  const operands = extension.print(info, context);
  const name = extension.printName?.(info) ?? extension.name;
  return operands === "" ? `-m ${name}` : `-m ${name} ${operands}`;
}

export function jumpText(jump: Jump, context: PrintContext): string {
  switch (jump.kind) {
    case "jump":
      return `-j ${jump.chain}`;
    case "goto":
      return `-g ${jump.chain}`;
    case "opaque":
      return `-j ${jump.name}${jump.text === "" ? "" : ` ${jump.text}`}`;
    case "target": {
      const operands = jump.extension.print(jump.info, context);
      const name = jump.extension.printName?.(jump.info) ?? jump.extension.name;
      return operands === "" ? `-j ${name}` : `-j ${name} ${operands}`;
    }
  }
}

/** "1 rule", "12 rules". */
export function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}

/** "a", "a and b", "a, b and c". */
export function enumerate(words: readonly string[]): string {
  if (words.length < 2) return words[0] ?? "";
  return `${words.slice(0, -1).join(", ")} and ${words[words.length - 1]}`;
}
