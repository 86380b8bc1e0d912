/**
 * Matches and targets, one file each: option table, operands, canonical text and legality. Nothing here walks a
 * ruleset or a packet path. `contract.ts` says what an extension is; `matches/` and `targets/` hold them.
 */
export * from "./contract.ts";
export * from "./evaluation.ts";
export { MATCHES } from "./matches/index.ts";
export { findMatch, findTarget, type Loaded, type OptionEntry } from "./registry.ts";
export * from "./skb.ts";
export type { SymbolicContext } from "./symbolic.ts";
export { TARGETS } from "./targets/index.ts";
