/** Random damage to a text, the same for the same seed: what editors, pipes and people do to rules files. */
import type { Rng } from "../../src/base/index.ts";

const FRAGMENTS = [
  "!",
  '"',
  "\\",
  "--",
  "-",
  ",",
  "/",
  ":",
  "\n",
  "\r\n",
  "\t",
  " ",
  "\0",
  "é",
  "\u{1f525}",
  "[",
  "]",
  "*filter\n",
  "COMMIT\n",
  "-A ",
  "-m ",
  "-j ",
  "0x",
  "4294967296",
  "-1",
  "::",
  "255.255.255.255",
  "9".repeat(400),
  "a".repeat(300),
  "#",
];

/** Between one and four changes: a stretch removed, doubled, moved or replaced, a character changed. */
export function mutate(text: string, rng: Rng): string {
  let result = text;
  for (let changes = 1 + rng.below(4); changes > 0; changes--) {
    const at = rng.below(result.length + 1);
    const length = rng.below(rng.pick([2, 8, 40, 400]));
    const piece = result.slice(at, at + length);
    const rest = result.slice(at + length);
    const head = result.slice(0, at);
    switch (rng.below(6)) {
      case 0:
        result = head + rest;
        break;
      case 1:
        result = head + piece + piece + rest;
        break;
      case 2:
        result = head + rng.pick(FRAGMENTS) + piece + rest;
        break;
      case 3:
        result = head + rng.pick(FRAGMENTS) + rest;
        break;
      case 4: {
        const to = rng.below(rest.length + 1);
        result = head + rest.slice(0, to) + piece + rest.slice(to);
        break;
      }
      default:
        result = head + String.fromCharCode(rng.below(256)) + rest.slice(1);
    }
  }
  return result;
}
