/** Where packets stop going on: behind which rule of a chain none is left, and from which chains none comes back. */
import type { Chain, HeaderMatch, Rule, Table } from "../ruleset/index.ts";
import { isDeciding, targetName } from "./extension-facts.ts";
import { excludesRest, hasNegation, singleTest } from "./headers.ts";
import { isUnconditional } from "./matches.ts";

/** Chains nested deeper than this are taken to come back; the kernel itself refuses 16 levels (nft) or soon after. */
const MAX_DEPTH = 500;

/** Negated tests of one field in a chain that are compared with each other. */
const MAX_EXCLUDED = 16;

export class Endings {
  readonly #table: Table;
  readonly #finals = new Map<Chain, number>();
  readonly #ends = new Map<string, boolean>();
  #depth = 0;

  constructor(table: Table) {
    this.#table = table;
  }

  /** Index of the rule behind which no packet comes; the number of rules if there is none such. */
  finalIndex(chain: Chain): number {
    const known = this.#finals.get(chain);
    if (known !== undefined) return known;
    const found = this.#findFinal(chain);
    this.#finals.set(chain, found);
    return found;
  }

  /** Every packet that comes into the chain is decided there or below: none returns, and none meets a policy. */
  alwaysEnds(name: string): boolean {
    const known = this.#ends.get(name);
    if (known !== undefined) return known;
    const chain = this.#table.chains.get(name);
    if (chain === undefined || this.#depth > MAX_DEPTH) return false;
    // Within a circle of jumps, which is an error of its own, nothing ends.
    this.#ends.set(name, false);
    this.#depth++;
    const ends = this.#allDecided(chain);
    this.#depth--;
    this.#ends.set(name, ends);
    return ends;
  }

  /** Whoever passes the rule's tests does not come to the next rule of the chain. */
  isFinalFor(rule: Rule): boolean {
    const { jump } = rule;
    if (jump === undefined || jump.kind === "opaque") return false;
    if (jump.kind === "target") return isDeciding(jump) || targetName(rule) === "RETURN";
    if (jump.kind === "goto") return this.#table.chains.has(jump.chain);
    return this.alwaysEnds(jump.chain);
  }

  #findFinal(chain: Chain): number {
    const { rules } = chain;
    const halves = new Map<string, boolean>();
    const excluded: HeaderMatch[] = [];
    const negated = rules.some(({ header }) => hasNegation(header));
    for (let index = 0; index < rules.length; index++) {
      const rule = rules[index] as Rule;
      if (rule.jump === undefined) continue;
      // `-p tcp -j REJECT` and `! -p tcp -j DROP` leave nothing between them, nor do `! -s A` and `! -s B` for
      // networks that have nothing in common.
      const single = negated ? singleTest(rule) : undefined;
      if (single !== undefined && this.isFinalFor(rule)) {
        if (halves.get(single.key) === !single.invert) return index;
        halves.set(single.key, single.invert);
        if (single.invert && excluded.some((other) => excludesRest(other, rule.header))) return index;
        if (single.invert && excluded.length < MAX_EXCLUDED) excluded.push(rule.header);
      } else if (isUnconditional(rule) && this.isFinalFor(rule)) return index;
    }
    return rules.length;
  }

  #allDecided(chain: Chain): boolean {
    const final = this.finalIndex(chain);
    if (final === chain.rules.length) return false;
    for (let index = 0; index <= final; index++) {
      const { jump } = chain.rules[index] as Rule;
      if (jump?.kind === "opaque") return false;
      if (jump?.kind === "target" && jump.extension.name === "RETURN") return false;
      if (jump?.kind === "goto" && !this.alwaysEnds(jump.chain)) return false;
    }
    return true;
  }
}
