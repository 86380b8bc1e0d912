/**
 * What becomes of all packets: whole chains and tables as diagrams, composed without unfolding. Shares rules with the
 * machine, and none of its traversal.
 */
export { type Assumptions, assume } from "./assume.ts";
export { Composition } from "./composition.ts";
export { explainPacket, type MetRule } from "./explain.ts";
export {
  type Accepted,
  canChange,
  ForwardWalk,
  NOWHERE,
  type Passage,
  type WalkOptions,
} from "./forward-walk.ts";
export { type HostListings, hostContext, rulesOnly } from "./host-context.ts";
export { type Change, type End, NEXT, type Outcome, Outcomes } from "./outcomes.ts";
export { type Arrival, BEFORE_CONNTRACK, Path, type PathOptions } from "./path.ts";
export { type Destination, Routing, type RoutingView } from "./routing.ts";
export { ruleCondition, ruleEffect } from "./rule-condition.ts";
export { type SpaceOptions, spaceFor } from "./space-for.ts";
export {
  fragmentAssumption,
  type SymbolicAction,
  type SymbolicChain,
  type SymbolicRule,
  type SymbolicTable,
  symbolicTable,
} from "./symbolic-table.ts";
export { TableVerdicts } from "./table-verdicts.ts";
