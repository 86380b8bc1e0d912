/**
 * The ground floor: what every layer speaks of and that knows nothing of networks. Places in a text, what is
 * wrong with it, chance, and our own mistakes.
 */
export { byteLength, decodeText, encodeText, readableText } from "./byte-text.ts";
export { closest } from "./closest.ts";
export { type Diagnostic, hasErrors, type Severity } from "./diagnostic.ts";
export { assertNever, InvariantError } from "./invariant.ts";
export { type Rng, seededRng } from "./rng.ts";
export { LineIndex, type Position, type Span } from "./span.ts";
