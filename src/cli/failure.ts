/** The call is wrong or the world refused: a message for the person and an exit code, thrown up to the edge. */
export class Failure extends Error {
  /** 2: the call is wrong; 3: the world refused. */
  readonly exitCode: 2 | 3;

  constructor(exitCode: 2 | 3, message: string) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** What the system said of a file operation, in words. */
export function systemReason(reason: unknown): string {
  const code = reason instanceof Error && "code" in reason ? String(reason.code) : "";
  const words: Readonly<Record<string, string>> = {
    ENOENT: "there is no such file",
    EACCES: "permission denied",
    EPERM: "not permitted",
    EISDIR: "it is a folder",
    ENOSPC: "the disk is full",
    EROFS: "the file system is read-only",
    ELOOP: "a chain of links that leads back to itself",
    ENOTDIR: "a part of the path is no folder",
    ENAMETOOLONG: "the name is too long",
    EIO: "the disk or device failed",
    EMFILE: "too many open files",
  };
  return words[code] ?? (code === "" ? String(reason) : code);
}
