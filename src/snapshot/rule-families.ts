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
}

interface Section extends RuleListingOf {
  family: Family | undefined;
}

export function rulesOfFamilies(
  listings: readonly RuleListingOf[],
  assumptions: string[],
): Readonly<Record<Family, readonly RoutingRule[]>> {
  const sections = listings.flatMap(sectionsOf);
  for (const section of sections) section.family ??= tellFamily(section);
  for (const section of sections) {
    if (section.family !== undefined) continue;
    const others = sections.some(({ family }) => family === "ipv4");
    section.family = others ? "ipv6" : "ipv4";
    const [label, command] = others ? ["IPv6", "ip -6 rule"] : ["IPv4", "ip rule"];
    if (section.rules.some(isOwn))
      assumptions.push(
        `the routing rules of ${nameOf(section.source)} are those of ${label}: nothing in them says the family (a name such as "${command.replaceAll(" ", "-")}" does)`,
      );
  }
  const rules: Record<Family, RoutingRule[]> = { ipv4: [], ipv6: [] };
  for (const { family, rules: own } of sections)
    for (const rule of own) rules[rule.family ?? family ?? "ipv4"].push(rule);
  return rules;
}

/** Two listings in one file: where the priorities begin anew. */
function sectionsOf({ rules, source, family }: RuleListingOf): Section[] {
  const sections: Section[] = [];
  let last = -1;
  let current: RoutingRule[] = [];
  for (const rule of rules) {
    if (sections.length === 0 || (rule.priority < last && family === undefined)) {
      current = [];
      sections.push({ rules: current, source, family });
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
