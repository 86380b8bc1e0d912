/** Standard output that waits while a pipe is full, and ends quietly when its reader goes away. */
import { once } from "node:events";

process.stdout.on("error", (reason: NodeJS.ErrnoException) => {
  if (reason.code === "EPIPE") process.exit(0);
  throw reason;
});

export async function writeOut(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, "drain");
}
