/** Every check, in the order of their names. */
import type { Check } from "../check.ts";
import { chainsEmpty } from "./chains-empty.ts";
import { chainsUnreferenced } from "./chains-unreferenced.ts";
import { logPrefixCut } from "./log-prefix-cut.ts";
import { logUnlimited } from "./log-unlimited.ts";
import { natLateExemption } from "./nat-late-exemption.ts";
import { natMasqueradeEverywhere } from "./nat-masquerade-everywhere.ts";
import { pathAfterTranslation } from "./path-after-translation.ts";
import { pathCannotSee } from "./path-cannot-see.ts";
import { pathConntrack } from "./path-conntrack.ts";
import { pathNoNeighbours } from "./path-no-neighbours.ts";
import { pathOutputShut } from "./path-output-shut.ts";
import { policy } from "./policy.ts";
import { ruleAcceptsEverything } from "./rule-accepts-everything.ts";
import { ruleAfterFinal } from "./rule-after-final.ts";
import { ruleDuplicate } from "./rule-duplicate.ts";
import { ruleListNeverFilled } from "./rule-list-never-filled.ts";
import { ruleNeverMatches } from "./rule-never-matches.ts";
import { ruleSameAsPolicy } from "./rule-same-as-policy.ts";
import { ruleShadowedByOne } from "./rule-shadowed-by-one.ts";
import { tableMarkOutsideMangle } from "./table-mark-outside-mangle.ts";
import { tableVerdictOutsideFilter } from "./table-verdict-outside-filter.ts";

export const CHECKS: readonly Check[] = [
  chainsEmpty,
  chainsUnreferenced,
  logPrefixCut,
  logUnlimited,
  natLateExemption,
  natMasqueradeEverywhere,
  pathAfterTranslation,
  pathCannotSee,
  pathConntrack,
  pathNoNeighbours,
  pathOutputShut,
  policy,
  ruleAcceptsEverything,
  ruleAfterFinal,
  ruleDuplicate,
  ruleListNeverFilled,
  ruleNeverMatches,
  ruleSameAsPolicy,
  ruleShadowedByOne,
  tableMarkOutsideMangle,
  tableVerdictOutsideFilter,
];
