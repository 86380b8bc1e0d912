/**
 * Which family the listed routing rules are for. `ip rule` and `ip -6 rule` look alike: a rule names its family only
 * through an address, and the table "default" is one that IPv4 alone has a rule for. Where nothing tells, the file's name
 * does, and where that does not either, a family is taken, and said.
 */
import type { RoutingRule } from "../hoststate/index.ts";
import type { Family } from "../net/index.ts";
import { nameOf } from "./merging.ts";

export interface RuleListingOf {
  readonly rules: readonly RoutingRule[];
  readonly source: string;
  /** Said by who gives it. */
  readonly family: Family | undefined;
  /** Single rules that a person adds, and no listing of them all. */
  readonly said: boolean;
}

export interface RulesOfFamily {
  readonly rules: readonly RoutingRule[];
  /** They are all that the family has; else they come beside the three that every host starts with. */
  readonly complete: boolean;
}

interface Section extends RuleListingOf {
  family: Family | undefined;
}

export function rulesOfFamilies(
  listings: readonly RuleListingOf[],
  assumptions: string[],
): Readonly<Record<Family, RulesOfFamily>> {
  const sections = listings.flatMap(sectionsOf);
  for (const section of sections) section.family ??= tellFamily(section);
  for (const section of sections) {
    if (section.family !== undefined) continue;
    const others = sections.some(({ family }) => family === "ipv4");
    section.family = others ? "ipv6" : "ipv4";
    const [label, command] = others ? ["IPv6", "ip -6 rule"] : ["IPv4", "ip rule"];
    if (section.rules.some(isOwn))
      assumptions.push(
        `the routing rules of ${nameOf(section.source)} are those of ${label}: nothing in them says the family (a name such as "${command.replace(/ -?/g, "-")}" does)`,
      );
  }
  const rules: Record<Family, RoutingRule[]> = { ipv4: [], ipv6: [] };
  const complete: Record<Family, boolean> = { ipv4: false, ipv6: false };
  for (const { family, rules: own, said } of sections)
    for (const rule of own) {
      const of = rule.family ?? family ?? "ipv4";
      rules[of].push(rule);
      if (!said) complete[of] = true;
    }
  return {
    ipv4: { rules: rules.ipv4, complete: complete.ipv4 },
    ipv6: { rules: rules.ipv6, complete: complete.ipv6 },
  };
}

/** Two listings in one file: where the priorities begin anew. */
function sectionsOf({ rules, ...rest }: RuleListingOf): Section[] {
  const sections: Section[] = [];
  let last = -1;
  let current: RoutingRule[] = [];
  for (const rule of rules) {
    if (sections.length === 0 || (rule.priority < last && rest.family === undefined)) {
      current = [];
      sections.push({ rules: current, ...rest });
    }
    current.push(rule);
    last = rule.priority;
  }
  return sections;
}

function tellFamily({ rules, source }: Section): Family | undefined {
  const stated = rules.find(({ family }) => family !== undefined)?.family;
  if (stated !== undefined) return stated;
  if (rules.some(({ action }) => action.kind === "lookup" && action.table === "default")) return "ipv4";
  return /(?<!\d)6(?!\d)/.test(nameOf(source)) ? "ipv6" : undefined;
}

/** Not one of those that every host has. */
const isOwn = ({ priority }: RoutingRule): boolean => priority !== 0 && priority < 32_766;
