/** A table under construction: what the commands of a restore file do to it. */
import { byteLength, closest, type Diagnostic, type Span } from "../base/index.ts";
import type { Family } from "../net/index.ts";
import {
  builtinHook,
  type Chain,
  type ChainPolicy,
  type Counters,
  type Rule,
  TABLE_HOOKS,
  type Table,
} from "../ruleset/index.ts";
import { findTarget, TARGETS, type TableName } from "../xt/index.ts";
import { CHAIN_NAME_BYTES } from "./core-options.ts";
import { ruleKey } from "./print.ts";
import type { Command } from "./rule-reader.ts";

/** Why a command cannot be done; the caller knows the place. */
export interface CommandRefusal {
  readonly code: Diagnostic["code"];
  readonly message: string;
  readonly hint: string;
  /** Where in the source, if it is not about the whole line. */
  readonly place?: { readonly start: number; readonly end: number };
}

/** Targets that are verdicts of the kernel's own. Source: libxtables/xtables.c, xtables_find_target(). */
const VERDICTS: ReadonlySet<string> = new Set(["ACCEPT", "DROP", "QUEUE", "RETURN"]);

interface OpenChain {
  name: string;
  policy: ChainPolicy | undefined;
  policyStated: boolean;
  counters: Counters | undefined;
  rules: Rule[];
  /** The rules' texts, once `-D` or `-C` has asked for them; dropped when the rules change otherwise. */
  keys: string[] | undefined;
  span: Span;
}

function refusal(code: Diagnostic["code"], message: string, hint: string): CommandRefusal {
  return { code, message, hint };
}

/** Comparing every wrong name with every chain would take minutes where both are thousands. */
const MAX_SUGGESTIONS = 50;
const MAX_CHAINS_SEARCHED = 2000;

export class TableBuilder {
  readonly name: TableName;
  readonly #span: Span;
  readonly #family: Family;
  readonly #chains = new Map<string, OpenChain>();
  /** How many more wrong jumps get a "did you mean". */
  #suggestions = MAX_SUGGESTIONS;
  /** Nothing was said about any chain: iptables-restore then leaves no trace of the table. */
  untouched = true;

