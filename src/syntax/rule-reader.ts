/**
 * One command line of a restore file, read as iptables' own getopt_long loop reads it: long options may be
 * abbreviated, an extension's options are known once its `-m` or `-j` has been read, and `-p` alone loads the match
 * of its protocol when an option needs it. Source: iptables/xshared.c, do_parse() and command_default().
 */
import { byteLength, closest, type Diagnostic } from "../base/index.ts";
import type { Family } from "../net/index.ts";
import type { Counters, Jump, Rule } from "../ruleset/index.ts";
import type { TableName } from "../xt/index.ts";
import { wholeNumber } from "../xt/numbers.ts";
import {
  CHAIN_NAME_BYTES,
  CORE_BY_LETTER,
  CORE_BY_NAME,
  type CommandLetter,
  type CoreOption,
  RULE_COMMANDS,
  SEEN,
} from "./core-options.ts";
import { ExtensionReader } from "./extension-reader.ts";
import { ExtensionSlots } from "./extension-slots.ts";
import { ABANDON, LineFindings } from "./line-findings.ts";
import { RuleAssembly } from "./rule-assembly.ts";
import { WordCursor } from "./word-cursor.ts";
import type { Words } from "./words.ts";

/** One line's command. `rules` has one rule for each pair of addresses given. */
export interface Command {
  readonly letter: CommandLetter;
  /** undefined for `-F`, `-X`, `-Z` of a whole table. */
  readonly chain: string | undefined;
  /** Rule number from 1, of `-I`, `-D`, `-R`. */
  readonly position: number | undefined;
  /** The new name of `-E`. */
  readonly newName: string | undefined;
  /** The policy of `-P`, as written. */
  readonly policy: string | undefined;
  readonly rules: readonly Rule[];
  /** How many addresses `-s` lists, 1 without a list; `rules` has as many groups, one rule for each of `-d`. */
  readonly sourceCount: number;
}

/** Options that are missed most often for want of a `-p`. */
const PORT_OPTIONS: ReadonlySet<string> = new Set([
  "--dport",
  "--sport",
  "--destination-port",
  "--source-port",
]);

const NO_RULES: readonly Rule[] = [];

/** Reads the lines of one table after another; holds what a line needs and is reused for every line. */
export class RuleReader {
  readonly #family: Family;
  readonly #cursor: WordCursor;
  readonly #findings: LineFindings;
  readonly #slots: ExtensionSlots;
  readonly #extensions: ExtensionReader;
  readonly #rule: RuleAssembly;
  #table: TableName = "filter";

  #command: CommandLetter | undefined;
  #chain: string | undefined;
  #position: number | undefined;
  #newName: string | undefined;
  #policy: string | undefined;
  /** Bits of SEEN. */
  #seen = 0;
  #jump: Jump | undefined;
  #counters: Counters | undefined;
  #otherFamily = false;
  #at = 0;

