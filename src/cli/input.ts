/** Files as text, with refusals that a person can act on. */
import { readFileSync } from "node:fs";
import { Failure, systemReason } from "./failure.ts";

export interface SourceText {
  /** As the person named it, `<stdin>` for `-`. */
  readonly source: string;
  readonly text: string;
  /** Of the bytes that the text was read from; absent: UTF-8. What is made of the text is written likewise. */
  readonly encoding?: "latin1";
}

/** Reads one file, or standard input for `-`. Bytes that are not UTF-8 are read as Latin-1, so that none is lost. */
export function readSource(path: string): SourceText {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path === "-" ? 0 : path);
  } catch (reason) {
    throw new Failure(2, `cannot read "${path}": ${systemReason(reason)}`);
  }
  return { source: path === "-" ? "<stdin>" : path, ...decode(bytes) };
}

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function decode(bytes: Buffer): Pick<SourceText, "text" | "encoding"> {
  try {
    return { text: UTF8.decode(bytes) };
  } catch {
    return { text: bytes.toString("latin1"), encoding: "latin1" };
  }
}
