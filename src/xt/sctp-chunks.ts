/**
 * The two words of `--chunk-types`: how many of the chunks must be there, and which.
 * Source: extensions/libxt_sctp.c, parse_sctp_chunk().
 */
import type { Occurrence } from "./contract.ts";
import { asciiUpper } from "./flag-names.ts";
import { Refusal, refuse } from "./refusal.ts";

/** Flags of the chunk under `mask` must be `flags`; a mask of 0 looks at none. */
export interface SctpChunk {
  readonly type: number;
  readonly mask: number;
  readonly flags: number;
}

export interface SctpChunks {
  readonly quantifier: "all" | "any" | "only";
  /** In the order of their types; "ALL" stands for all 256. */
  readonly chunks: readonly SctpChunk[] | "ALL";
}

const CHUNK_NUMBERS = new Map([
  ["DATA", 0],
  ["INIT", 1],
  ["INIT_ACK", 2],
  ["SACK", 3],
  ["HEARTBEAT", 4],
  ["HEARTBEAT_ACK", 5],
  ["ABORT", 6],
  ["SHUTDOWN", 7],
  ["SHUTDOWN_ACK", 8],
  ["ERROR", 9],
  ["COOKIE_ECHO", 10],
  ["COOKIE_ACK", 11],
  ["ECN_ECNE", 12],
  ["ECN_CWR", 13],
  ["SHUTDOWN_COMPLETE", 14],
  ["I_DATA", 64],
  ["ASCONF_ACK", 128],
  ["RE_CONFIG", 130],
  ["PAD", 132],
  ["FORWARD_TSN", 192],
  ["ASCONF", 193],
  ["I_FORWARD_TSN", 194],
]);
const CHUNK_NAMES = new Map([...CHUNK_NUMBERS].map(([name, number]) => [number, name]));

/** Letters of a chunk's flags, from the highest bit down; every other chunk has none. */
const FLAG_LETTERS: Readonly<Record<number, readonly (readonly [string, number])[]>> = {
  0: [
    ["I", 8],
    ["U", 4],
    ["B", 2],
    ["E", 1],
  ],
  6: [["T", 1]],
  14: [["T", 1]],
};

export function parseChunkTypes(text: string): SctpChunks | Refusal {
  const [word, list] = text.split(" ", 2) as [string, string | undefined];
  const quantifier = word.toLowerCase();
  if (quantifier !== "all" && quantifier !== "any" && quantifier !== "only") {
    return refuse(
      "xt/unknown-keyword",
      `"${word}" does not say how many of the chunks must be there`,
      "write all, any or only before the list of chunks",
    );
  }
  if (list === undefined)
    return refuse(
      "xt/missing-operand",
      `after "--chunk-types ${text}" the list of chunks is missing`,
      `write it, such as --chunk-types ${word} DATA,INIT`,
    );
  const upper = asciiUpper(list);
  if (upper === "ALL") return { quantifier, chunks: "ALL" };
  const chunks = new Map<number, SctpChunk>();
  for (const item of upper === "NONE" ? [] : list.split(",")) {
    if (item === "") continue;
    const colon = item.indexOf(":");
    const name = asciiUpper(colon < 0 ? item : item.slice(0, colon));
    const type = CHUNK_NUMBERS.get(name);
    if (type === undefined)
      return refuse(
        "xt/unknown-keyword",
        `"${name}" is not an SCTP chunk`,
        `write ${[...CHUNK_NUMBERS.keys()].join(", ")}, or ALL or NONE alone`,
      );
    const chunk = withFlags(
      chunks.get(type) ?? { type, mask: 0, flags: 0 },
      name,
      colon < 0 ? "" : item.slice(colon + 1),
    );
    if (chunk instanceof Refusal) return chunk;
    chunks.set(type, chunk);
  }
  return { quantifier, chunks: [...chunks.values()].sort((a, b) => a.type - b.type) };
}

function withFlags({ type, mask, flags }: SctpChunk, name: string, letters: string): SctpChunk | Refusal {
  const known = FLAG_LETTERS[type] ?? [];
  for (const letter of letters) {
    const bit = known.find(([each]) => each === asciiUpper(letter))?.[1];
    if (bit === undefined) {
      return refuse(
        "xt/unknown-keyword",
        `"${letter}" is not a flag of ${name} that can be tested`,
        known.length === 0 ? `write ${name} alone` : `${name} has ${known.map(([each]) => each).join(", ")}`,
      );
    }
    const set = letter === asciiUpper(letter);
    if ((mask & bit) !== 0 && set !== ((flags & bit) !== 0)) {
      return refuse(
        "xt/repeated-value",
        `flag ${asciiUpper(letter)} of ${name} cannot be both set and clear`,
        "write it once",
      );
    }
    mask |= bit;
    if (set) flags |= bit;
  }
  return { type, mask, flags };
}

function printChunk({ type, mask, flags }: SctpChunk): string {
  const letters = (FLAG_LETTERS[type] ?? []).filter(([, bit]) => (mask & bit) !== 0);
  const text = letters.map(([letter, bit]) => ((flags & bit) !== 0 ? letter : letter.toLowerCase())).join("");
  return `${CHUNK_NAMES.get(type)}${text === "" ? "" : ":"}${text}`;
}

export function printChunkTypes({ value: { quantifier, chunks }, invert }: Occurrence<SctpChunks>): string {
  const list = chunks === "ALL" ? "ALL" : chunks.length === 0 ? "NONE" : chunks.map(printChunk).join(",");
  return `${invert ? "! " : ""}--chunk-types ${quantifier} ${list}`;
}
