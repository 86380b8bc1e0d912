/**
 * Text of rules: reading restore files with every line, comment and place kept, and printing them as the kernel
 * would list them.
 */
export type { Document, Line } from "./document.ts";
export { printRule, printSaved } from "./print.ts";
export { parseRestore, type RestoreFile, type RestoreInput } from "./restore.ts";
export type { Command } from "./rule-reader.ts";
