/**
 * Case files: a host, its rules and the packets that it gets, as JSON, and what the machine makes of them, in the same
 * shape as a run on a real kernel gives.
 */

export { buildPacket } from "./build-packet.ts";
export { unreadFields } from "./case-fields.ts";
export { type CaseFile, type CaseStep, embeddedTexts, type PacketFields, parseCase } from "./case-file.ts";
export * from "./results.ts";
export { type CaseResult, type CaseSession, openCase, runCase } from "./run-case.ts";
export { parseMac, stepBytes } from "./steps.ts";
