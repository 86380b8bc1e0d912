/**
 * Questions over all packets, one file each: how much a chain permits, what two rulesets do differently. Answers are data;
 * each has a page under docs/queries.
 */
export { describeOutcome, describeOutcomes, describeTranslation } from "./describe-outcome.ts";
export { type BehaviourChange, type DiffSide, diffRulesets, type RulesetDiff } from "./diff.ts";
export { type ExposedService, type Exposure, exposure } from "./exposure.ts";
export { type InvalidPassage, invalidPassages } from "./invalid.ts";
export {
  LOCKOUT_PARTS,
  type LockoutPart,
  type LockoutQuestion,
  lockout,
  type PartAnswer,
} from "./lockout.ts";
export { type AskedPackets, readPacketWords, type WordsError } from "./packet-words.ts";
export { FIVE_TUPLE, type Permitted, permitted } from "./permitted.ts";
export {
  type Fate,
  type ReachAnswer,
  type ReachOptions,
  reachable,
  type WhoCan,
  whoCan,
} from "./reachable.ts";
export {
  type AddressGroup,
  CLIENT_PORT,
  type Service,
  type ServiceGroups,
  type ServicesQuestion,
  services,
} from "./services.ts";
export {
  type RulePlace,
  type ShadowFinding,
  type ShadowReport,
  shadowedRules,
} from "./shadow/shadow.ts";
export {
  SPOOF_STATES,
  type SpoofAnswer,
  type Spoofing,
  type SpoofOptions,
  type SpoofState,
  spoofing,
} from "./spoof.ts";
