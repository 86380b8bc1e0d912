/** Files that are replaced whole or not at all. */
import {
  chmodSync,
  chownSync,
  closeSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { encodeText } from "../base/index.ts";
import { Failure, systemReason } from "./failure.ts";

/**
 * Writes beside the file, syncs, keeps owner and mode, renames over it and syncs the folder. A link is followed, so
 * that what it points to is replaced and the link stays. Throws a Failure if the file is as it was.
 */
export function writeAtomically(path: string, text: string): void {
  // Set while there is a file of ours beside the real one.
  let temporary: string | undefined;
  let folder: string;
  try {
    const real = realpathSync(path);
    const status = statSync(real);
    const { mode, uid, gid } = status;
    if (!status.isFile()) throw new Failure(2, `"${path}" is no regular file, and only those are replaced`);
    folder = dirname(real);
    const beside = join(folder, `.${basename(real)}.${process.pid}.new`);
    const file = openSync(beside, "wx", 0o600);
    temporary = beside;
    try {
      const bytes = encodeText(text);
      for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    chownSync(temporary, uid, gid);
    chmodSync(temporary, mode);
    renameSync(temporary, real);
  } catch (reason) {
    if (temporary !== undefined) rmSync(temporary, { force: true });
    if (reason instanceof Failure) throw reason;
    throw new Failure(3, `cannot write "${path}": ${systemReason(reason)}; it is as it was`);
  }
  syncFolder(folder);
}

/** Makes the new name outlast a power cut, where the folder may be read; the file is replaced in any case. */
function syncFolder(path: string): void {
  try {
    const folder = openSync(path, "r");
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  } catch {
    // A folder that may be written and not read, or a file system that syncs none.
  }
}
