/** Every target that Postern knows, in the order of their names. Written by tools/extension-index.ts. */
import type { AnyTarget } from "../contract.ts";
import { accept } from "./accept.ts";

// biome-ignore format: one line a file, however few
export const TARGETS: readonly AnyTarget[] = [
  accept,
];
