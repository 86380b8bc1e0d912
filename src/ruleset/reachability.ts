/**
 * Which chains can be reached from which hooks, and the circles of jumps that the kernel refuses.
 * Kernel: net/ipv4/netfilter/ip_tables.c, mark_source_chains(); net/netfilter/nf_tables_api.c,
 * nft_chain_validate().
 */
import type { Diagnostic } from "../base/index.ts";
import type { Hook } from "../xt/index.ts";
import { builtinHook } from "./hooks.ts";
import type { Chain, Rule, Table } from "./model.ts";

/** A jump or goto to another chain of the table. */
export interface ChainJump {
  readonly rule: Rule;
  readonly from: Chain;
  readonly to: string;
}

/** Every jump of a table, in rule order. */
export function chainJumps(table: Table): readonly ChainJump[] {
  const jumps: ChainJump[] = [];
  for (const from of table.chains.values()) {
    for (const rule of from.rules) {
      const jump = rule.jump;
      if (jump !== undefined && (jump.kind === "jump" || jump.kind === "goto"))
        jumps.push({ rule, from, to: jump.chain });
    }
  }
  return jumps;
}

/** Hooks from which packets can come into each chain; an unreferenced chain has none. */
export function reachingHooks(table: Table): ReadonlyMap<string, readonly Hook[]> {
  const hooks = new Map<string, Hook[]>();
  const targets = new Map<string, Set<string>>();
  for (const { from, to } of chainJumps(table)) {
    const known = targets.get(from.name);
    if (known === undefined) targets.set(from.name, new Set([to]));
    else known.add(to);
  }
  for (const chain of table.chains.values()) hooks.set(chain.name, []);
  for (const start of table.chains.keys()) {
    const hook = builtinHook(table.name, start);
    if (hook === undefined) continue;
    const seen = new Set([start]);
    for (const name of seen) {
      hooks.get(name)?.push(hook);
      for (const next of targets.get(name) ?? []) seen.add(next);
    }
  }
  return hooks;
}

/**
 * Circles of jumps: errors where a hook leads to them. Depth-first, with a stack of its own: rulesets with thousands of chains must not exhaust ours. Built-in chains come
 * first in a table, so that a circle is found from a hook if one leads to it; the kernel loads a circle that no
 * packet can reach.
 */
export function loopDiagnostics(table: Table): readonly Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  const edges = Map.groupBy(chainJumps(table), ({ from }) => from.name);
  const done = new Set<string>();
  const open = new Map<string, number>();
  for (const root of table.chains.keys()) {
    if (done.has(root)) continue;
    const severity = builtinHook(table.name, root) === undefined ? "warning" : "error";
    const stack: { readonly chain: string; next: number }[] = [{ chain: root, next: 0 }];
    open.set(root, 0);
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const jump = edges.get(top.chain)?.[top.next++];
      if (jump === undefined) {
        stack.pop();
        open.delete(top.chain);
        done.add(top.chain);
      } else if (open.has(jump.to)) {
        const path = [...stack.slice(open.get(jump.to)).map(({ chain }) => chain), jump.to];
        diagnostics.push({
          code: "ruleset/chain-loop",
          severity,
          message: `this jump closes a circle: ${path.join(" -> ")}`,
          span: {
            source: jump.rule.span.source,
            start: jump.rule.jump?.start ?? jump.rule.span.start,
            end: jump.rule.jump?.end ?? jump.rule.span.end,
          },
          hint: "a packet may never come back into a chain that it is still in: break the circle",
        });
      } else if (!done.has(jump.to)) {
        open.set(jump.to, stack.length);
        stack.push({ chain: jump.to, next: 0 });
      }
    }
  }
  return diagnostics;
}
