/**
 * Recorded traffic through rulesets: what each packet and connection would meet, which rules do the work, and what a second
 * ruleset would do differently to the same traffic.
 */
export type { FlowEnds } from "./flows.ts";
export { type Decider, type LaneOptions, VERDICTS, type VerdictName } from "./lane.ts";
export {
  type Difference,
  type Judgement,
  type LaneResult,
  type ListedConnection,
  type ListedPacket,
  Replay,
  type ReplayResult,
} from "./replay.ts";
