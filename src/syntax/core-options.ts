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
  /** A `!` may stand before it. */
  readonly negatable: boolean;
  /** iptables reads its operand only as a word of its own: `-s1.2.3.4` and `--source=1.2.3.4` fail. */
  readonly apart: boolean;
  /** Set in a line's record of options seen; 0 for one that may stand twice. `-j` and `-g` share theirs. */
  readonly bit: number;
}

/** Options that a rule has at most once, each a bit; the letters are the option's own. */
export const SEEN = { s: 1, d: 2, p: 4, i: 8, o: 16, j: 32, f: 64, c: 128, n: 256 } as const;
const BITS: Readonly<Record<string, number>> = { ...SEEN, g: SEEN.j };

function coreOption(letter: string, operand: CoreOperand): CoreOption {
  return {
    letter,
    operand,
    negatable: "psdiof".includes(letter),
    apart: "psdjio".includes(letter),
    bit: BITS[letter] ?? 0,
  };
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
  LETTERS.map(([letter, operand]) => [letter, coreOption(letter, operand)]),
);

export const CORE_BY_NAME: ReadonlyMap<string, CoreOption> = new Map(
  LETTERS.flatMap(([letter, , ...names]) =>
    names.map((name) => [`--${name}`, CORE_BY_LETTER.get(letter) as CoreOption] as const),
  ),
);

/** Letters of the commands: what a line does to a table. */
export type CommandLetter = "A" | "C" | "D" | "E" | "F" | "I" | "L" | "N" | "P" | "R" | "S" | "X" | "Z";

/** Options that belong to a rule, which only commands that carry a rule may have. */
export const RULE_COMMANDS: ReadonlySet<CommandLetter> = new Set(["A", "C", "D", "I", "R"]);

/** A chain name of at most 28 bytes; the kernel's XT_EXTENSION_MAXNAMELEN less its zero byte. */
export const CHAIN_NAME_BYTES = 28;