  constructor(name: TableName, span: Span, family: Family) {
    this.name = name;
    this.#span = span;
    this.#family = family;
    for (const hook of TABLE_HOOKS[name].hooks) {
      this.#chains.set(hook, {
        name: hook,
        policy: "ACCEPT",
        policyStated: false,
        counters: undefined,
        rules: [],
        keys: undefined,
        span,
      });
    }
  }

  /** Whether a chain of this name exists so far; bound, since it travels as a function. */
  readonly isChain = (name: string): boolean => this.#chains.has(name);

  table(): Table {
    return { name: this.name, chains: this.#chains satisfies ReadonlyMap<string, Chain>, span: this.#span };
  }

  /** A line `:CHAIN POLICY [counters]`. */
  declare(
    name: string,
    policy: string | undefined,
    counters: Counters | undefined,
    span: Span,
  ): CommandRefusal | undefined {
    if (name === "")
      return refusal("syntax/bad-chain-name", "the chain has no name", 'write ":NAME - [0:0]"');
    const badName = this.#badName(name);
    if (badName !== undefined) return badName;
    if (VERDICTS.has(name))
      return refusal(
        "syntax/bad-chain-name",
        `"${name}" is a verdict, and no chain may be called so`,
        "choose another name",
      );
    if (policy === undefined)
      return refusal(
        "syntax/missing-policy",
        `chain "${name}" has no policy`,
        `write ":${name} ${builtinHook(this.name, name) === undefined ? "-" : "ACCEPT"} [0:0]"`,
      );
    this.untouched = false;
    const known = this.#chains.get(name);
    if (known?.policy !== undefined) {
      if (policy !== "ACCEPT" && policy !== "DROP" && policy !== "-") return this.#badPolicy(policy);
      if (policy !== "-") known.policy = policy;
      known.policyStated = policy !== "-";
      known.counters = counters;
      known.span = span;
      return undefined;
    }
    // iptables-nft takes and ignores a policy here; a second declaration empties the chain.
    this.#chains.set(name, {
      name,
      policy: undefined,
      policyStated: false,
      counters,
      rules: [],
      keys: undefined,
      span,
    });
    return undefined;
  }

  /** A command line; the rules of `-A`, `-I` and `-R` are in it. */
  run(command: Command, span: Span): CommandRefusal | undefined {
    switch (command.letter) {
      case "A":
      case "I":
      case "R":
      case "D":
      case "C":
        return this.#changeRules(command);
      case "N":
        return this.#make(command.chain as string, span);
      case "X":
        return this.#remove(command.chain);
      case "E":
        return this.#rename(command.chain as string, command.newName as string);
      case "P":
        return this.#setPolicy(command.chain as string, command.policy as string, span);
      case "F":
        return this.#each(command.chain, (chain) => {
          chain.rules = [];
          chain.keys = undefined;
        });
      case "Z":
      case "L":
      case "S":
        return this.#each(command.chain, () => {});
    }
  }

  #changeRules({ letter, chain: name, position, rules }: Command): CommandRefusal | undefined {
    const chain = this.#chains.get(name as string);
    if (chain === undefined) return this.#noChain(name as string);
    const wrongJump = this.#wrongJump(rules[0]);
    if (wrongJump !== undefined) return wrongJump;
    this.untouched = false;
    if (letter === "I" || letter === "R") chain.keys = undefined;
    switch (letter) {
      case "A":
        for (const rule of rules) {
          chain.rules.push(rule);
          chain.keys?.push(ruleKey(rule, this.#family));
        }
        return undefined;
      case "I": {
        const at = (position ?? 1) - 1;
        if (at > chain.rules.length) return this.#noRule(chain, position as number);
        for (const rule of rules) chain.rules.splice(at, 0, rule);
        return undefined;
      }
      case "R":
        if (rules.length > 1)
          return refusal(
            "syntax/bad-rule-number",
            "-R replaces one rule, and this line stands for several",
            "write single addresses",
          );
        if ((position as number) > chain.rules.length) return this.#noRule(chain, position as number);
        chain.rules[(position as number) - 1] = rules[0] as Rule;
        return undefined;
      default:
        return position === undefined
          ? this.#findRules(letter === "D", chain, rules)
          : this.#deleteAt(chain, position);
    }
  }

  /** The chain that a rule jumps to must exist when the rule is added, and must not be a built-in one. */
  #wrongJump(rule: Rule | undefined): CommandRefusal | undefined {
    const jump = rule?.jump;
    if (jump === undefined || (jump.kind !== "jump" && jump.kind !== "goto")) return undefined;
    const to = this.#chains.get(jump.chain);
    if (to === undefined) {
      const meant = this.#closestName(jump.chain);
      const what =
        jump.kind === "goto" || /[^A-Z0-9]/.test(jump.chain)
          ? "no chain"
          : "neither a known target nor a chain";
      return {
        ...refusal(
          "syntax/no-such-target",
          `"${jump.chain}" is ${what} of table ${this.name} at this point`,
          VERDICTS.has(jump.chain)
            ? `write "-j ${jump.chain}": -g leads to chains only`
            : `${meant === undefined ? "" : `did you mean "${meant}"? `}declare the chain above with ":${jump.chain} - [0:0]", or correct the name`,
        ),
        place: jump,
      };
    }
    if (to.policy === undefined) return undefined;
    return {
      ...refusal(
        "syntax/jump-to-builtin",
        `"${jump.chain}" is a built-in chain; only the kernel enters it`,
        "jump to a user-defined chain",
      ),
      place: jump,
    };
  }

  /** The chain or target that was meant; undefined where the search would cost more than it helps. */
  #closestName(name: string): string | undefined {
    if (this.#suggestions === 0 || this.#chains.size > MAX_CHAINS_SEARCHED) return undefined;
    this.#suggestions--;
    return closest(name, [...this.#chains.keys(), ...TARGETS.map((target) => target.name)]);
  }

  #findRules(remove: boolean, chain: OpenChain, rules: readonly Rule[]): CommandRefusal | undefined {
    for (const rule of rules) {
      const key = ruleKey(rule, this.#family);
      chain.keys ??= chain.rules.map((other) => ruleKey(other, this.#family));
      const index = chain.keys.indexOf(key);
      if (index < 0)
        return refusal(
          "syntax/no-such-rule",
          `chain "${chain.name}" has no such rule at this point`,
          "name the rule exactly as it was added",
        );
      if (!remove) continue;
      chain.rules.splice(index, 1);
      chain.keys.splice(index, 1);
    }
    return undefined;
  }

  #deleteAt(chain: OpenChain, position: number): CommandRefusal | undefined {
    if (position > chain.rules.length) return this.#noRule(chain, position);
    chain.rules.splice(position - 1, 1);
    chain.keys = undefined;
    return undefined;
  }

  #make(name: string, span: Span): CommandRefusal | undefined {
    const badName = this.#badName(name);
    if (badName !== undefined) return badName;
    // A line ":NAME" may take a target's name, and hides the target; -N may not.
    if (findTarget(name, this.#family) !== undefined)
      return refusal("syntax/bad-chain-name", `"${name}" is the name of a target`, "choose another name");
    if (this.#chains.has(name))
      return refusal(
        "syntax/chain-exists",
        `chain "${name}" exists already`,
        "choose another name, or remove this line",
      );
    this.untouched = false;
    this.#chains.set(name, {
      name,
      policy: undefined,
      policyStated: false,
      counters: undefined,
      rules: [],
      keys: undefined,
      span,
    });
    return undefined;
  }

  /** `-X`: one chain, or every user-defined one; all must be empty, and no rule may lead to them. */
  #remove(name: string | undefined): CommandRefusal | undefined {
    const chains = [...this.#chains.values()];
    const removed = chains.filter(
      (chain) => chain.policy === undefined && (name === undefined || chain.name === name),
    );
    if (name !== undefined && removed.length === 0) return this.#noChain(name);
    const users = new Map<string, string>();
    for (const { name: user, rules } of chains) {
      for (const { jump } of rules)
        if (jump !== undefined && "chain" in jump && !users.has(jump.chain)) users.set(jump.chain, user);
    }
    for (const chain of removed) {
      const user = users.get(chain.name);
      if (user === undefined && chain.rules.length === 0) continue;
      return refusal(
        "syntax/chain-in-use",
        `chain "${chain.name}" ${user === undefined ? "still has rules" : `is still used by chain "${user}"`}`,
        `flush first: -F ${user ?? chain.name}`,
      );
    }
    for (const chain of removed) this.#chains.delete(chain.name);
    return undefined;
  }

  #rename(from: string, to: string): CommandRefusal | undefined {
    const chain = this.#chains.get(from);
    if (chain === undefined || chain.policy !== undefined) return this.#noChain(from);
    const badName = this.#badName(to);
    if (badName !== undefined) return badName;
    if (this.#chains.has(to))
      return refusal("syntax/chain-exists", `chain "${to}" exists already`, "choose another name");
    const renamed = (rule: Rule): Rule =>
      rule.jump !== undefined && "chain" in rule.jump && rule.jump.chain === from
        ? { ...rule, jump: { ...rule.jump, chain: to } }
        : rule;
    this.#chains.delete(from);
    this.#chains.set(to, { ...chain, name: to });
    for (const each of this.#chains.values()) {
      each.rules = each.rules.map(renamed);
      each.keys = undefined;
    }
    return undefined;
  }

  #setPolicy(name: string, policy: string, span: Span): CommandRefusal | undefined {
    const chain = this.#chains.get(name);
    if (chain === undefined) return this.#noChain(name);
    if (chain.policy === undefined)
      return refusal(
        "syntax/policy-of-user-chain",
        `"${name}" is no built-in chain and has no policy`,
        `end the chain with a rule: -A ${name} -j ${policy}`,
      );
    if (policy !== "ACCEPT" && policy !== "DROP") return this.#badPolicy(policy);
    this.untouched = false;
    chain.policy = policy;
    chain.policyStated = true;
    chain.span = span;
    return undefined;
  }

  #each(name: string | undefined, change: (chain: OpenChain) => void): CommandRefusal | undefined {
    if (name === undefined) {
      for (const chain of this.#chains.values()) change(chain);
      return undefined;
    }
    const chain = this.#chains.get(name);
    if (chain === undefined) return this.#noChain(name);
    change(chain);
    return undefined;
  }

  #badName(name: string): CommandRefusal | undefined {
    if (byteLength(name) > CHAIN_NAME_BYTES)
      return refusal(
        "syntax/chain-name-too-long",
        `the chain name "${name}" has more than ${CHAIN_NAME_BYTES} bytes`,
        "shorten it",
      );
    if (name.startsWith("-") || name.startsWith("!"))
      return refusal(
        "syntax/bad-chain-name",
        `the chain name "${name}" begins with "${name[0]}"`,
        "begin it with a letter",
      );
    return undefined;
  }

  #badPolicy(policy: string): CommandRefusal {
    return refusal(
      "syntax/bad-policy",
      `"${policy}" cannot be the policy of a chain`,
      "write ACCEPT or DROP; to reject, end the chain with a REJECT rule",
    );
  }

  #noChain(name: string): CommandRefusal {
    const meant = closest(name, this.#chains.keys());
    return refusal(
      "syntax/no-such-chain",
      `table ${this.name} has no chain "${name}" at this point`,
      `${meant === undefined ? "" : `did you mean "${meant}"? `}declare it above: ":${name} - [0:0]"`,
    );
  }

  #noRule(chain: OpenChain, position: number): CommandRefusal {
    return refusal(
      "syntax/bad-rule-number",
      `chain "${chain.name}" has ${chain.rules.length} rules at this point, so there is no rule ${position}`,
      "count again, or use -A",
    );
  }
}