  constructor(context: {
    readonly text: string;
    readonly source: string;
    readonly family: Family;
    readonly words: Words;
    readonly diagnostics: Diagnostic[];
  }) {
    this.#family = context.family;
    this.#findings = new LineFindings(context.source, context.words, context.diagnostics);
    this.#cursor = new WordCursor(context.words, this.#findings);
    this.#slots = new ExtensionSlots(context.family, this.#findings);
    this.#extensions = new ExtensionReader({
      text: context.text,
      family: context.family,
      cursor: this.#cursor,
      slots: this.#slots,
      findings: this.#findings,
    });
    this.#rule = new RuleAssembly(context.source, context.family, this.#findings);
  }

  /**
   * Reads the words of the current line.
   * @returns undefined if it is wrong (a diagnostic says how), "other-family" if `-4` or `-6` sends it elsewhere.
   */
  read(
    table: TableName,
    isChain: (name: string) => boolean,
    counters: Counters | undefined,
  ): Command | "other-family" | undefined {
    this.#reset(table, counters);
    const words = this.#cursor.words;
    try {
      let invert = false;
      while (this.#cursor.at < words.count && !this.#otherFamily) {
        const word = words.texts[this.#cursor.at] as string;
        if (word === "!") {
          if (invert)
            this.#findings.abandon(
              this.#cursor.at,
              "syntax/double-negation",
              `"! !" negates twice`,
              "write one ! or none",
            );
          invert = true;
          this.#cursor.at++;
          continue;
        }
        this.#option(word, invert, isChain);
        invert = false;
      }
      if (this.#otherFamily) return "other-family";
      if (invert)
        this.#findings.abandon(
          words.count - 1,
          "syntax/dangling-negation",
          `nothing follows the "!"`,
          "write the option that it negates, or remove it",
        );
      this.#rule.reportAddresses();
      return this.#finish();
    } catch (reason) {
      if (reason !== ABANDON) throw reason;
      this.#rule.reportAddresses();
      return undefined;
    }
  }

  #reset(table: TableName, counters: Counters | undefined): void {
    this.#table = table;
    this.#command = undefined;
    this.#chain = undefined;
    this.#position = undefined;
    this.#newName = undefined;
    this.#policy = undefined;
    this.#slots.reset();
    this.#rule.reset();
    this.#findings.failed = false;
    this.#seen = 0;
    this.#jump = undefined;
    this.#counters = counters;
    this.#otherFamily = false;
    this.#cursor.at = 0;
  }

  // ---- words to options

  #option(word: string, invert: boolean, isChain: (name: string) => boolean): void {
    if (word.length < 2 || word.charCodeAt(0) !== 45) {
      this.#findings.abandon(
        this.#cursor.at,
        "syntax/stray-word",
        `"${word}" belongs to no option`,
        this.#strayHint(word),
      );
    }
    if (word === "--") {
      if (this.#cursor.at + 1 < this.#cursor.words.count) {
        const message = `"--" ends the options, and nothing may follow them`;
        this.#findings.abandon(this.#cursor.at, "syntax/stray-word", message, "remove it");
      }
      this.#cursor.at++;
      return;
    }
    if (word.charCodeAt(1) === 45) this.#longOption(word, invert, isChain);
    else this.#shortOptions(word, invert, isChain);
  }

  #strayHint(word: string): string {
    if (word === "COMMIT")
      return "write COMMIT from the first column, with nothing behind it, not even a blank";
    if (word.startsWith("#"))
      return 'a comment has a line of its own; in a rule it is -m comment --comment "..."';
    if (this.#cursor.words.texts.slice(0, this.#cursor.at).some((earlier) => earlier.startsWith("'")))
      return "use double quotes: iptables-restore takes a single quote for a letter of the word";
    const before = this.#cursor.words.texts[this.#cursor.at - 1];
    if (before?.startsWith("-")) return `"${before}" takes no operand here`;
    return /\s/.test(word) || this.#cursor.words.openQuote
      ? "put the whole text in one pair of double quotes"
      : "remove it, or put the option before it that it belongs to";
  }

  #longOption(word: string, invert: boolean, isChain: (name: string) => boolean): void {
    const equals = word.indexOf("=");
    const name = equals < 0 ? word : word.slice(0, equals);
    const attached = equals < 0 ? undefined : word.slice(equals + 1);
    const found = this.#slots.find(name);
    if (found === undefined) {
      if (this.#slots.loadProtocol(this.#rule.protocolName, this.#findings.word(this.#cursor.at))) {
        this.#longOption(word, invert, isChain);
        return;
      }
      this.#unknownOption(name);
    }
    if ("letter" in found) this.#core(found, attached, invert, isChain);
    else this.#extensions.option(found.slot, found.entry, attached, invert, this.#rule.protocol);
  }

  #shortOptions(word: string, invert: boolean, isChain: (name: string) => boolean): void {
    const line = this.#cursor.at;
    for (let index = 1; index < word.length; index++) {
      const option = CORE_BY_LETTER.get(word[index] as string);
      if (option === undefined || option.letter === "0") {
        if (this.#slots.loadProtocol(this.#rule.protocolName, this.#findings.word(this.#cursor.at))) {
          this.#option(word, invert, isChain);
          return;
        }
        this.#unknownOption(word.length > 2 ? `-${word[index]}` : word);
      }
      const rest = word.slice(index + 1);
      if (option.operand !== "none" || rest === "") {
        this.#core(option, rest === "" ? undefined : rest, invert, isChain);
        return;
      }
      this.#core(option, undefined, invert, isChain);
      this.#cursor.at = line;
    }
  }

  #unknownOption(name: string): never {
    const known = this.#slots.spellings();
    const options = [...known, ...CORE_BY_NAME.keys()];
    const near = options.filter((option) => option.startsWith(name) && name.length > 2);
    const meant = closest(name, options);
    let hint = `write the -m or -j that it belongs to before it${known.length > 0 ? `; here ${known.slice(0, 6).join(", ")} are known` : ""}`;
    if (near.length > 1) hint = `it could be ${near.slice(0, 4).join(", ")}: write it in full`;
    else if (meant !== undefined) hint = `did you mean "${meant}"?`;
    else if (PORT_OPTIONS.has(name)) hint = "write -p tcp or -p udp before it";
    this.#findings.abandon(this.#cursor.at, "syntax/unknown-option", `unknown option "${name}"`, hint);
  }

  // ---- iptables' own options

  #core(
    option: CoreOption,
    attached: string | undefined,
    invertBefore: boolean,
    isChain: (name: string) => boolean,
  ): void {
    const { letter } = option;
    const start = this.#cursor.at;
    const name = this.#cursor.words.texts[start] as string;
    let value = "";
    let invert = invertBefore;
    if (option.operand === "required") {
      if (attached !== undefined && option.apart) {
        this.#findings.abandon(
          this.#cursor.at,
          "syntax/attached-operand",
          `iptables reads the operand of -${letter} only as a word of its own, not in "${name}"`,
          PORT_OPTIONS.has(`-${name}`) ? `write "-${name}"` : `write "-${letter} ${attached}"`,
        );
      }
      value = this.#cursor.operand(attached, `"${name}"`);
      if (value === "!" && option.negatable) {
        invert = this.#cursor.oldNegation(value, invert);
        value = this.#cursor.words.texts[this.#cursor.at] as string;
      }
    } else if (option.operand === "optional") {
      value = attached ?? this.#cursor.optionalOperand() ?? "";
    }
    if (invert && !option.negatable)
      this.#findings.abandon(start, "syntax/cannot-negate", `"!" cannot stand before "${name}"`, "remove it");
    if (option.bit !== 0) {
      if ((this.#seen & option.bit) !== 0)
        this.#findings.abandon(
          start,
          "syntax/repeated-option",
          `"${name}" stands twice in one rule`,
          "split the rule in two, or remove one",
        );
      this.#seen |= option.bit;
    }
    switch (letter) {
      case "s":
        this.#rule.source(value, invert, this.#findings.word(this.#cursor.at));
        break;
      case "d":
        this.#rule.destination(value, invert, this.#findings.word(this.#cursor.at));
        break;
      case "p":
        this.#rule.protocolTest(value, invert, this.#findings.word(this.#cursor.at));
        break;
      case "i":
        this.#rule.inInterface(value, invert, this.#findings.word(this.#cursor.at));
        break;
      case "o":
        this.#rule.outInterface(value, invert, this.#findings.word(this.#cursor.at));
        break;
      case "m":
        this.#extensions.loadMatch(value, start);
        return;
      case "j":
      case "g":
        this.#jump = this.#extensions.readJump(letter, value, start, isChain);
        return;
      case "f":
        if (this.#family === "ipv6")
          this.#findings.abandon(
            this.#cursor.at,
            "syntax/fragment-ipv6",
            `"-f" exists only in IPv4`,
            "write -m frag --fragmore or the like",
          );
        this.#rule.fragment(invert);
        break;
      case "c":
        this.#readCounters(value);
        break;
      case "4":
      case "6":
        if ((letter === "4") !== (this.#family === "ipv4")) this.#otherFamily = true;
        break;
      case "v":
        break;
      case "t":
      case "w":
      case "W":
      case "M":
      case "n":
      case "x":
      case "0":
      case "V":
      case "h":
        this.#findings.abandon(
          start,
          "syntax/option-not-here",
          `"${name}" has no place in a restore file`,
          letter === "t" ? `put the rule under "*${value}"` : "remove it",
        );
        break;
      default:
        this.#readCommand(letter as CommandLetter, value, start);
    }
    this.#cursor.at++;
  }

  #readCommand(letter: CommandLetter, value: string, start: number): void {
    if (this.#command !== undefined)
      this.#findings.abandon(
        start,
        "syntax/two-commands",
        `-${this.#command} and -${letter} stand in one line`,
        "write a line for each",
      );
    this.#command = letter;
    this.#chain = value === "" ? undefined : value;
    // A chain that is not written means all of them; one that is written as nothing is none.
    if (value === "" && this.#cursor.words.texts[this.#cursor.at] === "") this.#namelessChain();
    if (byteLength(value) > CHAIN_NAME_BYTES) {
      this.#findings.abandon(
        this.#cursor.at,
        "syntax/chain-name-too-long",
        `the chain name "${value}" has more than ${CHAIN_NAME_BYTES} bytes`,
        "shorten it",
      );
    }
    if (letter === "D" || letter === "I" || letter === "R") {
      const number = this.#cursor.optionalOperand();
      if (number !== undefined) {
        this.#position = wholeNumber(number, 1, 0x7fffffff);
        if (this.#position === undefined)
          this.#findings.abandon(
            this.#cursor.at,
            "syntax/bad-rule-number",
            `"${number}" is not a rule number`,
            "count from 1",
          );
      } else if (letter === "R")
        this.#findings.abandon(
          this.#cursor.at,
          "syntax/bad-rule-number",
          "-R needs the number of the rule to replace",
          "write it after the chain",
        );
    } else if (letter === "E" || letter === "P") {
      const second = this.#cursor.optionalOperand();
      if (second === undefined)
        this.#findings.abandon(
          this.#cursor.at,
          "syntax/missing-operand",
          letter === "E" ? "-E needs the old and the new name" : "-P needs a chain and a policy",
          "write it after the chain",
        );
      if (letter === "E" && second === "") this.#namelessChain();
      if (letter === "E") this.#newName = second;
      else this.#policy = second;
    } else if (letter === "Z" || letter === "L" || letter === "S") this.#cursor.optionalOperand();
  }

  #namelessChain(): void {
    this.#findings.abandon(
      this.#cursor.at,
      "syntax/no-such-chain",
      "a chain has a name, and here it is empty",
      "write the chain, such as INPUT, in place of the empty word",
    );
  }

  #readCounters(value: string): void {
    const [packets, attachedBytes] = value.split(",", 2) as [string, string | undefined];
    const bytes = attachedBytes ?? this.#cursor.optionalOperand();
    if (bytes === undefined || !/^\d+$/.test(packets) || !/^\d+$/.test(bytes)) {
      this.#findings.abandon(
        this.#cursor.at,
        "syntax/bad-counters",
        "--set-counters needs two numbers, packets and bytes",
        "write --set-counters 0 0",
      );
    }
    this.#counters = { packets: BigInt(packets), bytes: BigInt(bytes) };
  }

  // ---- the whole line

  #finish(): Command | undefined {
    const letter = this.#command;
    const findings: LineFindings = this.#findings;
    if (letter === undefined) {
      if (findings.failed) return undefined;
      const hint = 'begin it with "-A CHAIN", or with "#" if it is a comment';
      findings.abandon(0, "syntax/no-command", "the line says nothing to do", hint);
    }
    if (this.#table === "nat" && (this.#policy === "DROP" || this.#slots.hasTarget("DROP"))) {
      const message = "table nat is not for filtering: iptables refuses DROP in it";
      findings.error("syntax/drop-in-nat", message, "drop in table filter", findings.line());
    }
    const chain = this.#chain;
    const position = this.#position;
    if (RULE_COMMANDS.has(letter) && !(letter === "D" && position !== undefined)) {
      const rules = this.#rules(chain as string);
      if (findings.failed || rules === undefined) return undefined;
      return {
        letter,
        chain,
        position,
        newName: undefined,
        policy: undefined,
        rules,
        sourceCount: this.#rule.sourceCount,
      };
    }
    const stray = Object.entries(SEEN).find(
      ([option, bit]) => (this.#seen & bit) !== 0 && option !== "j" && !(letter === "P" && option === "c"),
    );
    if (stray !== undefined) {
      findings.error(
        "syntax/option-not-here",
        `-${stray[0]} has no place beside -${letter}`,
        "remove it",
        findings.line(),
      );
    }
    if (findings.failed) return undefined;
    return {
      letter,
      chain,
      position,
      newName: this.#newName,
      policy: this.#policy,
      rules: NO_RULES,
      sourceCount: 1,
    };
  }

  #rules(chain: string): readonly Rule[] | undefined {
    const { matches, target } = this.#slots.uses({
      family: this.#family,
      protocol: this.#rule.protocol,
      table: this.#table,
      chain,
    });
    return this.#rule.rules(chain, { matches, jump: target ?? this.#jump, counters: this.#counters });
  }
}
