/** Files as text, with refusals that a person can act on. */
import { readFileSync, readSync } from "node:fs";
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
    bytes = path === "-" ? readStandardInput() : readFileSync(path);
  } catch (reason) {
    throw new Failure(2, `cannot read "${path}": ${systemReason(reason)}`);
  }
  return { source: path === "-" ? "<stdin>" : path, text: decodeText(bytes) };
}

const CHUNK_BYTES = 1 << 16;
const WAIT_MS = 5;

/** All of standard input. */
function readStandardInput(): Buffer {
  const chunks: Buffer[] = [];
  for (;;) {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    const size = readChunk(0, chunk);
    if (size === 0) return Buffer.concat(chunks);
    chunks.push(chunk.subarray(0, size));
  }
}

/**
 * The next bytes of an open file, 0 at its end. A pipe that the program at its other end has set to non-blocking may have
 * nothing yet: then it is waited for.
 */
export function readChunk(file: number, chunk: Uint8Array): number {
  for (;;) {
    try {
      return readSync(file, chunk, 0, chunk.length, null);
    } catch (reason) {
      if ((reason as NodeJS.ErrnoException).code !== "EAGAIN") throw reason;
      Atomics.wait(PAUSE, 0, 0, WAIT_MS);
    }
  }
}

const PAUSE = new Int32Array(new SharedArrayBuffer(4));
