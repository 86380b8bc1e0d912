/**
 * The review of a whole ruleset: what a careful colleague would say about rules that the kernel accepts. Chains
 * that nothing uses, rules that no packet reaches, tests that cannot hold where they stand, verdicts and marks in the
 * wrong table, open policies, unlimited logs. One file a check in `checks/`; a finding is only reported where it can
 * be proved from the ruleset alone, so that each is true; `host.ts` adds what the host's other listings contradict. The chain map shows the same ruleset for reading.
 */
export { printChainMap } from "./chain-map.ts";
export type { Check, ReviewContext } from "./check.ts";
export { CHECKS } from "./checks/index.ts";
export { type HostFacts, reviewAgainstHost } from "./host.ts";
export { type Review, reviewRuleset } from "./review.ts";
export type { Role, RoleGuess } from "./role.ts";
export { reviewText } from "./text.ts";
