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
import { Failure, systemReason } from "./failure.ts";

/**
 * Writes beside the file, syncs, keeps owner and mode, renames over it and syncs the folder. A link is followed, so
 * that what it points to is replaced and the link stays.
 */
export function writeAtomically(path: string, text: string, encoding: BufferEncoding): void {
  let temporary: string | undefined;
  try {
    const real = realpathSync(path);
    const status = statSync(real);
    const { mode, uid, gid } = status;
    if (!status.isFile()) throw new Failure(2, `"${path}" is no regular file, and only those are replaced`);
    temporary = join(dirname(real), `.${basename(real)}.${process.pid}.new`);
    const file = openSync(temporary, "wx", 0o600);
    try {
      const bytes = Buffer.from(text, encoding);
      for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    chownSync(temporary, uid, gid);
    chmodSync(temporary, mode);
    renameSync(temporary, real);
    temporary = undefined;
    const folder = openSync(dirname(real), "r");
    fsyncSync(folder);
    closeSync(folder);
  } catch (reason) {
    if (temporary !== undefined) rmSync(temporary, { force: true });
    if (reason instanceof Failure) throw reason;
    throw new Failure(3, `cannot write "${path}": ${systemReason(reason)}; it is as it was`);
  }
}
