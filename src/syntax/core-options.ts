/**
 * The options that iptables itself knows, before any extension. Source: iptables/iptables.c, original_opts, and the
 * option string of iptables/xshared.h.
 */

/** How an option of iptables takes its operand: none, the next word, or the next word if it looks like one. */
export type CoreOperand = "none" | "required" | "optional";

export interface CoreOption {
  /** The short letter, which names the option everywhere in this layer. */
  readonly letter: string;
  readonly operand: CoreOperand;
}

const LETTERS: readonly (readonly [string, CoreOperand, ...string[]])[] = [
  ["A", "required", "append"],
  ["C", "required", "check"],
  ["D", "required", "delete"],
  ["E", "required", "rename-chain"],
  ["F", "optional", "flush"],
  ["I", "required", "insert"],
  ["L", "optional", "list"],
  ["M", "required", "modprobe"],
  ["N", "required", "new-chain"],
  ["P", "required", "policy"],
  ["R", "required", "replace"],
  ["S", "optional", "list-rules"],
  ["V", "none", "version"],
  ["W", "optional", "wait-interval"],
  ["X", "optional", "delete-chain"],
  ["Z", "optional", "zero"],
  ["c", "required", "set-counters"],
  ["d", "required", "destination", "dst"],
  ["f", "none", "fragments"],
  ["g", "required", "goto"],
  ["h", "optional", "help"],
  ["i", "required", "in-interface"],
  ["j", "required", "jump"],
  ["m", "required", "match"],
  ["n", "none", "numeric"],
  ["o", "required", "out-interface"],
  ["p", "required", "protocol"],
  ["s", "required", "source", "src"],
  ["t", "required", "table"],
  ["v", "none", "verbose"],
  ["w", "optional", "wait"],
  ["x", "none", "exact"],
  ["0", "none", "line-numbers"],
  ["4", "none", "ipv4"],
  ["6", "none", "ipv6"],
];

export const CORE_BY_LETTER: ReadonlyMap<string, CoreOption> = new Map(
  LETTERS.map(([letter, operand]) => [letter, { letter, operand }]),
);

export const CORE_BY_NAME: ReadonlyMap<string, CoreOption> = new Map(
  LETTERS.flatMap(([letter, operand, ...names]) => names.map((name) => [`--${name}`, { letter, operand }] as const)),
);

/** Letters of the commands: what a line does to a table. */
export type CommandLetter = "A" | "C" | "D" | "E" | "F" | "I" | "L" | "N" | "P" | "R" | "S" | "X" | "Z";

/** Options that belong to a rule, which only commands that carry a rule may have. */
export const RULE_COMMANDS: ReadonlySet<CommandLetter> = new Set(["A", "C", "D", "I", "R"]);

/** Where iptables reads the operand only as a word of its own: `-s1.2.3.4` and `--source=1.2.3.4` fail. */
export const OPERAND_APART: ReadonlySet<string> = new Set(["p", "s", "d", "j", "i", "o"]);
