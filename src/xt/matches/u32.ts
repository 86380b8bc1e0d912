/**
 * The `u32` match: numbers computed from the packet's own bytes, compared with ranges.
 *
 *     [!] --u32 "location=range[,range...][&&location=range[,range...]...]"
 *     location: number [&|<<|>>|@ number]...      range: number[:number]
 *
 * The first number is an offset from the network header, of which four bytes are read. `&` masks, `<<` and `>>`
 * shift, and `@` moves the start there and reads again behind it. All tests must hold. At most ten tests, ten numbers
 * in a location and ten ranges fit. A reversed range is legal, and holds never. Old kernels let a shift by 32 or more
 * pass, which means nothing.
 * Kernel: net/netfilter/xt_u32.c, u32_mt(), revision 0.
 */

import { get32 } from "../../net/index.ts";
import { both, invertible } from "../../pktset/index.ts";
import { defineMatch, required, type ValueParser } from "../contract.ts";
import type { NumberRange } from "../numbers.ts";
import { numberPrefix } from "../numbers.ts";
import { Refusal, refuse } from "../refusal.ts";
import { u32Condition } from "../u32-condition.ts";

const OPERATORS = ["&", "<<", ">>", "@"] as const;
export type U32Operator = (typeof OPERATORS)[number];

export interface U32Step {
  readonly operator: U32Operator;
  readonly number: number;
}

export interface U32Test {
  readonly offset: number;
  readonly steps: readonly U32Step[];
  readonly ranges: readonly NumberRange[];
}

export interface U32Info {
  readonly tests: readonly U32Test[];
  readonly invert: boolean;
}

/** XT_U32_MAXSIZE */
const MAX = 10;
const HINT = 'write location=range, such as "0>>22&0x3C@12=0x10:0x20,0x30 && 4&0x1FFF=0"';

/** Walks through the text, blanks skipped. */
class Cursor {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  #skip(): void {
    while (/[ \t\n\v\f\r]/.test(this.#text.charAt(this.#at))) this.#at++;
  }

  get atEnd(): boolean {
    this.#skip();
    return this.#at === this.#text.length;
  }

  /** Moves behind `word` if it stands here. */
  take(word: string): boolean {
    this.#skip();
    if (!this.#text.startsWith(word, this.#at)) return false;
    this.#at += word.length;
    return true;
  }

  number(): number | Refusal {
    const found = numberPrefix(this.#text, this.#at);
    if (found === undefined || found.value > 0xffffffffn)
      return this.refuse("a number of 32 bits is missing");
    this.#at = found.end;
    return Number(found.value);
  }

  refuse(reason: string): Refusal {
    return refuse("xt/bad-u32", `"${this.#text}": ${reason} at character ${this.#at + 1}`, HINT);
  }

  tooMany(what: string): Refusal {
    return refuse(
      "xt/too-many-values",
      `"${this.#text}" has more than ${MAX} ${what}`,
      "use a second -m u32",
    );
  }
}

function parseTest(cursor: Cursor): U32Test | Refusal {
  const offset = cursor.number();
  if (offset instanceof Refusal) return offset;
  const steps: U32Step[] = [];
  while (!cursor.take("=")) {
    const operator = OPERATORS.find((each) => cursor.take(each));
    if (operator === undefined) return cursor.refuse("one of & << >> @ = is missing");
    const number = cursor.number();
    if (number instanceof Refusal) return number;
    if (steps.push({ operator, number }) >= MAX) return cursor.tooMany("numbers in a location");
  }
  const ranges: NumberRange[] = [];
  do {
    const low = cursor.number();
    if (low instanceof Refusal) return low;
    const high = cursor.take(":") ? cursor.number() : low;
    if (high instanceof Refusal) return high;
    if (ranges.push({ low, high }) > MAX) return cursor.tooMany("ranges in a test");
  } while (cursor.take(","));
  return { offset, steps, ranges };
}

const parseTests: ValueParser<readonly U32Test[]> = (text) => {
  const cursor = new Cursor(text);
  const tests: U32Test[] = [];
  do {
    const test = parseTest(cursor);
    if (test instanceof Refusal) return test;
    if (tests.push(test) > MAX) return cursor.tooMany("tests");
  } while (cursor.take("&&"));
  return cursor.atEnd ? tests : cursor.refuse('"," or "&&" is missing');
};

const hex = (number: number): string => `0x${number.toString(16)}`;

function printTest({ offset, steps, ranges }: U32Test): string {
  const location = steps.map(({ operator, number }) => `${operator}${hex(number)}`).join("");
  const values = ranges.map(({ low, high }) => (low === high ? hex(low) : `${hex(low)}:${hex(high)}`));
  return `${hex(offset)}${location}=${values.join(",")}`;
}

export const u32 = defineMatch({
  name: "u32",
  revision: 0,
  families: ["ipv4", "ipv6"],
  summary: "numbers computed from the bytes of the packet",
  options: { "--u32": required(parseTests, { invertible: true, operand: "tests" }) },

  build: ({ "--u32": { value, invert } }): U32Info => ({ tests: value, invert }),
  print: ({ tests, invert }) => `${invert ? "! " : ""}--u32 "${tests.map(printTest).join("&&")}"`,

  check: ({ tests }) => {
    const wide = tests
      .flatMap(({ steps }) => steps)
      .find(({ operator, number }) => number >= 32 && (operator === "<<" || operator === ">>"));
    if (wide === undefined) return undefined;
    return refuse(
      "xt/out-of-range",
      `${wide.operator}${wide.number} shifts 32 bits by more than 31`,
      "shift by 0 to 31",
    );
  },

  evaluate:
    ({ tests, invert }) =>
    ({ bytes }) =>
      tests.every((test) => u32Holds(bytes, test)) !== invert,

  symbolic: ({ tests, invert }, { family }) =>
    invertible(both(...tests.map((test) => u32Condition(test, family))), invert),
});

/** Kernel: net/netfilter/xt_u32.c, u32_match_it(). */
function u32Holds(bytes: Uint8Array, { offset, steps, ranges }: U32Test): boolean {
  let at = 0;
  const read = (position: number): number | undefined =>
    at + position + 4 > bytes.length ? undefined : get32(bytes, at + position);
  let value = read(offset);
  for (const { operator, number } of steps) {
    if (value === undefined) return false;
    switch (operator) {
      case "&":
        value = (value & number) >>> 0;
        break;
      case "<<":
        value = number > 31 ? 0 : (value << number) >>> 0;
        break;
      case ">>":
        value = number > 31 ? 0 : value >>> number;
        break;
      default:
        at += value;
        value = read(number);
    }
  }
  const found = value;
  return found !== undefined && ranges.some(({ low, high }) => found >= low && found <= high);
}
