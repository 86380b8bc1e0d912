/**
 * Rules that never decide because one earlier rule of the same chain takes all their packets: every test of the
 * earlier rule is passed by whatever passes the later one.
 *
 * A chain of n rules has n² pairs. Rules are therefore filed by shape (which header fields they test, under which
 * masks), and each rule is projected onto the few shapes that its chain has, as tuple space search does for packet
 * classification. Only rules whose tests compare beyond equality (port ranges, sets of states) are compared one by
 * one. Both lists are bounded, so that a chain of any length takes linear time; beyond the bounds a rule covered by a
 * wider one may go unnoticed, and nothing false is said. A rule of the same shape is found whatever the bounds:
 * repetitions are never missed for them.
 */
import { type Chain, type HeaderMatch, isOpaque, type MatchUse, type Rule } from "../ruleset/index.ts";
import type { PrintContext } from "../xt/index.ts";
import type { Endings } from "./endings.ts";
import { changesAnything, isRepeatable } from "./extension-facts.ts";
import { headerCovers, isAnyAddress, isAnyInterface } from "./headers.ts";
import { isAlwaysTrue, isWide, matchCovers } from "./matches.ts";
import { jumpText, matchText } from "./rule-text.ts";

/** Shapes of a chain in which each rule looks for a wider one; its own shape comes on top. */
const MAX_SHAPES = 32;
/** Rules of a chain compared one by one. */
const MAX_COMPARED = 32;
/** Matches of a rule of which every subset is looked up. */
const MAX_SUBSET_MATCHES = 4;

export interface CoveredRule {
  readonly index: number;
  /** The earlier rule that takes its packets. */
  readonly by: number;
  /** Both say the same word for word. */
  readonly duplicate: boolean;
}

interface Place {
  readonly chain: Chain;
  readonly endings: Endings;
  readonly targets: ReadonlySet<string>;
  readonly print: PrintContext;
}

export function coveredRules(place: Place): readonly CoveredRule[] {
  return changesAnything(place.targets) ? [] : new CoverSearch(place).run();
}

/** A rule's tests, made ready for comparison. */
interface Tests {
  readonly index: number;
  readonly header: HeaderMatch;
  /** Numbers of the matches' texts, always-true ones left out. */
  readonly matchIds: readonly number[];
  readonly matches: readonly MatchUse[];
  /** The next one filed under the same hash. */
  next: Tests | undefined;
}

const NO_IDS: readonly number[] = [];
const NO_MATCHES: readonly MatchUse[] = [];

/** Which fields the rules of one shape test, and these rules by the hash of what they want there. */
interface Shape {
  readonly sample: HeaderMatch;
  readonly rules: Map<number, Tests>;
  /** By rules of every shape; else only by those of its own. */
  readonly searched: boolean;
}

class CoverSearch {
  readonly #place: Place;
  readonly #shapes = new Map<string, Shape>();
  /** The first MAX_SHAPES of them. */
  readonly #shapeList: Shape[] = [];
  readonly #compared: Tests[] = [];
  readonly #texts = new Map<string, number>();
  readonly #names = new Map<string, number>();

  constructor(place: Place) {
    this.#place = place;
  }

