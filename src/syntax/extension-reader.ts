/**
 * What a line says of extensions: `-m` and `-j` load them, their options fill them. Source: iptables/xshared.c,
 * command_match(), command_jump() and command_default().
 */
import { byteLength, closest } from "../base/index.ts";
import type { Family } from "../net/index.ts";
import type { Jump } from "../ruleset/index.ts";
import {
  findMatch,
  findTarget,
  MATCHES,
  type OptionEntry,
  type ProtocolTest,
  Refusal,
  TARGETS,
} from "../xt/index.ts";
import { refuse } from "../xt/refusal.ts";
import { CHAIN_NAME_BYTES, CORE_BY_NAME } from "./core-options.ts";
import type { ExtensionSlots, Slot } from "./extension-slots.ts";
import type { LineFindings } from "./line-findings.ts";
import type { WordCursor } from "./word-cursor.ts";

export class ExtensionReader {
  /** The whole text, which opaque extensions are cut from. */
  readonly #text: string;
  readonly #family: Family;
  readonly #cursor: WordCursor;
  readonly #slots: ExtensionSlots;
  readonly #findings: LineFindings;

  constructor(context: {
    readonly text: string;
    readonly family: Family;
    readonly cursor: WordCursor;
    readonly slots: ExtensionSlots;
    readonly findings: LineFindings;
  }) {
    this.#text = context.text;
    this.#family = context.family;
    this.#cursor = context.cursor;
    this.#slots = context.slots;
    this.#findings = context.findings;
  }

  /** `-m name`; the cursor stands at the name, `start` is the option. */
  loadMatch(name: string, start: number): void {
    const loaded = findMatch(name, this.#family);
    if (loaded === undefined) {
      this.#readOpaque(name, start, false);
      return;
    }
    const { start: from } = this.#findings.word(start);
    this.#slots.load(loaded, { start: from, end: this.#findings.word(this.#cursor.at).end });
    this.#cursor.at++;
  }

  /** `-j name` or `-g name`. @returns where to, if that is a chain; a target is loaded among the slots. */
  readJump(
    letter: "j" | "g",
    name: string,
    start: number,
    isChain: (name: string) => boolean,
  ): Jump | undefined {
    if (name === "" || byteLength(name) > CHAIN_NAME_BYTES || /\s/.test(name)) {
      this.#findings.abandon(
        this.#cursor.at,
        "syntax/bad-target-name",
        `"${name}" cannot name a target or chain`,
        `use 1 to ${CHAIN_NAME_BYTES} bytes without spaces`,
      );
    }
    const place = { start: this.#findings.word(start).start, end: this.#findings.word(this.#cursor.at).end };
    const loaded = letter === "j" && !isChain(name) ? findTarget(name, this.#family) : undefined;
    if (loaded !== undefined) {
      this.#slots.load(loaded, place);
      this.#cursor.at++;
    } else if (
      letter === "g" ||
      isChain(name) ||
      !/^[A-Z][A-Z0-9]*$/.test(name) ||
      !this.#cursor.words.texts
        .slice(this.#cursor.at + 1, this.#cursor.words.count)
        .some((word) => word.startsWith("--"))
    ) {
      this.#cursor.at++;
      return { kind: letter === "g" ? "goto" : "jump", chain: name, ...place };
    } else this.#readOpaque(name, start, true);
    return undefined;
  }

  /** Takes the words of an unknown extension up to the next option of iptables itself, as they stand. */
  #readOpaque(name: string, start: number, target: boolean): void {
    const words = this.#cursor.words;
    let end = this.#cursor.at + 1;
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
      end === this.#cursor.at + 1
        ? ""
        : this.#text.slice(words.starts[this.#cursor.at + 1], words.ends[end - 1]);
    this.#slots.loadOpaque({ name, text, ...place, target });
    const known = (target ? TARGETS : MATCHES).map((extension) => extension.name);
    const meant = closest(name, known);
    this.#findings.warning(
      target ? "xt/unknown-target" : "xt/unknown-match",
      `iptables 1.8.9 has no ${target ? "target" : "match"} "${name}" for ${this.#family}; it is kept as it stands, and nothing is known of what it does`,
      `${meant === undefined ? "" : `did you mean "${meant}"? `}correct the name, or make sure that the host has the extension`,
      place,
    );
    this.#cursor.at = end;
  }

  /** An option of an extension; the cursor stands at it and moves behind its operands. */
  option(
    slot: Slot,
    { name, spec }: OptionEntry,
    attached: string | undefined,
    invertBefore: boolean,
    protocol: ProtocolTest | undefined,
  ): void {
    const start = this.#cursor.at;
    const label = slot.loaded.extension.name;
    let invert = invertBefore;
    let value: unknown = true;
    let place = this.#findings.word(start);
    const mayLack = spec.words === "optional";
    const apart = mayLack && attached === undefined ? this.#cursor.optionalOperand() : undefined;
    if (spec.parse !== undefined && (!mayLack || apart !== undefined)) {
      let text = apart ?? this.#cursor.operand(attached, `${label}: "${name}"`);
      if (
        text === "!" &&
        spec.invertible &&
        this.#cursor.words.texts[this.#cursor.at + 1] !== undefined &&
        this.#cursor.at + 1 < this.#cursor.words.count
      ) {
        invert = this.#cursor.oldNegation(text, invert);
        text = this.#cursor.words.texts[this.#cursor.at] as string;
      }
      place = this.#findings.word(this.#cursor.at);
      // The parser gets two words as one text: a blank inside either would look like the end of it.
      let blank: string | undefined;
      if (spec.words === 2) {
        const second = this.#cursor.optionalOperand();
        blank = [text, second].find((each) => each !== undefined && /\s/.test(each));
        if (second !== undefined) {
          text = `${text} ${second}`;
          place = { start: place.start, end: this.#cursor.words.ends[this.#cursor.at] as number };
        }
      }
      value =
        blank === undefined
          ? spec.parse(text, { family: this.#family, protocol })
          : refuse(
              "xt/bad-string",
              `"${name}" takes two words, and "${blank}" has a blank in it`,
              "write two words, without quotes around both",
            );
      if (value instanceof Refusal) {
        this.#findings.refused(value, place, `${label}: `);
        value = undefined;
      }
    } else if (attached !== undefined) {
      this.#findings.abandon(
        this.#cursor.at,
        "syntax/unwanted-operand",
        `${label}: "${name}" takes no operand in the same word`,
        mayLack ? `write "${name} ${attached}"` : `write ${name} alone`,
      );
    }
    if (invert && !spec.invertible)
      this.#findings.abandon(
        start,
        "syntax/cannot-negate",
        `${label}: "!" cannot stand before "${name}"`,
        "remove it",
      );
    if (name in slot.given && spec.repetition === "once") {
      this.#findings.abandon(
        start,
        "syntax/repeated-option",
        `${label}: "${name}" stands twice`,
        `use a second "-m ${label}", or remove one`,
      );
    }
    const occurrence = { value, invert, start: place.start, end: place.end };
    const earlier = slot.given[name];
    if (spec.repetition !== "collect") slot.given[name] = occurrence;
    else if (Array.isArray(earlier)) earlier.push(occurrence);
    else slot.given[name] = [occurrence];
    slot.end = this.#cursor.words.ends[this.#cursor.at] as number;
    this.#cursor.at++;
  }
}
