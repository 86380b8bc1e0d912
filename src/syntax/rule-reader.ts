/**
 * One command line of a restore file, read as iptables' own getopt_long loop reads it: long options may be
 * abbreviated, an extension's options are known once its `-m` or `-j` has been read, and `-p` alone loads the match
 * of its protocol when an option needs it. Source: iptables/xshared.c, do_parse() and command_default().
 */
import type { Diagnostic } from "../base/index.ts";
import type { Address, Family, MaskedAddress } from "../net/index.ts";
import type {
  AddressTest,
  Counters,
  HeaderMatch,
  InterfaceTest,
  Jump,
  MatchUse,
  OpaqueUse,
  Rule,
} from "../ruleset/index.ts";
import {
  type AnyMatch,
  type AnyTarget,
  type BuildContext,
  findMatch,
  findTarget,
  type Loaded,
  type Occurrence,
  type OptionEntry,
  type ProtocolTest,
  Refusal,
  type TableName,
} from "../xt/index.ts";
import { wholeNumber } from "../xt/numbers.ts";
import { byteLength } from "../xt/strings.ts";
import {
  CORE_BY_LETTER,
  CORE_BY_NAME,
  type CommandLetter,
  type CoreOption,
  RULE_COMMANDS,
  SEEN,
} from "./core-options.ts";
import { parseAddresses, parseInterface, parseProtocol, printProtocol } from "./header.ts";
import type { Words } from "./words.ts";

/** A chain name of at most 28 bytes; the kernel's XT_EXTENSION_MAXNAMELEN less its zero byte. */
export const CHAIN_NAME_BYTES = 28;

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
}

/** An extension that the line has loaded, collecting its operands. */
interface Slot {
  readonly loaded: Loaded<AnyMatch | AnyTarget>;
  /** By option: its one use, or a list of them where the option collects. */
  readonly given: Record<string, PlacedOccurrence | PlacedOccurrence[]>;
  readonly start: number;
  end: number;
}

interface Place {
  readonly start: number;
  readonly end: number;
}

/** Operands of `-s` or `-d`: a list only where one was written. */
type AddressOperand = MaskedAddress | MaskedAddress[] | undefined;

/** An occurrence that knows where its operand stands. */
type PlacedOccurrence = Occurrence<unknown> & Place;

/** Thrown inside this file to leave a line whose rest cannot be understood; never leaves `RuleReader.read`. */
const ABANDON = Symbol("abandon the line");

