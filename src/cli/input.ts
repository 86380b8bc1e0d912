/** Files as text, with refusals that a person can act on. */
import { readFileSync } from "node:fs";
import { decodeText } from "../base/index.ts";
import { Failure, systemReason } from "./failure.ts";

export interface SourceText {
  /** As the person named it, `<stdin>` for `-`. */
  readonly source: string;
  readonly text: string;
}

/** Reads one file, or standard input for `-`. Bytes that are not UTF-8 are kept. */
export function readSource(path: string): SourceText {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path === "-" ? 0 : path);
  } catch (reason) {
    throw new Failure(2, `cannot read "${path}": ${systemReason(reason)}`);
  }
  return { source: path === "-" ? "<stdin>" : path, text: decodeText(bytes) };
}
