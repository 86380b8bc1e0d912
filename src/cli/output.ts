/** Standard output that waits while a pipe is full, and ends quietly when its reader goes away. */
import { once } from "node:events";
import { encodeText } from "../base/index.ts";
import { Failure, systemReason } from "./failure.ts";

/** What the system said when a write failed; the next one tells. */
let refused: NodeJS.ErrnoException | undefined;

process.stdout.on("error", (reason: NodeJS.ErrnoException) => {
  if (reason.code === "EPIPE") process.exit(0);
  refused = reason;
});

// Where errors cannot be told, there is nothing left to tell; the exit code still says that there was one.
process.stderr.on("error", () => {});

/** Resolves when the text is on its way; throws a Failure if it cannot be written. */
export async function writeOut(text: string): Promise<void> {
  const written = new Promise<void>((resolve) => {
    process.stdout.write(text.isWellFormed() ? text : encodeText(text), () => resolve());
  });
  if (process.stdout.writableNeedDrain) await Promise.race([once(process.stdout, "drain"), written]);
  else await written;
  if (refused !== undefined) throw new Failure(3, `cannot write the output: ${systemReason(refused)}`);
}
