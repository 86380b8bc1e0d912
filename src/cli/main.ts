/**
 * The process edge: starts the program and turns whatever went wrong into a message and an exit code.
 * 0 nothing wrong, 1 findings, 2 the call is wrong, 3 the world refused.
 */
import { enableCompileCache } from "node:module";

// Compiled code is kept beside the package, where only its owner writes: a shared folder such as /tmp could be
// prepared by somebody else, and this program runs as root.
enableCompileCache(new URL("../../.cache/compiled", import.meta.url).pathname);

const { run } = await import("./program.ts");
process.exitCode = await run(process.argv.slice(2));