/** One object for each protocol serves all rules. */
const PROTOCOLS: readonly ProtocolTest[] = Array.from({ length: 256 }, (_, number) => ({
  number,
  invert: false,
}));
const NEGATED_PROTOCOLS: readonly ProtocolTest[] = PROTOCOLS.map(({ number }) => ({ number, invert: true }));

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
  /** The whole text, which opaque extensions are cut from. */
  readonly #text: string;
  readonly #source: string;
  readonly #family: Family;
  readonly #words: Words;
  readonly #diagnostics: Diagnostic[];
  #table: TableName = "filter";

  #command: CommandLetter | undefined;
  #chain: string | undefined;
  #position: number | undefined;
  #newName: string | undefined;
  #policy: string | undefined;
  #slots: (Slot | (OpaqueUse & { readonly target: boolean }))[] = [];
  /** Bits of SEEN. */
  #seen = 0;
  #from: AddressOperand;
  #to: AddressOperand;
  #invertSource = false;
  #invertDestination = false;
  #inInterface: InterfaceTest | undefined;
  #outInterface: InterfaceTest | undefined;
  #protocol: ProtocolTest | undefined;
  #protocolName: string | undefined;
  #protocolLoaded = false;
  #fragment: { readonly invert: boolean } | undefined;
  #jump: (Place & { readonly kind: "jump" | "goto"; readonly chain: string }) | undefined;
  #counters: Counters | undefined;
  #otherFamily = false;
  #failed = false;
  #at = 0;

  constructor(context: {
    readonly text: string;
    readonly source: string;
    readonly family: Family;
    readonly words: Words;
    readonly diagnostics: Diagnostic[];
  }) {
    this.#text = context.text;
    this.#source = context.source;
    this.#family = context.family;
    this.#words = context.words;
    this.#diagnostics = context.diagnostics;
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
    const words = this.#words;
    try {
      let invert = false;
      while (this.#at < words.count && !this.#otherFamily) {
        const word = words.texts[this.#at] as string;
        if (word === "!") {
          if (invert) this.#abandon("syntax/double-negation", `"! !" negates twice`, "write one ! or none");
          invert = true;
          this.#at++;
          continue;
        }
        this.#option(word, invert, isChain);
        invert = false;
      }
      if (this.#otherFamily) return "other-family";
      if (invert)
        this.#abandonAt(
          words.count - 1,
          "syntax/dangling-negation",
          `nothing follows the "!"`,
          "write the option that it negates, or remove it",
        );
      return this.#finish();
    } catch (reason) {
      if (reason !== ABANDON) throw reason;
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
    this.#slots = [];
    this.#seen = 0;
    this.#from = undefined;
    this.#to = undefined;
    this.#invertSource = false;
    this.#invertDestination = false;
    this.#inInterface = undefined;
    this.#outInterface = undefined;
    this.#protocol = undefined;
    this.#protocolName = undefined;
    this.#protocolLoaded = false;
    this.#fragment = undefined;
    this.#jump = undefined;
    this.#counters = counters;
    this.#otherFamily = false;
    this.#failed = false;
    this.#at = 0;
  }

  // ---- words to options

  #option(word: string, invert: boolean, isChain: (name: string) => boolean): void {
    if (word.length < 2 || word.charCodeAt(0) !== 45) {
      this.#abandon("syntax/stray-word", `"${word}" belongs to no option`, this.#strayHint(word));
    }
    if (word === "--")
      this.#abandon("syntax/stray-word", `"--" ends the options, and nothing may follow them`, "remove it");
    if (word.charCodeAt(1) === 45) this.#longOption(word, invert, isChain);
    else this.#shortOptions(word, invert, isChain);
  }

  #strayHint(word: string): string {
    const before = this.#words.texts[this.#at - 1];
    if (before?.startsWith("-")) return `"${before}" takes no operand here`;
    return /\s/.test(word) || this.#words.openQuote
      ? "put the whole text in one pair of double quotes"
      : "remove it, or put the option before it that it belongs to";
  }

  #longOption(word: string, invert: boolean, isChain: (name: string) => boolean): void {
    const equals = word.indexOf("=");
    const name = equals < 0 ? word : word.slice(0, equals);
    const attached = equals < 0 ? undefined : word.slice(equals + 1);
    const found = this.#lookup(name);
    if (found === undefined) {
      if (this.#loadProtocol()) {
        this.#longOption(word, invert, isChain);
        return;
      }
      this.#unknownOption(name);
    }
    if ("letter" in found) this.#core(found, attached, invert, isChain);
    else this.#extensionOption(found.slot, found.entry, attached, invert);
  }

  #shortOptions(word: string, invert: boolean, isChain: (name: string) => boolean): void {
    const line = this.#at;
    for (let index = 1; index < word.length; index++) {
      const option = CORE_BY_LETTER.get(word[index] as string);
      if (option === undefined || option.letter === "0") {
        if (this.#loadProtocol()) {
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
      this.#at = line;
    }
  }

  /** The option that `name` is, or abbreviates, among iptables' own and those of the extensions loaded so far. */
  #lookup(name: string): CoreOption | { readonly slot: Slot; readonly entry: OptionEntry } | undefined {
    const core = CORE_BY_NAME.get(name);
    if (core !== undefined) return core;
    for (let index = this.#slots.length - 1; index >= 0; index--) {
      const slot = this.#slots[index] as Slot | OpaqueUse;
      const entry = "loaded" in slot ? slot.loaded.spellings.get(name) : undefined;
      if (entry !== undefined) return { slot: slot as Slot, entry };
    }
    const candidates: (CoreOption | { readonly slot: Slot; readonly entry: OptionEntry })[] = [];
    for (const [full, option] of CORE_BY_NAME) if (full.startsWith(name)) candidates.push(option);
    const extensions = new Set<object>();
    for (let index = this.#slots.length - 1; index >= 0; index--) {
      const slot = this.#slots[index] as Slot | OpaqueUse;
      if (!("loaded" in slot) || extensions.has(slot.loaded)) continue;
      extensions.add(slot.loaded);
      for (const [full, entry] of slot.loaded.spellings)
        if (full.startsWith(name)) candidates.push({ slot, entry });
    }
    const [first] = candidates;
    const same = (a: object, b: object): boolean =>
      "letter" in a && "letter" in b
        ? a.letter === b.letter
        : "entry" in a && "entry" in b && a.entry === b.entry;
    return first !== undefined && candidates.every((candidate) => same(candidate, first)) ? first : undefined;
  }

  /** `-p tcp --dport 22`: the option makes iptables load the match of the protocol, once a line. */
  #loadProtocol(): boolean {
    if (this.#protocolName === undefined || this.#protocolLoaded) return false;
    this.#protocolLoaded = true;
    const number = wholeNumber(this.#protocolName, 0, 255);
    const loaded = findMatch(number === undefined ? this.#protocolName : printProtocol(number), this.#family);
    if (loaded === undefined) return false;
    const start = this.#words.starts[this.#at] as number;
    this.#slots.push({ loaded, given: {}, start, end: this.#words.ends[this.#at] as number });
    return true;
  }

  #unknownOption(name: string): never {
    const known = this.#slots.flatMap((slot) => ("loaded" in slot ? [...slot.loaded.spellings.keys()] : []));
    const options = [...known, ...CORE_BY_NAME.keys()];
    const near = options.filter((option) => option.startsWith(name) && name.length > 2);
    const meant = closest(name, options);
    let hint = `write the -m or -j that it belongs to before it${known.length > 0 ? `; here ${known.slice(0, 6).join(", ")} are known` : ""}`;
    if (near.length > 1) hint = `it could be ${near.slice(0, 4).join(", ")}: write it in full`;
    else if (meant !== undefined) hint = `did you mean "${meant}"?`;
    else if (PORT_OPTIONS.has(name)) hint = "write -p tcp or -p udp before it";
    this.#abandon("syntax/unknown-option", `unknown option "${name}"`, hint);
  }

  /** The operand of the option at the current word, moving on to it. */
  #operand(attached: string | undefined, what: string): string {
    if (attached !== undefined) return attached;
    if (this.#at + 1 >= this.#words.count)
      this.#abandon("syntax/missing-operand", `${what} needs an operand`, "write it after the option");
    this.#at++;
    return this.#words.texts[this.#at] as string;
  }

  /** Old iptables wrote the negation between option and operand; what follows is understood, and reported. */
  #oldNegation(value: string, invert: boolean): boolean {
    if (value !== "!" || this.#at + 1 >= this.#words.count) return invert;
    const option = this.#words.texts[this.#at - 1] as string;
    this.#report(
      this.#at,
      "syntax/old-negation",
      `"${option} !" is the old place of the negation, which iptables 1.8.9 no longer reads`,
      `write "! ${option} ${this.#words.texts[this.#at + 1]}"; "postern fmt" does it for you`,
      true,
    );
    this.#at++;
    return true;
  }

  // ---- iptables' own options

  #core(
    option: CoreOption,
    attached: string | undefined,
    invertBefore: boolean,
    isChain: (name: string) => boolean,
  ): void {
    const { letter } = option;
    const start = this.#at;
    const name = this.#words.texts[start] as string;
    let value = "";
    let invert = invertBefore;
    if (option.operand === "required") {
      if (attached !== undefined && option.apart) {
        this.#abandon(
          "syntax/attached-operand",
          `iptables reads the operand of -${letter} only as a word of its own, not in "${name}"`,
          `write "-${letter} ${attached}"`,
        );
      }
      value = this.#operand(attached, `"${name}"`);
      if (value === "!" && option.negatable) {
        invert = this.#oldNegation(value, invert);
        value = this.#words.texts[this.#at] as string;
      }
    } else if (option.operand === "optional") {
      value = attached ?? this.#optionalOperand() ?? "";
    }
    if (invert && !option.negatable)
      this.#abandonAt(start, "syntax/cannot-negate", `"!" cannot stand before "${name}"`, "remove it");
    if (option.bit !== 0) {
      if ((this.#seen & option.bit) !== 0)
        this.#abandonAt(
          start,
          "syntax/repeated-option",
          `"${name}" stands twice in one rule`,
          "split the rule in two, or remove one",
        );
      this.#seen |= option.bit;
    }
    switch (letter) {
      case "s":
        this.#invertSource = invert;
        this.#from = this.#value(parseAddresses(value, this.#family));
        break;
      case "d":
        this.#invertDestination = invert;
        this.#to = this.#value(parseAddresses(value, this.#family));
        break;
      case "p":
        this.#readProtocol(value, invert);
        break;
      case "i":
      case "o": {
        const parsed = this.#value(parseInterface(value));
        if (parsed === undefined) break;
        if (letter === "i") this.#inInterface = { name: parsed, invert };
        else this.#outInterface = { name: parsed, invert };
        break;
      }
      case "m":
        this.#loadMatch(value, start);
        return;
      case "j":
      case "g":
        this.#readJump(letter, value, start, isChain);
        return;
      case "f":
        if (this.#family === "ipv6")
          this.#abandon(
            "syntax/fragment-ipv6",
            `"-f" exists only in IPv4`,
            "write -m frag --fragmore or the like",
          );
        this.#fragment = { invert };
        break;
      case "c":
        this.#readCounters(value);
        break;
      case "4":
      case "6":
        this.#otherFamily = (letter === "4") !== (this.#family === "ipv4");
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
        this.#abandonAt(
          start,
          "syntax/option-not-here",
          `"${name}" has no place in a restore file`,
          letter === "t" ? `put the rule under "*${value}"` : "remove it",
        );
        break;
      default:
        this.#readCommand(letter as CommandLetter, value, start);
    }
    this.#at++;
  }

  #optionalOperand(): string | undefined {
    const next = this.#words.texts[this.#at + 1];
    if (
      this.#at + 1 >= this.#words.count ||
      next === undefined ||
      next.startsWith("-") ||
      next.startsWith("!")
    )
      return undefined;
    this.#at++;
    return next;
  }

  #readCommand(letter: CommandLetter, value: string, start: number): void {
    if (this.#command !== undefined)
      this.#abandonAt(
        start,
        "syntax/two-commands",
        `-${this.#command} and -${letter} stand in one line`,
        "write a line for each",
      );
    this.#command = letter;
    this.#chain = value === "" ? undefined : value;
    if (byteLength(value) > CHAIN_NAME_BYTES) {
      this.#abandon(
        "syntax/chain-name-too-long",
        `the chain name "${value}" has more than ${CHAIN_NAME_BYTES} bytes`,
        "shorten it",
      );
    }
    if (letter === "D" || letter === "I" || letter === "R") {
      const number = this.#optionalOperand();
      if (number !== undefined) {
        this.#position = wholeNumber(number, 1, 0x7fffffff);
        if (this.#position === undefined)
          this.#abandon("syntax/bad-rule-number", `"${number}" is not a rule number`, "count from 1");
      } else if (letter === "R")
        this.#abandon(
          "syntax/bad-rule-number",
          "-R needs the number of the rule to replace",
          "write it after the chain",
        );
    } else if (letter === "E" || letter === "P") {
      const second = this.#optionalOperand();
      if (second === undefined)
        this.#abandon(
          "syntax/missing-operand",
          letter === "E" ? "-E needs the old and the new name" : "-P needs a chain and a policy",
          "write it after the chain",
        );
      if (letter === "E") this.#newName = second;
      else this.#policy = second;
    } else if (letter === "Z" || letter === "L" || letter === "S") this.#optionalOperand();
  }

  #readProtocol(text: string, invert: boolean): void {
    const number = this.#value(parseProtocol(text));
    if (number === undefined) return;
    if (number === 0 && invert)
      this.#abandon(
        "syntax/never-matches",
        `"! -p ${text}" can match no packet`,
        "name the protocol to exclude",
      );
    this.#protocol = (invert ? NEGATED_PROTOCOLS : PROTOCOLS)[number];
    this.#protocolName = text.toLowerCase();
  }

  #readCounters(value: string): void {
    const [packets, attachedBytes] = value.split(",", 2) as [string, string | undefined];
    const bytes = attachedBytes ?? this.#optionalOperand();
    if (bytes === undefined || !/^\d+$/.test(packets) || !/^\d+$/.test(bytes)) {
      this.#abandon(
        "syntax/bad-counters",
        "--set-counters needs two numbers, packets and bytes",
        "write --set-counters 0 0",
      );
    }
    this.#counters = { packets: BigInt(packets), bytes: BigInt(bytes) };
  }

  // ---- extensions

  #loadMatch(name: string, start: number): void {
    const loaded = findMatch(name, this.#family);
    if (loaded === undefined) {
      this.#readOpaque(name, start, false);
      return;
    }
    this.#slots.push({
      loaded,
      given: {},
      start: this.#words.starts[start] as number,
      end: this.#words.ends[this.#at] as number,
    });
    this.#at++;
  }

  #readJump(letter: "j" | "g", name: string, start: number, isChain: (name: string) => boolean): void {
    if (name === "" || byteLength(name) > CHAIN_NAME_BYTES || /\s/.test(name)) {
      this.#abandon(
        "syntax/bad-target-name",
        `"${name}" cannot name a target or chain`,
        `use 1 to ${CHAIN_NAME_BYTES} bytes without spaces`,
      );
    }
    const place = { start: this.#words.starts[start] as number, end: this.#words.ends[this.#at] as number };
    const loaded = letter === "j" && !isChain(name) ? findTarget(name, this.#family) : undefined;
    if (loaded !== undefined) {
      this.#slots.push({ loaded, given: {}, ...place });
      this.#at++;
    } else if (
      letter === "g" ||
      isChain(name) ||
      !/^[A-Z][A-Z0-9]*$/.test(name) ||
      !this.#words.texts.slice(this.#at + 1, this.#words.count).some((word) => word.startsWith("--"))
    ) {
      this.#jump = { kind: letter === "g" ? "goto" : "jump", chain: name, ...place };
      this.#at++;
    } else this.#readOpaque(name, start, true);
  }

  /** Takes the words of an unknown extension up to the next option of iptables itself, as they stand. */
  #readOpaque(name: string, start: number, target: boolean): void {
    const words = this.#words;
    let end = this.#at + 1;
    while (end < words.count) {
      const word = words.texts[end] as string;
      const next = words.texts[end + 1];
      if (
        /^-[a-zA-Z]$/.test(word) ||
        CORE_BY_NAME.has(word) ||
        (word === "!" && next !== undefined && (/^-[a-zA-Z]$/.test(next) || CORE_BY_NAME.has(next)))
      )
        break;
      end++;
    }
    const place = { start: words.starts[start] as number, end: words.ends[end - 1] as number };
    const text =
      end === this.#at + 1 ? "" : this.#text.slice(words.starts[this.#at + 1], words.ends[end - 1]);
    this.#slots.push({ name, text, ...place, target });
    this.#diagnostics.push({
      code: target ? "xt/unknown-target" : "xt/unknown-match",
      severity: "warning",
      message: `iptables 1.8.9 has no ${target ? "target" : "match"} "${name}" for ${this.#family}; it is kept as it stands, and nothing is known of what it does`,
      span: { source: this.#source, ...place },
      hint: `${this.#didYouMean(name, target)}correct the name, or make sure that the host has the extension`,
    });
    this.#at = end;
  }

  #extensionOption(
    slot: Slot,
    { name, spec }: OptionEntry,
    attached: string | undefined,
    invertBefore: boolean,
  ): void {
    const start = this.#at;
    const label = slot.loaded.extension.name;
    let invert = invertBefore;
    let value: unknown = true;
    let place = this.#place(start);
    const mayLack = spec.words === "optional";
    const apart = mayLack && attached === undefined ? this.#optionalOperand() : undefined;
    if (spec.parse !== undefined && (!mayLack || apart !== undefined)) {
      let text = apart ?? this.#operand(attached, `${label}: "${name}"`);
      if (
        text === "!" &&
        spec.invertible &&
        this.#words.texts[this.#at + 1] !== undefined &&
        this.#at + 1 < this.#words.count
      ) {
        invert = this.#oldNegation(text, invert);
        text = this.#words.texts[this.#at] as string;
      }
      place = this.#place(this.#at);
      if (spec.words === 2) {
        const second = this.#optionalOperand();
        if (second !== undefined) {
          text = `${text} ${second}`;
          place = { start: place.start, end: this.#words.ends[this.#at] as number };
        }
      }
      value = spec.parse(text, { family: this.#family, protocol: this.#protocol });
      if (value instanceof Refusal) {
        this.#refused(value, place, `${label}: `);
        value = undefined;
      }
    } else if (attached !== undefined) {
      this.#abandon(
        "syntax/unwanted-operand",
        `${label}: "${name}" takes no operand in the same word`,
        mayLack ? `write "${name} ${attached}"` : `write ${name} alone`,
      );
    }
    if (invert && !spec.invertible)
      this.#abandonAt(
        start,
        "syntax/cannot-negate",
        `${label}: "!" cannot stand before "${name}"`,
        "remove it",
      );
    if (name in slot.given && spec.repetition === "once") {
      this.#abandonAt(
        start,
        "syntax/repeated-option",
        `${label}: "${name}" stands twice`,
        `use a second "-m ${label}", or remove one`,
      );
    }
    const occurrence: PlacedOccurrence = { value, invert, start: place.start, end: place.end };
    const earlier = slot.given[name];
    if (spec.repetition !== "collect") slot.given[name] = occurrence;
    else if (Array.isArray(earlier)) earlier.push(occurrence);
    else slot.given[name] = [occurrence];
    slot.end = this.#words.ends[this.#at] as number;
    this.#at++;
  }

  // ---- the whole line

  #finish(): Command | undefined {
    const letter = this.#command;
    if (letter === undefined) {
      if (!this.#failed)
        this.#abandonAt(
          0,
          "syntax/no-command",
          "the line says nothing to do",
          'begin it with "-A CHAIN", or with "#" if it is a comment',
        );
      return undefined;
    }
    const chain = this.#chain;
    if (
      this.#table === "nat" &&
      (this.#policy === "DROP" ||
        this.#slots.some((slot) => "loaded" in slot && slot.loaded.extension.name === "DROP"))
    ) {
      this.#diagnose(
        "syntax/drop-in-nat",
        "table nat is not for filtering: iptables refuses DROP in it",
        "drop in table filter",
        this.#linePlace(),
      );
    }
    const carriesRule = RULE_COMMANDS.has(letter) && !(letter === "D" && this.#position !== undefined);
    if (!carriesRule) {
      const stray = Object.entries(SEEN).find(
        ([option, bit]) => (this.#seen & bit) !== 0 && option !== "j" && !(letter === "P" && option === "c"),
      )?.[0];
      if (stray !== undefined) {
        this.#diagnose(
          "syntax/option-not-here",
          `-${stray} has no place beside -${letter}`,
          "remove it",
          this.#linePlace(),
        );
      }
      return this.#failed
        ? undefined
        : {
            letter,
            chain,
            position: this.#position,
            newName: this.#newName,
            policy: this.#policy,
            rules: NO_RULES,
          };
    }
    const rules = this.#rules(chain as string);
    if (this.#failed || rules === undefined) return undefined;
    return { letter, chain, position: this.#position, newName: undefined, policy: undefined, rules };
  }

  #rules(chain: string): readonly Rule[] | undefined {
    const context: BuildContext = {
      family: this.#family,
      protocol: this.#protocol,
      table: this.#table,
      chain,
    };
    const matches: (MatchUse | OpaqueUse)[] = [];
    let jump: Jump | undefined = this.#jump;
    for (const slot of this.#slots) {
      if (!("loaded" in slot)) {
        const { target, ...opaque } = slot;
        if (target) jump = { kind: "opaque", ...opaque };
        else matches.push(opaque);
        continue;
      }
      const info = this.#build(slot, context);
      const { extension } = slot.loaded;
      const { start, end } = slot;
      if (extension.kind === "match") matches.push({ extension, info, start, end });
      else jump = { kind: "target", extension, info, start, end };
    }
    const where = chain === "PREROUTING" || chain === "INPUT" ? "o" : "i";
    if (
      (where === "o" || chain === "POSTROUTING" || chain === "OUTPUT") &&
      (this.#seen & SEEN[where]) !== 0
    ) {
      this.#diagnose(
        "syntax/interface-not-here",
        `-${where} has no meaning in ${chain}: ${where === "o" ? "the way out is not chosen yet" : "the packet did not come in, or that is forgotten"}`,
        where === "o"
          ? "test -o in FORWARD, OUTPUT or POSTROUTING"
          : "test -i in PREROUTING, INPUT or FORWARD",
        this.#linePlace(),
      );
    }
    const from = this.#from;
    const to = this.#to;
    if ((Array.isArray(from) || Array.isArray(to)) && (this.#invertSource || this.#invertDestination)) {
      this.#diagnose(
        "syntax/negated-list",
        "! cannot stand before a list of addresses",
        "write a rule for each address, or use an ipset",
        this.#linePlace(),
      );
    }
    if (this.#invertSource) this.#mustMatch("-s", from);
    if (this.#invertDestination) this.#mustMatch("-d", to);
    if (this.#failed) return undefined;
    const body = {
      matches,
      jump,
      counters: this.#counters,
      span: { source: this.#source, ...this.#linePlace() },
    };
    if (!Array.isArray(from) && !Array.isArray(to)) return [this.#rule(from, to, body)];
    const sources = Array.isArray(from) ? from : [from];
    const destinations = Array.isArray(to) ? to : [to];
    return sources.flatMap((source) =>
      destinations.map((destination) => this.#rule(source, destination, body)),
    );
  }

  /** A negated test of no bits holds for no packet; the kernel refuses it. */
  #mustMatch(option: string, operand: AddressOperand): void {
    if (operand === undefined || Array.isArray(operand) || !isAnyMask(operand.mask)) return;
    this.#diagnose(
      "syntax/never-matches",
      `"! ${option}" with a mask of zero bits can match no packet`,
      "name the addresses to exclude",
      this.#linePlace(),
    );
  }

  #rule(
    source: MaskedAddress | undefined,
    destination: MaskedAddress | undefined,
    body: Omit<Rule, "header">,
  ): Rule {
    const protocol = this.#protocol;
    const header: HeaderMatch = {
      source: source === undefined ? undefined : addressTest(source, this.#invertSource),
      destination: destination === undefined ? undefined : addressTest(destination, this.#invertDestination),
      inInterface: this.#inInterface,
      outInterface: this.#outInterface,
      protocol: protocol === undefined || protocol.number === 0 ? undefined : protocol,
      fragment: this.#fragment,
    };
    return { header, matches: body.matches, jump: body.jump, counters: body.counters, span: body.span };
  }

  #build(slot: Slot, context: BuildContext): unknown {
    const { extension, constrained } = slot.loaded;
    const { given } = slot;
    const label = extension.name;
    for (const { name, spec } of constrained) {
      if (!(name in given)) {
        if (spec.required)
          this.#diagnose(
            "xt/missing-option",
            `${label}: "${name}" must be given`,
            `add ${name} ${spec.operand}`.trimEnd(),
            slot,
          );
        continue;
      }
      const clash = spec.excludes.find((other) => other in given);
      const place = operandPlace(slot, name);
      if (clash !== undefined)
        this.#diagnose(
          "xt/conflicting-options",
          `${label}: "${name}" and "${clash}" exclude each other`,
          "remove one of them",
          place,
        );
      const partner = spec.requires.find((other) => !(other in given));
      if (partner !== undefined)
        this.#diagnose(
          "xt/missing-option",
          `${label}: "${name}" works only with "${partner}"`,
          `add ${partner}`,
          place,
        );
    }
    if (this.#failed) return undefined;
    // biome-ignore lint/suspicious/noExplicitAny: `given` was filled by this extension's own option table.
    const info: unknown = extension.build(given as any, context);
    if (!(info instanceof Refusal)) return info;
    this.#refused(info, info.option === undefined ? slot : operandPlace(slot, info.option), `${label}: `);
    return undefined;
  }

  // ---- what is wrong

  #place(index: number): Place {
    return { start: this.#words.starts[index] as number, end: this.#words.ends[index] as number };
  }

  #linePlace(): Place {
    return { start: this.#words.starts[0] as number, end: this.#words.ends[this.#words.count - 1] as number };
  }

  /** A value at the current word, or a diagnostic about it. */
  #value<T>(value: T | Refusal): T | undefined {
    if (!(value instanceof Refusal)) return value;
    this.#refused(value, this.#place(this.#at), "");
    return undefined;
  }

  #refused({ code, message, hint }: Refusal, { start, end }: Place, prefix: string): void {
    this.#diagnose(code, prefix + message, hint, { start, end });
  }

  #diagnose(
    code: Diagnostic["code"],
    message: string,
    hint: string | undefined,
    { start, end }: Place,
  ): void {
    this.#failed = true;
    this.#diagnostics.push({
      code,
      severity: "error",
      message,
      span: { source: this.#source, start, end },
      ...(hint === undefined ? {} : { hint }),
    });
  }

  /** As `#diagnose`, at a word; a `mended` one leaves the rule usable. */
  #report(index: number, code: Diagnostic["code"], message: string, hint: string, mended: boolean): void {
    const failed = this.#failed;
    this.#diagnose(code, message, hint, this.#place(Math.min(index, this.#words.count - 1)));
    if (mended) this.#failed = failed;
  }

  #abandonAt(index: number, code: Diagnostic["code"], message: string, hint: string): never {
    this.#report(index, code, message, hint, false);
    throw ABANDON;
  }

  #abandon(code: Diagnostic["code"], message: string, hint: string): never {
    this.#abandonAt(this.#at, code, message, hint);
  }
}

/** Where the operand of an option stands, the last one if there are several. */
function operandPlace(slot: Slot, option: string): Place {
  const given = slot.given[option];
  return (Array.isArray(given) ? given.at(-1) : given) ?? slot;
}

function isAnyMask(mask: Address): boolean {
  return mask === 0 || mask === 0n;
}

function addressTest(address: MaskedAddress, invert: boolean): AddressTest | undefined {
  if (isAnyMask(address.mask) && !invert) return undefined;
  return { address: address.address, mask: address.mask, invert };
}
