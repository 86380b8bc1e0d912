/**
 * Rules as the kernel holds them: tables, chains and rules of one family, the hooks that lead to them, and what the
 * kernel refuses of the whole. No text, no packets.
 */
export * from "./hooks.ts";
export { legality } from "./legality.ts";
export * from "./model.ts";
export { type ChainJump, chainJumps, loopDiagnostics, reachingHooks } from "./reachability.ts";
