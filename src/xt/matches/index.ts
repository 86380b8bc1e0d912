/** Every match that Postern knows, in the order of their names. Written by tools/extension-index.ts. */
import type { AnyMatch } from "../contract.ts";
import { mark } from "./mark.ts";
import { udp } from "./udp.ts";

// biome-ignore format: one line a file, however few
export const MATCHES: readonly AnyMatch[] = [
  mark,
  udp,
];
