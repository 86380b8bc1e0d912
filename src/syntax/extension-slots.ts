/** The extensions that one line has loaded, with the operands it has given them. */
import type { Family } from "../net/index.ts";
import type { Jump, MatchUse, OpaqueUse } from "../ruleset/index.ts";
import {
  type AnyMatch,
  type AnyTarget,
  type BuildContext,
  findMatch,
  type Loaded,
  type Occurrence,
  type OptionEntry,
  Refusal,
} from "../xt/index.ts";
import { wholeNumber } from "../xt/numbers.ts";
import { CORE_BY_NAME, type CoreOption } from "./core-options.ts";
import { printProtocol } from "./header.ts";
import type { LineFindings, Place } from "./line-findings.ts";

/** An occurrence that knows where its operand stands. */
type PlacedOccurrence = Occurrence<unknown> & Place;

/** An extension that the line has loaded, collecting its operands. */
export interface Slot {
  readonly loaded: Loaded<AnyMatch | AnyTarget>;
  /** By option: its one use, or a list of them where the option collects. */
  readonly given: Record<string, PlacedOccurrence | PlacedOccurrence[]>;
  readonly start: number;
  end: number;
}

type OpaqueSlot = OpaqueUse & { readonly target: boolean };

/** An option of iptables itself, or of an extension of the line. */
export type FoundOption = CoreOption | { readonly slot: Slot; readonly entry: OptionEntry };

export class ExtensionSlots {
  readonly #family: Family;
  readonly #findings: LineFindings;
  #slots: (Slot | OpaqueSlot)[] = [];
  /** Each extension once, in the order of its first use: a second `-m mark` does not bring its options to the front. */
  #loaded: Loaded<AnyMatch | AnyTarget>[] = [];
  #protocolLoaded = false;

  constructor(family: Family, findings: LineFindings) {
    this.#family = family;
    this.#findings = findings;
  }

  reset(): void {
    this.#slots = [];
    this.#loaded = [];
    this.#protocolLoaded = false;
  }

  load(loaded: Loaded<AnyMatch | AnyTarget>, { start, end }: Place): void {
    this.#slots.push({ loaded, given: {}, start, end });
    if (!this.#loaded.includes(loaded)) this.#loaded.push(loaded);
  }

  loadOpaque(slot: OpaqueSlot): void {
    this.#slots.push(slot);
  }

  /**
   * `-p tcp --dport 22`: an option that nothing knows makes iptables load the match of the protocol, once a line.
   * @returns whether there is one, so that the option is worth another look.
   */
  loadProtocol(protocol: string | undefined, place: Place): boolean {
    if (protocol === undefined || this.#protocolLoaded) return false;
    this.#protocolLoaded = true;
    const number = wholeNumber(protocol, 0, 255);
    const loaded = findMatch(number === undefined ? protocol : printProtocol(number), this.#family);
    if (loaded === undefined) return false;
    this.load(loaded, place);
    return true;
  }

  hasTarget(name: string): boolean {
    return this.#slots.some((slot) => "loaded" in slot && slot.loaded.extension.name === name);
  }

  /** Spellings of the options of all loaded extensions. */
  spellings(): readonly string[] {
    return this.#slots.flatMap((slot) => ("loaded" in slot ? [...slot.loaded.spellings.keys()] : []));
  }

  /**
   * The option that `name` is, or abbreviates. Among several exact ones that of the extension first used last counts; abbreviations
   * must be of one option only. Source: getopt_long(3); libxtables/xtoptions.c, xtables_options_xfrm().
   */
  find(name: string): FoundOption | undefined {
    const core = CORE_BY_NAME.get(name);
    if (core !== undefined) return core;
    for (let index = this.#loaded.length - 1; index >= 0; index--) {
      const loaded = this.#loaded[index] as Loaded<AnyMatch | AnyTarget>;
      const entry = loaded.spellings.get(name);
      if (entry !== undefined) return { slot: this.#newest(loaded), entry };
    }
    return this.#findAbbreviated(name);
  }

  /** The use of an extension that its options belong to: the last one. */
  #newest(loaded: Loaded<AnyMatch | AnyTarget>): Slot {
    return this.#slots.findLast((slot) => "loaded" in slot && slot.loaded === loaded) as Slot;
  }

  #findAbbreviated(name: string): FoundOption | undefined {
    const candidates = new Map<object, FoundOption>();
    for (const [full, option] of CORE_BY_NAME) if (full.startsWith(name)) candidates.set(option, option);
    for (const loaded of this.#loaded) {
      for (const [full, entry] of loaded.spellings) {
        if (full.startsWith(name)) candidates.set(entry, { slot: this.#newest(loaded), entry });
      }
    }
    const [only] = candidates.values();
    return candidates.size === 1 ? only : undefined;
  }

  /** Everything loaded, its operands put together; what the extensions refuse is reported. */
  uses(context: BuildContext): {
    readonly matches: (MatchUse | OpaqueUse)[];
    readonly target: Jump | undefined;
  } {
    const matches: (MatchUse | OpaqueUse)[] = [];
    let target: Jump | undefined;
    for (const slot of this.#slots) {
      if (!("loaded" in slot)) {
        const { target: isTarget, ...opaque } = slot;
        if (isTarget) target = { kind: "opaque", ...opaque };
        else matches.push(opaque);
        continue;
      }
      const { extension } = slot.loaded;
      const { start, end } = slot;
      const info = this.#build(slot, context);
      if (extension.kind === "match") matches.push({ extension, info, start, end });
      else target = { kind: "target", extension, info, start, end };
    }
    return { matches, target };
  }

  #build(slot: Slot, context: BuildContext): unknown {
    const { extension, constrained } = slot.loaded;
    for (const entry of constrained) this.#checkPartners(slot, entry);
    if (this.#findings.failed) return undefined;
    // biome-ignore lint/suspicious/noExplicitAny: `given` was filled by this extension's own option table.
    const info: unknown = extension.build(slot.given as any, context);
    if (!(info instanceof Refusal)) return info;
    const place = info.option === undefined ? slot : operandPlace(slot, info.option);
    this.#findings.refused(info, place, `${extension.name}: `);
    return undefined;
  }

  /** Options that must be there, and those that must or must not stand beside others. */
  #checkPartners(slot: Slot, { name, spec }: OptionEntry): void {
    const { given } = slot;
    const label = slot.loaded.extension.name;
    if (!(name in given)) {
      if (!spec.required) return;
      const hint = `add ${name} ${spec.operand}`.trimEnd();
      this.#findings.error("xt/missing-option", `${label}: "${name}" must be given`, hint, slot);
      return;
    }
    const place = operandPlace(slot, name);
    const clash = spec.excludes.find((other) => other in given);
    if (clash !== undefined) {
      const message = `${label}: "${name}" and "${clash}" exclude each other`;
      this.#findings.error("xt/conflicting-options", message, "remove one of them", place);
    }
    const partner = spec.requires.find((other) => !(other in given));
    if (partner !== undefined) {
      const message = `${label}: "${name}" works only with "${partner}"`;
      this.#findings.error("xt/missing-option", message, `add ${partner}`, place);
    }
  }
}

/** Where the operand of an option stands, the last one if there are several. */
function operandPlace(slot: Slot, option: string): Place {
  const given = slot.given[option];
  return (Array.isArray(given) ? given.at(-1) : given) ?? slot;
}
