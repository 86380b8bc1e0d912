/** The chain map: which chains a table sends packets through, as trees for a terminal of 80 columns. */
import { type Chain, type Rule, type Ruleset, TABLE_HOOKS, type Table } from "../ruleset/index.ts";
import type { PrintContext, TableName } from "../xt/index.ts";
import { conditionText, count } from "./rule-text.ts";

const COLUMNS = 80;
/** Deeper chains are no longer indented. */
const MAX_INDENT = 24;
/** As packets meet the tables at most hooks. */
const PACKET_ORDER: readonly TableName[] = ["raw", "mangle", "nat", "filter", "security"];

/**
 * One tree per built-in chain. A chain that several rules lead to is drawn where it first appears and named after
 * that; the text is therefore as long as there are chains and jumps to different chains.
 */
export function printChainMap(ruleset: Ruleset): string {
  const lines: string[] = [];
  for (const name of PACKET_ORDER) {
    const table = ruleset.tables.get(name);
    if (table !== undefined) new TableMap(table, { family: ruleset.family }, lines).draw();
  }
  return lines.length === 0 ? "" : `${lines.join("\n")}\n`;
}

/** What leads from one chain to another. */
interface Branch {
  readonly to: string;
  readonly indent: number;
  readonly label: string;
}

class TableMap {
  readonly #table: Table;
  readonly #print: PrintContext;
  readonly #lines: string[];
  readonly #drawn = new Set<string>();

  constructor(table: Table, print: PrintContext, lines: string[]) {
    this.#table = table;
    this.#print = print;
    this.#lines = lines;
  }

  draw(): void {
    const { name, chains } = this.#table;
    if (this.#lines.length > 0) this.#lines.push("");
    this.#line(0, `table ${name}`);
    for (const hook of TABLE_HOOKS[name].hooks) {
      const chain = chains.get(hook);
      if (chain === undefined) continue;
      const policy = `policy ${chain.policy}${chain.policyStated ? "" : " (not stated)"}`;
      this.#line(2, `${hook}  ${policy}, ${summary(chain)}`);
      this.#tree(chain);
    }
    for (const chain of chains.values()) {
      if (chain.policy !== undefined || this.#drawn.has(chain.name)) continue;
      this.#line(2, `${chain.name}  no packet comes here, ${summary(chain)}`);
      this.#drawn.add(chain.name);
      this.#tree(chain);
    }
  }

  /** Depth-first with a stack of its own, so that deep nesting cannot exhaust ours. */
  #tree(root: Chain): void {
    const stack = this.#branches(root, 4).reverse();
    for (let branch = stack.pop(); branch !== undefined; branch = stack.pop()) {
      const { to, indent, label } = branch;
      const chain = this.#table.chains.get(to);
      if (chain === undefined) this.#line(indent, `${to}  (no such chain)  ${label}`);
      else if (this.#drawn.has(to)) this.#line(indent, `${to}  (drawn above)  ${label}`);
      else {
        this.#drawn.add(to);
        this.#line(indent, `${to}  ${summary(chain)}  ${label}`);
        stack.push(...this.#branches(chain, Math.min(indent + 2, MAX_INDENT)).reverse());
      }
    }
  }

  /** Chains that a chain leads to, each once, in the order of the first rules that do. */
  #branches({ rules }: Chain, indent: number): Branch[] {
    const numbers = new Map<string, number[]>();
    for (const [index, { jump }] of rules.entries()) {
      if (jump === undefined || !("chain" in jump)) continue;
      const known = numbers.get(jump.chain);
      if (known === undefined) numbers.set(jump.chain, [index]);
      else known.push(index);
    }
    return [...numbers].map(([to, indexes]) => ({ to, indent, label: this.#label(rules, indexes) }));
  }

  #label(rules: readonly Rule[], indexes: readonly number[]): string {
    const [first] = indexes as [number];
    if (indexes.length > 1) return `from ${count(indexes.length, "rule")}, first ${first + 1}`;
    const rule = rules[first] as Rule;
    const condition = conditionText(rule, this.#print);
    return `from rule ${first + 1}: ${condition === "" ? "all" : condition}`;
  }

  #line(indent: number, text: string): void {
    const room = COLUMNS - indent;
    this.#lines.push(" ".repeat(indent) + (text.length > room ? `${text.slice(0, room - 1)}…` : text));
  }
}

/** "12 rules: 8 ACCEPT, 3 DROP, 1 other"; jumps to chains have lines of their own. */
function summary({ rules }: Chain): string {
  if (rules.length === 0) return "no rules";
  const targets = new Map<string, number>();
  for (const { jump } of rules) {
    const name =
      jump === undefined
        ? "count"
        : jump.kind === "target"
          ? jump.extension.name
          : jump.kind === "opaque"
            ? jump.name
            : undefined;
    if (name !== undefined) targets.set(name, (targets.get(name) ?? 0) + 1);
  }
  const named = [...targets].sort((a, b) => b[1] - a[1]);
  const shown = named.slice(0, 3).map(([name, uses]) => `${uses} ${name}`);
  const others = named.slice(3).reduce((sum, [, uses]) => sum + uses, 0);
  if (others > 0) shown.push(`${others} other`);
  return `${count(rules.length, "rule")}${shown.length === 0 ? "" : `: ${shown.join(", ")}`}`;
}