  run(): readonly CoveredRule[] {
    const { chain, endings } = this.#place;
    const covered: CoveredRule[] = [];
    const end = Math.min(endings.finalIndex(chain) + 1, chain.rules.length);
    for (let index = 0; index < end; index++) {
      const rule = chain.rules[index] as Rule;
      const tests = this.#tests(rule, index);
      const key = this.#shapeKey(tests.header);
      const by = this.#findCover(tests, this.#shapes.get(key));
      if (by !== undefined) covered.push({ index, by: by.index, duplicate: this.#sameText(by, tests) });
      else if (endings.isFinalFor(rule) && this.#isRepeatable(rule)) this.#file(tests, key);
    }
    return covered;
  }

  #isRepeatable({ matches }: Rule): boolean {
    return matches.every((use) => isAlwaysTrue(use) || isRepeatable(use, this.#place.targets));
  }

  #tests(rule: Rule, index: number): Tests {
    if (rule.matches.length === 0)
      return { index, header: rule.header, matchIds: NO_IDS, matches: NO_MATCHES, next: undefined };
    const matchIds: number[] = [];
    const matches: MatchUse[] = [];
    for (const use of rule.matches) {
      if (isOpaque(use) || isAlwaysTrue(use)) continue;
      matches.push(use);
      matchIds.push(this.#textId(matchText(use, this.#place.print)));
    }
    return { index, header: rule.header, matchIds, matches, next: undefined };
  }

  #textId(text: string): number {
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    const id = this.#texts.size + 1;
    this.#texts.set(text, id);
    return id;
  }

  #sameText(earlier: Tests, later: Tests): boolean {
    const { chain, print } = this.#place;
    const one = (chain.rules[earlier.index] as Rule).jump;
    const other = (chain.rules[later.index] as Rule).jump;
    return (
      one !== undefined &&
      other !== undefined &&
      earlier.matchIds.length === later.matchIds.length &&
      (chain.rules[later.index] as Rule).matches.every((use) => !isOpaque(use)) &&
      earlier.matchIds.every((id) => later.matchIds.includes(id)) &&
      headerCovers(later.header, earlier.header) &&
      jumpText(one, print) === jumpText(other, print)
    );
  }

  // ---- filing

  #file(tests: Tests, key: string): void {
    let shape = this.#shapes.get(key);
    if (shape === undefined) {
      shape = { searched: this.#shapeList.length < MAX_SHAPES, sample: tests.header, rules: new Map() };
      this.#shapes.set(key, shape);
      if (shape.searched) this.#shapeList.push(shape);
    }
    const hash = (this.#project(tests.header, shape.sample) as number) ^ hashMatches(tests.matchIds);
    tests.next = shape.rules.get(hash);
    shape.rules.set(hash, tests);
    if (this.#compared.length < MAX_COMPARED && tests.matches.some(isWide)) this.#compared.push(tests);
  }

  #shapeKey({ source, destination, inInterface, outInterface, protocol, fragment }: HeaderMatch): string {
    const address = (test: HeaderMatch["source"]): string =>
      test === undefined || isAnyAddress(test) ? "" : `${test.invert ? `!${test.address}` : ""}/${test.mask}`;
    const name = (test: HeaderMatch["inInterface"]): string => {
      if (test === undefined || isAnyInterface(test)) return "";
      if (test.invert) return `!${test.name}`;
      return test.name.endsWith("+") ? `+${test.name.length}` : "=";
    };
    const number = protocol === undefined ? "" : protocol.invert ? `!${protocol.number}` : "=";
    return `${address(source)},${address(destination)},${name(inInterface)},${name(outInterface)},${number},${fragment?.invert ?? ""}`;
  }

  // ---- looking up

  #findCover(tests: Tests, own: Shape | undefined): Tests | undefined {
    let best: Tests | undefined;
    const lookIn = (shape: Shape): void => {
      const hash = this.#project(tests.header, shape.sample);
      if (hash !== undefined) best = this.#inShape(shape, hash, tests, best);
    };
    for (const shape of this.#shapeList) lookIn(shape);
    if (own?.searched === false) lookIn(own);
    for (const wide of this.#compared) {
      if ((best === undefined || wide.index < best.index) && covers(wide, tests)) best = wide;
    }
    return best;
  }

  #inShape(shape: Shape, hash: number, tests: Tests, found: Tests | undefined): Tests | undefined {
    const { matchIds } = tests;
    const all = matchIds.length;
    let best = found;
    const look = (sum: number): void => {
      for (let wide = shape.rules.get(hash ^ sum); wide !== undefined; wide = wide.next) {
        if ((best === undefined || wide.index < best.index) && covers(wide, tests)) best = wide;
      }
    };
    if (all > MAX_SUBSET_MATCHES) {
      look(0);
      for (const id of matchIds) look(hashMatches([id]));
      look(hashMatches(matchIds));
      return best;
    }
    for (let subset = 0; subset < 1 << all; subset++) {
      let sum = 0;
      for (let at = 0; at < all; at++) if ((subset & (1 << at)) !== 0) sum += mix(matchIds[at] as number);
      look(sum | 0);
    }
    return best;
  }

  /**
   * Hash of what a rule of `sample`'s shape must want to cover `header`; undefined if none of that shape can. That
   * a found rule really covers is for `covers` to say.
   */
  #project(header: HeaderMatch, sample: HeaderMatch): number | undefined {
    let hash = 17;
    const source = projectAddress(header.source, sample.source);
    if (source === undefined) return undefined;
    hash = mix(hash ^ source);
    const destination = projectAddress(header.destination, sample.destination);
    if (destination === undefined) return undefined;
    hash = mix(hash ^ destination);
    const came = this.#projectInterface(header.inInterface, sample.inInterface);
    if (came === undefined) return undefined;
    hash = mix(hash ^ came);
    const leaves = this.#projectInterface(header.outInterface, sample.outInterface);
    if (leaves === undefined) return undefined;
    hash = mix(hash ^ leaves);
    if (sample.protocol !== undefined && !sample.protocol.invert) {
      if (header.protocol === undefined || header.protocol.invert) return undefined;
      hash = mix(hash ^ header.protocol.number);
    }
    return hash;
  }

  #projectInterface(
    test: HeaderMatch["inInterface"],
    sample: HeaderMatch["inInterface"],
  ): number | undefined {
    if (sample === undefined || sample.invert || isAnyInterface(sample)) return 0;
    if (test === undefined || test.invert) return undefined;
    if (!sample.name.endsWith("+")) return this.#nameId(test.name);
    const length = sample.name.length - 1;
    return test.name.length < length ? undefined : this.#nameId(`${test.name.slice(0, length)}+`);
  }

  #nameId(name: string): number {
    const known = this.#names.get(name);
    if (known !== undefined) return known;
    const id = this.#names.size + 1;
    this.#names.set(name, id);
    return id;
  }
}

function projectAddress(test: HeaderMatch["source"], sample: HeaderMatch["source"]): number | undefined {
  if (sample === undefined || sample.invert || isAnyAddress(sample)) return 0;
  if (test === undefined || test.invert) return undefined;
  if (typeof test.address === "number") {
    const mask = sample.mask as number;
    return ((test.mask as number) & mask) >>> 0 === mask ? test.address & mask : undefined;
  }
  const mask = sample.mask as bigint;
  if (((test.mask as bigint) & mask) !== mask) return undefined;
  const bits = test.address & mask;
  return Number(bits % HASH_PRIME) | 0;
}

/** Prime below 2^32. */
const HASH_PRIME = 4294967291n;

/** Multiplicative hash of 32 bits; only its spread matters. */
function mix(value: number): number {
  const spread = Math.imul(value ^ (value >>> 16), 0x45d9f3b);
  return (spread ^ (spread >>> 15)) | 0;
}

/** Does not depend on the order of the matches. */
function hashMatches(ids: readonly number[]): number {
  let sum = 0;
  for (const id of ids) sum += mix(id);
  return sum | 0;
}

function covers(wide: Tests, narrow: Tests): boolean {
  if (!headerCovers(wide.header, narrow.header)) return false;
  return wide.matches.every((match, at) => {
    const id = wide.matchIds[at] as number;
    return narrow.matchIds.includes(id) || narrow.matches.some((other) => matchCovers(match, other));
  });
}
