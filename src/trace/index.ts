/**
 * One packet's journey, told: which hooks and tables it passes in which order, which rules decided, which nearly did, what
 * was rewritten and routed, where it ends, and what its reply would meet.
 */
export { type Journey, type RuleRef, type Step, takeJourney } from "./journey.ts";
export { traceToJson } from "./json.ts";
export type { NotationError } from "./packet-draft.ts";
export { type PacketRequest, parsePacketNotation } from "./packet-notation.ts";
export { printTrace } from "./print.ts";
export { type Trace, tracePacket } from "./trace.ts";
