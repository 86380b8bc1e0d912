/**
 * A packet's way through the chains of one table. Kernel: net/ipv4/netfilter/ip_tables.c, ipt_do_table();
 * net/netfilter/nf_tables_core.c, nft_do_chain().
 */
import { assertNever } from "../base/index.ts";
import type { Skb } from "../xt/index.ts";
import type { RunningChain, RunningMatch, RunningRule } from "./tables.ts";

export type TableVerdict = "accept" | "drop" | "stolen";

/** What the walk reports, and whom it asks when a test cannot be decided. */
export interface Walk {
  /** The rule matched, and its counter moved. */
  counted(rule: RunningRule, skb: Skb): void;
  policyCounted(chain: RunningChain, skb: Skb): void;
  /** Whether to go on as if the test (or the target's verdict of acceptance) held. */
  decide(rule: RunningRule, what: string): boolean;
  /** For traces: every rule looked at. `failed` is what did not hold; undefined if all did. */
  readonly looked: ((rule: RunningRule, failed: string | undefined, skb: Skb) => void) | undefined;
}

/** Deeper nesting than this the kernel refuses at load. */
const MAX_DEPTH = 1024;

export function walkTable(base: RunningChain, skb: Skb, walk: Walk): TableVerdict {
  /** Where to go on after a return: chain and next rule, one behind the other. */
  const stack: (RunningChain | number)[] = [];
  let chain = base;
  let at = 0;
  for (;;) {
    const { index } = chain;
    if (index !== undefined) at = index.next(at, skb);
    const rule = chain.rules[at];
    if (rule === undefined) {
      const back = popReturn(stack);
      if (back === undefined) return atPolicy(base, skb, walk);
      [chain, at] = back;
      continue;
    }
    at++;
    const held = index?.sure === true || ruleHolds(rule, skb, walk);
    if (held === "hotdrop") return "drop";
    if (!held) continue;
    rule.packets++;
    rule.bytes += skb.bytes.length;
    walk.counted(rule, skb);
    const { action } = rule;
    if (held === "hotdrop-after") {
      if (action.kind === "target") action.run(skb);
      return "drop";
    }
    switch (action.kind) {
      case "continue":
        break;
      case "accept":
      case "drop":
        return action.kind;
      case "return": {
        const back = popReturn(stack);
        if (back === undefined) return atPolicy(base, skb, walk);
        [chain, at] = back;
        break;
      }
      case "jump":
        if (stack.length >= 2 * MAX_DEPTH) return "drop";
        stack.push(chain, at);
        chain = action.chain;
        at = 0;
        break;
      case "goto":
        chain = action.chain;
        at = 0;
        break;
      case "target": {
        const outcome = action.run(skb);
        if (outcome === "continue") break;
        if (outcome === "return") {
          const back = popReturn(stack);
          if (back === undefined) return atPolicy(base, skb, walk);
          [chain, at] = back;
          break;
        }
        if (outcome === "unknown-end") {
          if (walk.decide(rule, `${action.name} lets the packet go on`)) break;
          return "drop";
        }
        if (outcome !== "unknown") return outcome;
        return walk.decide(rule, action.name) ? "accept" : "drop";
      }
      // Of a target that nobody knows anything is possible; most do something and go on.
      case "unknown":
        if (walk.decide(rule, `${action.name} lets the packet go on`)) break;
        return walk.decide(rule, action.name) ? "accept" : "drop";
      default:
        assertNever(action);
    }
  }
}

function popReturn(stack: (RunningChain | number)[]): [RunningChain, number] | undefined {
  if (stack.length === 0) return undefined;
  const at = stack.pop() as number;
  return [stack.pop() as RunningChain, at];
}

function atPolicy(base: RunningChain, skb: Skb, walk: Walk): TableVerdict {
  base.packets++;
  base.bytes += skb.bytes.length;
  walk.policyCounted(base, skb);
  return base.policy === "DROP" ? "drop" : "accept";
}

function ruleHolds(rule: RunningRule, skb: Skb, walk: Walk): boolean | "hotdrop" | "hotdrop-after" {
  const header = rule.headerHolds(skb);
  if (header !== true) {
    if (walk.looked !== undefined) walk.looked(rule, rule.headerFailures(skb)[0] ?? "-p", skb);
    return header;
  }
  const { matches } = rule;
  let held: true | "hotdrop-after" = true;
  for (let at = 0; at < matches.length; at++) {
    const match = matches[at] as RunningMatch;
    let outcome = match.test(skb);
    if (outcome === true) continue;
    if (outcome === "hotdrop-after") {
      held = outcome;
      continue;
    }
    if (outcome === "unknown") {
      if (walk.decide(rule, `-m ${match.name}`)) continue;
      outcome = false;
    }
    walk.looked?.(rule, `-m ${match.name}`, skb);
    return outcome;
  }
  walk.looked?.(rule, undefined, skb);
  return held;
}
