/** Why a packet passes: who marked it, what translated it, which routing rule and route took it, and who let it through. */
import type { Span } from "../base/index.ts";
import type { RuleRef, Step } from "./journey.ts";
import type { Trace } from "./trace.ts";

/** Names of rules and lines of listings. */
export interface RulePlaces {
  name(rule: RuleRef): string;
  line(span: Span): string;
}

type TableStep = Extract<Step, { kind: "table" }>;

/** A phrase each, in the order of the packet's way; none for a packet that does not pass. */
export function reasonsOf({ journeys, outcome }: Trace, places: RulePlaces): readonly string[] {
  if (outcome.kind !== "leaves" && outcome.kind !== "delivered") return [];
  const steps = journeys[0]?.steps ?? [];
  const route = steps.findLast((step) => step.kind === "route");
  const marked = route?.kind === "route" && route.rule?.fwmark !== undefined;
  const reasons: string[] = [];
  let nat: TableStep | undefined;
  for (const step of steps) {
    if (step.kind === "table") {
      nat = step.table === "nat" ? step : undefined;
      if (marked && steps.indexOf(step) < steps.indexOf(route)) reasons.push(...markings(step, places));
      if (step.table === "filter") reasons.push(acceptance(step, places));
    } else if (step.kind === "translation") {
      const by = nat?.matched.at(-1);
      const who = by === undefined ? "the connection's translation" : places.name(by.rule);
      for (const { what, from, to } of step.changes)
        if (what === "source" || what === "destination")
          reasons.push(`${who} turns the ${what} ${from} into ${to}`);
    } else if (step === route && step.kind === "route") reasons.push(...routing(step, places));
  }
  return reasons;
}

const markings = ({ matched }: TableStep, places: RulePlaces): readonly string[] =>
  matched.flatMap(({ rule, changes }) =>
    changes.flatMap(({ what, to }) => (what === "mark" ? [`${places.name(rule)} makes the mark ${to}`] : [])),
  );

function acceptance({ table, chain, matched, policy }: TableStep, places: RulePlaces): string {
  const last = matched.at(-1);
  if (policy !== undefined || last === undefined) return `the policy of ${table} ${chain} accepts it`;
  return `${places.name(last.rule)} accepts it`;
}

function routing(
  { rule, destination }: Extract<Step, { kind: "route" }>,
  places: RulePlaces,
): readonly string[] {
  const { route, kind } = destination;
  if (kind !== "forward") return [];
  const written = route?.span === undefined ? undefined : `route is "${places.line(route.span)}"`;
  if (rule === undefined) return written === undefined ? [] : [`the ${written}`];
  const sent = `routing rule ${rule.priority} sends it to table ${route?.table ?? "?"}`;
  return written === undefined ? [sent] : [sent, `whose ${written}`];
}
