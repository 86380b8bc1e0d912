/**
 * Case files: a host, its rules and the packets that it gets, as JSON, and what the machine makes of them, in the same
 * shape as a run on a real kernel gives.
 */
export { type CaseFile, parseCase } from "./case-file.ts";
export { type CaseResult, type PacketResult, runCase } from "./run-case.ts";
