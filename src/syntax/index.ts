/**
 * Text of rules: reading restore files with every line, comment and place kept, and printing them as the kernel
 * would list them.
 */
export type { Document, Line } from "./document.ts";
export { formatDocument, unformattable } from "./format.ts";
export { type OtherFormat, otherFormat } from "./other-formats.ts";
export {
  printAddressTest,
  printInterfaceTest,
  printJump,
  printMatch,
  printRule,
  printSaved,
  savedPieces,
} from "./print.ts";
export { parseDocument, parseRestore, type RestoreFile, type RestoreInput } from "./restore.ts";
export type { Command } from "./rule-reader.ts";
