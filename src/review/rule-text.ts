/** Rules in the words of `iptables-save`, for quoting them in findings. */
import type { AddressTest, InterfaceTest, Jump, MatchUse, OpaqueUse, Rule } from "../ruleset/index.ts";
import { printAddressTest, printInterfaceTest, printJump, printMatch, printRule } from "../syntax/index.ts";
import type { PrintContext } from "../xt/index.ts";

/** Longer rules are cut when they are quoted; the diagnostic's span shows them whole. */
const QUOTE_LENGTH = 120;

/** A rule without `-A CHAIN`: "-i eth0 -p tcp -m tcp --dport 22 -j ACCEPT". */
export function ruleText(rule: Rule, context: PrintContext): string {
  return printRule(rule, context).trimStart();
}

/** What a rule tests, empty if it tests nothing. */
export function conditionText(rule: Rule, context: PrintContext): string {
  return ruleText({ ...rule, jump: undefined }, context);
}

/** `"-s 192.0.2.0/24 -j DROP"`, its end cut off if it is long. */
export function quoteRule(rule: Rule, context: PrintContext): string {
  return quote(ruleText(rule, context));
}

export function quote(text: string): string {
  return `"${text.length > QUOTE_LENGTH ? `${text.slice(0, QUOTE_LENGTH - 1)}…` : text}"`;
}

export function addressText(option: "-s" | "-d", test: AddressTest): string {
  return printAddressTest(option, test).trimStart();
}

export function interfaceText(option: "-i" | "-o", test: InterfaceTest): string {
  return printInterfaceTest(option, test).trimStart();
}

export function matchText(use: MatchUse | OpaqueUse, context: PrintContext): string {
  return printMatch(use, context).trimStart();
}

export function jumpText(jump: Jump, context: PrintContext): string {
  return printJump(jump, context).trimStart();
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
